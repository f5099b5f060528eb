from encaisse.kernel.errors import DomainError


class PeriodInvalid(DomainError):
    """These days are not a period: {reason}."""

    code = "period_invalid"
    status = 422
    french = "Cette période ne peut pas être lue : {reason}."
