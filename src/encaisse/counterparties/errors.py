from encaisse.kernel.errors import DomainError


class EmailInvalid(DomainError):
    """This e-mail address cannot be written to."""

    code = "email_invalid"
    status = 422
    french = "Cette adresse électronique n’est pas valable."
