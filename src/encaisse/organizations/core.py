"""Who may do what, what an invitation may become, the colours a payer can read. Pure."""

import re
from collections.abc import Collection, Mapping
from datetime import timedelta
from enum import StrEnum

from encaisse.kernel.errors import Invalid


class Permission(StrEnum):
    """What can be allowed, as `resource:action`, in alphabetical order."""

    API_KEYS_MANAGE = "api_keys:manage"
    AUDIT_READ = "audit:read"
    BANK_IMPORT = "bank:import"
    BANK_READ = "bank:read"
    BANK_WRITE = "bank:write"
    CUSTOMERS_READ = "customers:read"
    CUSTOMERS_WRITE = "customers:write"
    DASHBOARD_READ = "dashboard:read"
    EVENTS_READ = "events:read"
    EXPORTS_READ = "exports:read"
    FRAUD_READ = "fraud:read"
    FRAUD_REVIEW = "fraud:review"
    FRAUD_WRITE = "fraud:write"
    INVOICES_CREDIT = "invoices:credit"
    INVOICES_ISSUE = "invoices:issue"
    INVOICES_READ = "invoices:read"
    LEDGER_READ = "ledger:read"
    MEMBERS_MANAGE = "members:manage"
    MEMBERS_READ = "members:read"
    OPERATIONS_SIGN = "operations:sign"
    PAYMENTS_ALLOCATE = "payments:allocate"
    PAYMENTS_READ = "payments:read"
    PAYMENTS_REFUND = "payments:refund"
    PAYMENTS_REQUEST = "payments:request"
    PROVIDERS_CONNECT = "providers:connect"
    QUOTES_READ = "quotes:read"
    QUOTES_WRITE = "quotes:write"
    SETTINGS_READ = "settings:read"
    SETTINGS_WRITE = "settings:write"


PERMISSION_WORDS: Mapping[Permission, str] = {
    Permission.API_KEYS_MANAGE: "Créer et révoquer les clés d’API",
    Permission.AUDIT_READ: "Lire le journal",
    Permission.BANK_IMPORT: "Importer les relevés de banque",
    Permission.BANK_READ: "Lire les comptes bancaires et leurs mouvements",
    Permission.BANK_WRITE: "Changer les comptes bancaires",
    Permission.CUSTOMERS_READ: "Lire les clients",
    Permission.CUSTOMERS_WRITE: "Écrire les clients",
    Permission.DASHBOARD_READ: "Lire le tableau de bord",
    Permission.EVENTS_READ: "Lire les évènements",
    Permission.EXPORTS_READ: "Exporter les livres",
    Permission.FRAUD_READ: "Lire les paiements à vérifier et les décisions",
    Permission.FRAUD_REVIEW: "Libérer ou refuser un paiement retenu",
    Permission.FRAUD_WRITE: "Changer les listes et la vigilance aux paiements",
    Permission.INVOICES_CREDIT: "Émettre des avoirs",
    Permission.INVOICES_ISSUE: "Émettre des factures",
    Permission.INVOICES_READ: "Lire les factures",
    Permission.LEDGER_READ: "Lire les écritures",
    Permission.MEMBERS_MANAGE: "Gérer l’équipe",
    Permission.MEMBERS_READ: "Lire l’équipe",
    Permission.OPERATIONS_SIGN: "Signer les opérations sensibles",
    Permission.PAYMENTS_ALLOCATE: "Affecter des paiements",
    Permission.PAYMENTS_READ: "Lire les paiements",
    Permission.PAYMENTS_REFUND: "Rembourser",
    Permission.PAYMENTS_REQUEST: "Demander des paiements",
    Permission.PROVIDERS_CONNECT: "Connecter le prestataire de paiement",
    Permission.QUOTES_READ: "Lire les devis",
    Permission.QUOTES_WRITE: "Écrire les devis",
    Permission.SETTINGS_READ: "Lire les réglages",
    Permission.SETTINGS_WRITE: "Changer les réglages",
}


class Role(StrEnum):
    OWNER = "owner"
    MANAGER = "manager"
    COLLECTOR = "collector"
    ACCOUNTANT = "accountant"
    AUDITOR = "auditor"


ROLE_WORDS: Mapping[Role, str] = {
    Role.OWNER: "Propriétaire",
    Role.MANAGER: "Gestionnaire",
    Role.COLLECTOR: "Encaissement",
    Role.ACCOUNTANT: "Comptable",
    Role.AUDITOR: "Auditeur",
}

