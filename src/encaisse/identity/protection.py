"""What the tables of this package hold once the disk is stolen."""

from collections.abc import Callable

from encaisse.identity.adapter import FACTOR_PLACE
from encaisse.identity.guardians import address_index
from encaisse.identity.models import session_place
from encaisse.identity.phones import number_index
from encaisse.kit.at_rest import (
    Row,
    Sealing,
    blind_index,
    clear,
    declare,
    digest,
    sealed_as,
    sealed_of_person,
)
from encaisse.kit.envelopes import JSON_TEXTS


def _factor(_row: Row) -> bytes:
    return FACTOR_PLACE.associated_data()


def _in_session(column: str) -> Callable[[Row], bytes]:
    return lambda row: session_place(row.key, column).associated_data()


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
declare(
    "identity_device",
    digest("The browser keeps the token; this finds it.", "token_digest"),
    clear("A browser and a system in words, “Firefox sur Windows”.", "agent"),
)
declare(
    "identity_accessevent",
    clear("Words of ours, from lists.", "action", "outcome", "level", "policy", "proofs"),
    clear("What was weighed: counts, yes and no, a country; no address, no name.", "facts"),
    clear("The rules that applied, in sentences shown to the person.", "reasons"),
    clear("A browser and a system in words.", "agent"),
    clear("A country, no closer.", "country"),
    digest("Tells equal networks; renewed keys make them look new.", "range_index"),
    digest("Tells equal payees; renewed keys make them look new.", "beneficiary_index"),
    sealed_of_person("Where somebody was.", "address_sealed"),
)
declare(
    "identity_session",
    digest("The cookie's key, as a digest: the row does not open the session.", "session_key"),
    sealed_as(
        "What a visit remembers: codes just sent, factors being enrolled.",
        "session_data",
        Sealing(_in_session("session_data"), key="session_key", has_organization=False),
    ),
    clear("A browser and a system in words.", "agent"),
    clear("A country, no closer.", "country"),
    sealed_as(
        "Where somebody is.",
        "address_sealed",
        Sealing(_in_session("address"), key="session_key", has_organization=False),
    ),
)
declare("identity_allowance", digest("Who or what is slowed down, keyed.", "key_digest"))
declare(
    "identity_phonefactor",
    sealed_of_person("A telephone number.", "number_sealed"),
    blind_index("Finds a telephone.", "number_index", of="number_sealed", make=number_index),
)
declare(
    "identity_onetimecode",
    clear("What the code is for.", "purpose"),
    digest("Six digits, keyed, for five minutes.", "digest"),
    sealed_of_person("What the code is about: a telephone number, say.", "about_sealed"),
)
declare(
    "identity_approver",
    clear("What its owner calls a browser.", "name"),
    clear("A public key.", "public_key"),
    sealed_of_person(
        "Where a browser is reached, and the keys it reads with.", "subscription_sealed"
    ),
)
declare(
    "identity_approval",
    clear("A word of ours, from a list.", "purpose", "state"),
    sealed_of_person("What was asked, from where, and the number shown.", "content_sealed"),
)
declare("identity_emergencycode", digest("Sixty random bits, keyed.", "digest"))
declare(
    "identity_guardianship",
    clear("A word of ours, from a list.", "state"),
    sealed_of_person("Who is asked to vouch.", "email_sealed"),
    blind_index("Finds it by address.", "email_index", of="email_sealed", make=address_index),
)
declare(
    "identity_recovery",
    clear("A word of ours, from a list.", "state"),
    digest("The guardian's half of the key, and the mailed one.", "code_digest", "token_digest"),
    sealed_of_person("The mailed half, to be sent when the day has passed.", "token_sealed"),
)
