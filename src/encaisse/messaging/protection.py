"""What the tables of this package hold once the disk is stolen."""

from encaisse.kit.at_rest import clear, declare, sealed, sealed_of_person

declare(
    "messaging_outboundmail",
    clear("A word of ours, from a list.", "kind", "state", "failure"),
    clear("Our own reference of the message.", "message_id"),
    clear("Identifiers of stored files.", "attachments"),
    sealed("Whom we wrote to, and what.", "to_sealed", "subject_sealed", "letter_sealed"),
)
declare(
    "messaging_outboundtext",
    clear("A word of ours, from a list.", "kind", "state", "failure"),
    sealed_of_person("Whom we wrote to.", "number_sealed"),
    sealed_of_person("The words, until they are sent.", "text_sealed"),
)
declare(
    "messaging_pushkey",
    sealed_of_person("What tells push services who we are.", "private_sealed"),
)
