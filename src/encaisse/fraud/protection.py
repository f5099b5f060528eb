"""What the tables of this package hold once the disk is stolen."""

from encaisse.kit.at_rest import clear, declare, digest, sealed

_OURS = "A word of ours, from a list."
_TOKENS = "Tells equal things, by the firm's own secret: names nothing without it."
_MARKS = "Tells equal things at all firms, by the host's own secret: names nothing without it."

declare(
    "fraud_vigilance",
    clear(_OURS, "preset", "trade"),
    sealed("The secret that makes this firm's tokens.", "token_key_sealed"),
    clear("Which impact assessment was accepted.", "sharing_assessment"),
)
declare(
    "fraud_subjecttally",
    clear(_OURS, "kind"),
    digest(_TOKENS, "token"),
    clear("Counts and amounts by hour and day, of a token.", "state"),
)
declare(
    "fraud_passagerecord",
    clear(_OURS, "method"),
    digest(_TOKENS, "tokens"),
    digest(_MARKS, "marks"),
    clear("Countries, dates, whether an address is of those thrown away.", "known"),
    sealed("The payer's address, browser and device.", "seen_sealed"),
)
declare(
    "fraud_frauddecision",
    clear(_OURS, "stage", "policy", "trade", "verdict", "outcome", "left_out", "broken"),
    clear("Identifiers of rules.", "own_rules", "watched"),
    clear("Names one model of ours.", "model"),
    clear("Counts, amounts and countries: no person is named.", "facts", "reasons"),
)
declare(
    "fraud_reviewcase",
    clear(_OURS, "state"),
    sealed("What whoever decided wrote.", "note_sealed"),
)
declare("fraud_passagelabel", clear(_OURS, "label", "source"))
declare(
    "fraud_listentry",
    clear(_OURS, "kind", "subject"),
    digest(_TOKENS, "token"),
    sealed("An address, a card's fingerprint, a device.", "value_sealed"),
    sealed("Why somebody is listed.", "reason_sealed"),
)
declare("fraud_snooze", clear("The code of a rule.", "rule"))
declare(
    "fraud_ownrule",
    clear(_OURS, "state"),
    clear("A rule the firm wrote: amounts, countries, a sentence.", "written"),
)
declare(
    "fraud_sharedreport",
    clear(_OURS, "kind", "reason", "ended_why"),
    digest(_MARKS, "mark"),
    sealed("Why whoever looked again keeps a report.", "note_sealed"),
)
declare("fraud_sharedappeal", clear(_OURS, "kind"), digest(_MARKS, "mark"))