_P = Permission
_COLLECTOR = frozenset(
    {
        _P.CUSTOMERS_READ, _P.CUSTOMERS_WRITE, _P.DASHBOARD_READ, _P.FRAUD_READ, _P.INVOICES_READ,
        _P.PAYMENTS_READ, _P.PAYMENTS_REQUEST, _P.QUOTES_READ, _P.QUOTES_WRITE,
    }
)  # fmt: skip
_ACCOUNTANT = frozenset(
    {
        _P.BANK_IMPORT, _P.BANK_READ, _P.CUSTOMERS_READ, _P.DASHBOARD_READ, _P.EVENTS_READ,
        _P.EXPORTS_READ, _P.FRAUD_READ, _P.INVOICES_READ, _P.LEDGER_READ, _P.PAYMENTS_READ,
        _P.QUOTES_READ, _P.SETTINGS_READ,
    }
)  # fmt: skip
_AUDITOR = frozenset(
    {
        _P.AUDIT_READ,
        _P.DASHBOARD_READ,
        _P.EVENTS_READ,
        _P.FRAUD_READ,
        _P.MEMBERS_READ,
        _P.SETTINGS_READ,
    }
)
_OWNER_ONLY = frozenset({_P.API_KEYS_MANAGE, _P.BANK_WRITE, _P.MEMBERS_MANAGE})

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.MANAGER: frozenset(Permission) - _OWNER_ONLY,
    Role.COLLECTOR: _COLLECTOR,
    Role.ACCOUNTANT: _ACCOUNTANT,
    Role.AUDITOR: _AUDITOR,
}


# What moves money, reads bank details, or gives the means to: a password alone does not open it.
SENSITIVE: frozenset[Permission] = frozenset(
    {
        _P.API_KEYS_MANAGE, _P.BANK_IMPORT, _P.BANK_READ, _P.BANK_WRITE, _P.EXPORTS_READ,
        _P.FRAUD_REVIEW, _P.FRAUD_WRITE, _P.MEMBERS_MANAGE, _P.OPERATIONS_SIGN, _P.PAYMENTS_REFUND,
        _P.PROVIDERS_CONNECT,
    }
)  # fmt: skip


def allows(role: Role, permission: Permission) -> bool:
    """Tell whether the role carries the permission; what is not listed is refused."""
    return permission in PERMISSIONS[role]


def may_sign(role: Role) -> bool:
    """Tell whether the role lets somebody sign operations."""
    return allows(role, _P.OPERATIONS_SIGN)


def gives_more(former: Role, wanted: Role) -> bool:
    """Tell whether a change of role gives a right to sign that the person did not have."""
    return may_sign(wanted) and not PERMISSIONS[wanted] <= PERMISSIONS[former]


def demands_second_factor(role: Role) -> bool:
    """Tell whether whoever has the role must show a second factor."""
    return bool(PERMISSIONS[role] & SENSITIVE)


# What a firm may ask two different people for: an IBAN, whole tables, an administrator, money out.
FOUR_EYES: Mapping[Permission, frozenset[Role]] = {
    permission: frozenset(
        role for role in Role if permission in PERMISSIONS[role] and may_sign(role)
    )
    for permission in (_P.BANK_WRITE, _P.EXPORTS_READ, _P.MEMBERS_MANAGE, _P.PAYMENTS_REFUND)
}


class OperationKind(StrEnum):
    """What is done only once somebody signed exactly that, amount and beneficiary included."""

    REFUND = "refund"
    COLLECT_ON = "bank_account:collect"
    CONNECT_PROVIDER = "provider:connect"
    EXPORT_ALL = "export:all"
    GIVE_ROLE = "member:give_role"
    INVITE_SIGNER = "member:invite_signer"
    SAFEGUARDS = "safeguards:set"
    VIGILANCE = "fraud:vigilance"


