"""What the tables of this package hold once the disk is stolen."""

from encaisse.kit.at_rest import clear, declare, sealed

declare(
    "messaging_outboundmail",
    clear("A word of ours, from a list.", "kind", "state", "failure"),
    clear("Our own reference of the message.", "message_id"),
    clear("Identifiers of stored files.", "attachments"),
    sealed("Whom we wrote to, and what.", "to_sealed", "subject_sealed", "letter_sealed"),
)
