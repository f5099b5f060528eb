from encaisse.kernel.errors import DomainError


class TooManyEndpoints(DomainError):
    """A firm has {largest} endpoints at most."""

    code = "too_many_endpoints"
    status = 409
    french = "Vous avez déjà {largest} adresses : fermez-en une d’abord."
