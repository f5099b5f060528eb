"""What the tables of this package hold once the disk is stolen."""

from encaisse.kit.at_rest import clear, declare

declare(
    "webhooks_storedevent",
    clear("A public name of ours.", "kind"),
    clear("Identifiers and amounts: what happened, never whom it concerns.", "data"),
)
