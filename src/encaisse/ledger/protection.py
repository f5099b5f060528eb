"""What the tables of this package hold once the disk is stolen."""

from encaisse.kit.at_rest import clear, declare

_BOOKS = "The books: read, searched and exported whole, as the law asks (LPF art. A47 A-1)."
_CODES = "A code of the chart of accounts, or a word of ours."

declare(
    "ledger_journalentry",
    clear(_CODES, "journal", "reason"),
    clear(_BOOKS, "piece_reference", "label"),
    clear("What caused the entry: a kind and an identifier.", "source"),
)
declare(
    "ledger_journalline",
    clear(_CODES, "account", "side", "currency"),
    clear(_BOOKS, "auxiliary_code", "auxiliary_name"),
)
declare("ledger_entrycounter", clear(_CODES, "journal"))
declare("ledger_accounttotal", clear(_CODES, "account", "currency"))
