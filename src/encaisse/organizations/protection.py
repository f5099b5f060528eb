"""What the tables of this package hold once the disk is stolen."""

from encaisse.kit.at_rest import blind_index, clear, declare, digest, sealed
from encaisse.organizations.invitations import email_index

_PUBLISHED = "The firm's own public identity, printed on each of its documents."

declare(
    "organizations_profile",
    clear(_PUBLISHED, "name", "legal_name", "legal_form", "siren", "trade_register_city"),
    clear(_PUBLISHED, "vat_number", "street", "postal_code", "city", "country", "email", "website"),
    clear(_PUBLISHED, "insurance", "mediator", "colour", "trade"),
    sealed("A telephone number.", "phone_sealed"),
    sealed("The secret in the address of the proofs.", "proofs_token_sealed"),
)
declare("organizations_membership", clear("A word of ours, from a list.", "role"))
declare(
    "organizations_invitation",
    clear("A word of ours, from a list.", "role", "state"),
    sealed("Who is asked to join, and the link's secret.", "email_sealed", "token_sealed"),
    blind_index(
        "Finds an invitation by its address.", "email_index", of="email_sealed", make=email_index
    ),
)
declare(
    "organizations_apikey",
    clear("What the firm calls the key, and what the key may do.", "name", "scopes"),
    clear("The last letters of the key, to tell one from another.", "hint"),
    digest("Finds the key from its 256 random bits.", "digest"),
    clear("A country, no closer.", "last_used_country"),
    sealed("Where the firm's own machines stand.", "addresses_sealed"),
)
declare(
    "organizations_apikeyrange",
    digest("Tells equal networks; renewed keys make them look new.", "range_index"),
)
declare(
    "organizations_handle",
    clear("A word of ours, from a list.", "kind"),
    digest("Finds a row from 128 random bits of an address.", "digest"),
)
declare(
    "organizations_safeguards",
    clear("Words of ours, from lists, and an amount.", "preset", "currency", "four_eyes"),
)
declare(
    "organizations_operation",
    clear("Words of ours, from lists, and codes of errors.", "kind", "state", "failure"),
    clear("A word of ours, from a list.", "currency"),
    sealed("What would be done: amounts, people, accounts.", "content_sealed"),
)
declare(
    "organizations_signature",
    clear("Words of ours, from lists.", "state", "level", "proofs"),
    clear("Random, and useless without the operation it is mixed with.", "nonce"),
    digest("Compares what was shown with what would be done.", "bound_to"),
    digest("Tells one session from another, as the table of sessions does.", "begun_in"),
)
