"""What the tables of this package hold once the disk is stolen."""

from encaisse.identity.adapter import FACTOR_PLACE
from encaisse.kit.at_rest import Row, Sealing, clear, declare, digest, sealed_as
from encaisse.kit.envelopes import JSON_TEXTS


def _factor(_row: Row) -> bytes:
    return FACTOR_PLACE.associated_data()


declare(
    "identity_user",
    digest("Argon2id of the password.", "password"),
    clear("People sign in and are found by it.", "email"),
    clear("Shown beside what the person did.", "full_name"),
)
declare("auth_permission", clear("Names of our own models.", "name", "codename"))
declare("auth_group", clear("Not used: roles are ours.", "name"))
declare("account_emailaddress", clear("People sign in and are found by it.", "email"))
declare("account_emailconfirmation", clear("Not used: addresses are proven by a code.", "key"))
declare(
    "mfa_authenticator",
    clear("Which kind of factor.", "type"),
    sealed_as(
        "The secrets of factors, each sealed inside.",
        "data",
        Sealing(_factor, JSON_TEXTS, has_organization=False),
    ),
)
