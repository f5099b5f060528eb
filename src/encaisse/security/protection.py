"""What the tables of this package hold once the disk is stolen."""

from encaisse.kit.at_rest import clear, declare, digest, sealed

_OURS = "A word of ours, from a list."

declare(
    "security_alert",
    clear(_OURS, "kind", "state"),
    clear("What it is about: a kind and an identifier.", "subject"),
    sealed("Where from, which device, which key: what is told of it.", "facts_sealed"),
)
declare("security_alertdelivery", clear(_OURS, "channel", "state"))
declare("security_alertpreference", clear(_OURS, "kind", "channel"))
declare("security_freezelink", digest("The message keeps the secret; this finds it.", "digest"))
declare(
    "security_tally",
    digest("Whose or what is counted, keyed.", "key_digest"),
    clear("Times, amounts and identifiers; never whose they are.", "events"),
)
declare("security_exporthabit", clear("Which table.", "what"))
