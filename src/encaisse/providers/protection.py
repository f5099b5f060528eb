"""What the tables of this package hold once the disk is stolen."""

from encaisse.kit.at_rest import clear, declare, sealed

_THEIRS = "The provider's name for an object: opens nothing without the keys."
_OURS = "A word of ours, or of the provider's contract."

declare(
    "providers_connection",
    clear(_OURS, "provider", "state", "currency", "checkout_host"),
    clear(_THEIRS, "account_id", "webhook_endpoint_id"),
    clear("What the firm is called at its provider.", "display_name"),
    clear("A public document of the provider.", "pci_certificate_url"),
    sealed("Keys that move money, and that prove who writes.", "credentials_sealed"),
    sealed("The secret that signs what the provider sends.", "webhook_secret_sealed"),
)
declare(
    "providers_inboundevent",
    clear(_THEIRS, "external_id", "object_id"),
    clear(_OURS, "kind", "object_kind"),
    sealed("What the provider says of a payment.", "body_sealed"),
)
declare("providers_pendingevent", clear(_OURS, "last_error"))
