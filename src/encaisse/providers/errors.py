from encaisse.kernel.errors import DomainError


class NoConnection(DomainError):
    """The organization has no active payment provider."""

    code = "no_provider_connection"
    status = 409
    french = "Aucun prestataire de paiement n’est connecté."


class OtherAccountConnected(DomainError):
    """Another account is connected: putting one in its place is signed first."""

    code = "other_account_connected"
    status = 409
    french = (
        "Un autre compte est déjà connecté : en changer se signe. Recommencez depuis la page du "
        "prestataire de paiement."
    )


class WebhookForOtherAccount(DomainError):
    """The event is about another merchant's account."""

    code = "webhook_other_account"
    status = 400
    french = "Ce message concerne un autre compte."
