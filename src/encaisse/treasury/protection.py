"""What the tables of this package hold once the disk is stolen."""

from encaisse.kit.at_rest import blind_index, clear, declare, digest, sealed
from encaisse.treasury.services.accounts import index_of_iban

_OURS = "A word of ours, from a list."
_MATCHED = "Compared with our own references to explain the line."

declare(
    "treasury_bankaccount",
    clear("The country and the last four figures, which pages show.", "iban_masked"),
    clear(_OURS, "currency"),
    sealed("The number of a bank account.", "iban_sealed"),
    sealed("Whose account, where, and what it is called.", "holder_sealed", "label_sealed"),
    sealed("At which bank.", "bank_name_sealed"),
    blind_index(
        "Finds an account by its number.", "iban_index", of="iban_sealed", make=index_of_iban
    ),
)
declare("treasury_bankstatement", clear("The bank's number of a statement.", "statement_id"))
declare(
    "treasury_banktransaction",
    clear(_OURS, "currency", "bank_code"),
    clear(_MATCHED, "bank_reference", "end_to_end_id"),
    sealed("Who paid, from which account, and their words.", "details_sealed"),
    digest("Tells a line met again; it covers the whole line.", "fingerprint"),
)
declare(
    "treasury_banktransactiontwin",
    digest("Tells a line met again; it covers the whole line.", "fingerprint"),
)
declare("treasury_match", clear(_OURS, "kind"), clear("Our own words and references.", "reason"))
