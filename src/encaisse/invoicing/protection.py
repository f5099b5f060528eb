"""What the tables of this package hold once the disk is stolen."""

from encaisse.kit.at_rest import clear, declare, digest, sealed

_OURS = "A word of ours, from a list."

declare(
    "invoicing_document",
    clear(_OURS, "kind"),
    clear("Lists and searches show it.", "number"),
    digest("The hash a customer accepts; it covers the whole document.", "sha256"),
    sealed("Who sells what to whom: addresses, telephone, lines.", "snapshot_sealed"),
)
declare("invoicing_documentfile", clear(_OURS, "language"))
declare("invoicing_numbercounter", clear(_OURS, "series"))
declare(
    "invoicing_quote",
    clear(_OURS, "state", "agreement_place"),
    clear("Lists and searches show it.", "subject"),
    digest("The hash the customer accepted.", "accepted_sha256"),
    sealed("What is being offered.", "lines_sealed"),
    sealed("The secret of the customer's link.", "token_sealed"),
    sealed("Who accepted, from where, or why they refused.", "answer_sealed"),
)
declare("invoicing_invoice", clear(_OURS, "kind", "state"), clear("Lists show it.", "number"))
