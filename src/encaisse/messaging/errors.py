from encaisse.kernel.errors import DomainError


class TextNotSent(DomainError):
    """The text message was refused by the gateway, or none is set up ({reason})."""

    code = "text_not_sent"
    status = 503
    french = "Le SMS n’est pas parti ({reason}). Vérifiez le numéro, ou choisissez un autre moyen."