SIGNED_WITH: Mapping[OperationKind, Permission] = {
    OperationKind.REFUND: _P.PAYMENTS_REFUND,
    OperationKind.COLLECT_ON: _P.BANK_WRITE,
    OperationKind.CONNECT_PROVIDER: _P.PROVIDERS_CONNECT,
    OperationKind.EXPORT_ALL: _P.OPERATIONS_SIGN,
    # Whoever may sign anything may be the second to agree to another signer, or to less.
    OperationKind.GIVE_ROLE: _P.OPERATIONS_SIGN,
    OperationKind.INVITE_SIGNER: _P.OPERATIONS_SIGN,
    OperationKind.SAFEGUARDS: _P.OPERATIONS_SIGN,
    OperationKind.VIGILANCE: _P.OPERATIONS_SIGN,
}
# What the asker needs, when it is asked and still when it is done.
ASKED_WITH: Mapping[OperationKind, Permission] = {
    **SIGNED_WITH,
    OperationKind.GIVE_ROLE: _P.MEMBERS_MANAGE,
    OperationKind.INVITE_SIGNER: _P.MEMBERS_MANAGE,
    OperationKind.SAFEGUARDS: _P.MEMBERS_MANAGE,
    OperationKind.VIGILANCE: _P.FRAUD_WRITE,
}
# Which rule of two people it falls under: customers' money goes where either of two says.
_TWO_PEOPLE_WITH: Mapping[OperationKind, Permission] = {
    **SIGNED_WITH,
    OperationKind.CONNECT_PROVIDER: _P.BANK_WRITE,
    OperationKind.EXPORT_ALL: _P.EXPORTS_READ,
}
# What decides who decides: it takes two people as soon as anything does.
_OF_THE_RULES = frozenset(
    {
        OperationKind.GIVE_ROLE,
        OperationKind.INVITE_SIGNER,
        OperationKind.SAFEGUARDS,
        OperationKind.VIGILANCE,
    }
)


class OperationState(StrEnum):
    OPEN = "open"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


# An operation is done once or never: whatever ends it is the end.
OPERATION_MOVES: Mapping[OperationState, frozenset[OperationState]] = {
    state: frozenset(OperationState) - {OperationState.OPEN}
    if state is OperationState.OPEN
    else frozenset()
    for state in OperationState
}


class SignatureState(StrEnum):
    OPEN = "open"
    GIVEN = "given"
    ENDED = "ended"


SIGNATURE_LIFE = timedelta(minutes=5)
SIGNATURE_TRIES = 5
# How long an operation waits for the person who asked, and for somebody else.
OWN_PATIENCE = timedelta(minutes=15)
OTHERS_PATIENCE = timedelta(days=3)
# How long what two people allowed may be taken away, once.
EXPORT_LIFE = timedelta(hours=24)


def people_needed(kind: OperationKind, four_eyes: Collection[Permission]) -> int:
    """Return how many people must sign; who decides takes two where anything does."""
    if kind in _OF_THE_RULES:
        return 2 if four_eyes else 1
    return 2 if _TWO_PEOPLE_WITH[kind] in four_eyes else 1


class InvitationState(StrEnum):
    PENDING = "pending"
    ACCEPTED = "accepted"
    REVOKED = "revoked"
    EXPIRED = "expired"


# Whatever the end, it is the end: a link opens once.
INVITATION_MOVES: Mapping[InvitationState, frozenset[InvitationState]] = {
    InvitationState.PENDING: frozenset(InvitationState) - {InvitationState.PENDING},
    InvitationState.ACCEPTED: frozenset(),
    InvitationState.REVOKED: frozenset(),
    InvitationState.EXPIRED: frozenset(),
}


_COLOUR = re.compile(r"#[0-9a-f]{6}")
READABLE = 4.5


def parse_colour(text: str) -> str:
    """:raises Invalid: not a colour written #rrggbb"""
    colour = text.strip().lower()
    if not _COLOUR.fullmatch(colour):
        raise Invalid(reason="une couleur s’écrit #rrvvbb, par exemple #0b6e4f")
    return colour


def contrast(first: str, second: str) -> float:
    """Return the WCAG 2.2 contrast ratio of two #rrggbb colours, from 1 to 21."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def readable_on(colour: str, background: str) -> str:
    """Return the colour, darkened or lightened just enough to read at 4.5:1 on the background."""
    target = "#000000" if _luminance(background) > 0.18 else "#ffffff"
    for step in range(21):
        candidate = _mix(colour, target, step / 20)
        if contrast(candidate, background) >= READABLE:
            return candidate
    return target


def ink_on(colour: str) -> str:
    """Return black or white, whichever reads better on the colour (one always passes 4.5:1)."""
    return max(("#000000", "#ffffff"), key=lambda ink: contrast(ink, colour))


def _channels(colour: str) -> list[int]:
    return [int(colour[index : index + 2], 16) for index in (1, 3, 5)]


def _mix(colour: str, target: str, share: float) -> str:
    pairs = zip(_channels(colour), _channels(target), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _luminance(colour: str) -> float:
    linear = [
        value / 12.92 if (value := channel / 255) <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for channel in _channels(colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
