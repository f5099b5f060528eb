"""What the tables of this package hold once the disk is stolen."""

from encaisse.kit.at_rest import clear, declare, sealed

declare(
    "webhooks_storedevent",
    clear("A public name of ours.", "kind"),
    clear("Identifiers and amounts: what happened, never whom it concerns.", "data"),
)
declare(
    "webhooks_endpoint",
    clear("A word of ours, from a list.", "hears"),
    sealed("May hold a token of the receiver's.", "url_sealed"),
    sealed("Signs what we send: whoever has it speaks in our name.", "secret_sealed"),
)
declare(
    "webhooks_delivery",
    clear("Words of ours, from lists, or the status of an answer.", "kind", "state", "outcome"),
    clear("Identifiers, counts and words of ours; nobody's name.", "data"),
)
