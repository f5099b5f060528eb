from encaisse.kernel.errors import DomainError


class EndpointStopped(DomainError):
    """The endpoint took nothing for days and closed by itself; it has to be opened again first."""

    code = "endpoint_stopped"
    status = 409
    french = "Cette adresse s’est fermée d’elle-même : ouvrez-la de nouveau d’abord."


class TooManyEndpoints(DomainError):
    """A firm has {largest} endpoints at most."""

    code = "too_many_endpoints"
    status = 409
    french = "Vous avez déjà {largest} adresses : fermez-en une d’abord."
