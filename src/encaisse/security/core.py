"""Which alerts there are, who hears of them and how. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from encaisse.organizations.core import Permission, Role, allows


class Severity(StrEnum):
    GRAVE = "grave"
    LOOK = "look"
    INFORMATION = "information"


class Channel(StrEnum):
    """How one person is told, besides the page of alerts, where everything stands."""

    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"


class AlertState(StrEnum):
    OPEN = "open"
    SEEN = "seen"
    CLOSED = "closed"


# What was seen and happens again is open again; what is closed stays so, the next one is new.
ALERT_MOVES: Mapping[AlertState, frozenset[AlertState]] = {
    AlertState.OPEN: frozenset({AlertState.SEEN, AlertState.CLOSED}),
    AlertState.SEEN: frozenset({AlertState.OPEN, AlertState.CLOSED}),
    AlertState.CLOSED: frozenset(),
}


class Kind(StrEnum):
    FAILED_SIGN_INS = "failed_sign_ins"
    NEW_COUNTRY = "new_country"
    IMPOSSIBLE_TRAVEL = "impossible_travel"
    ACCOUNT_LOCKED = "account_locked"
    APPROVAL_REFUSED = "approval_refused"
    ACCOUNT_FROZEN = "account_frozen"
    NEW_ADMINISTRATOR = "new_administrator"
    FACTOR_ADDED = "factor_added"
    FACTOR_REMOVED = "factor_removed"
    PASSKEY_COPIED = "passkey_copied"
    RECOVERY_ASKED = "recovery_asked"
    IBAN_CHANGED = "iban_changed"
    UNUSUAL_EXPORT = "unusual_export"
    KEY_NEW_ADDRESS = "key_new_address"
    REFUND_SPREE = "refund_spree"
    LINK_REFUSED = "link_refused"
    PAYMENT_HELD = "payment_held"
    CARDS_TRIED = "cards_tried"
    DISPUTE_DUE = "dispute_due"
    REPORT_CONTESTED = "report_contested"
    WEBHOOKS_FAILING = "webhooks_failing"
    ENDPOINT_STOPPED = "endpoint_stopped"
    JOBS_STALLED = "jobs_stalled"
    BACKUP_OLD = "backup_old"
    CERTIFICATE_EXPIRING = "certificate_expiring"
    LIBRARY_VULNERABLE = "library_vulnerable"


_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """
    One kind of alert: its words, who hears of it, over how long it is one and the same.

    `sentence` is for the others, `own` for the person it is about. A `condition` lasts until it is
    mended: it is never counted, and closes by itself.
    """

    severity: Severity
    title: str
    sentence: str
    hears: Permission
    own: str = ""
    advice: str = ""
    window: timedelta = _HOUR
    can_freeze: bool = False
    is_condition: bool = False


_G, _L, _I = Severity.GRAVE, Severity.LOOK, Severity.INFORMATION
_P = Permission
# What only somebody with a person's own means can cause: nobody raises these about a colleague.
SAY_STOLEN = frozenset(
    {
        Kind.NEW_COUNTRY, Kind.IMPOSSIBLE_TRAVEL, Kind.ACCOUNT_LOCKED, Kind.PASSKEY_COPIED,
        Kind.APPROVAL_REFUSED,
    }
)  # fmt: skip
RULES: Mapping[Kind, Rule] = {
    Kind.FAILED_SIGN_INS: Rule(
        severity=_L,
        title="Mots de passe faux en série",
        sentence="Quelqu’un essaie des mots de passe sur le compte de {person}.",
        own="Quelqu’un essaie des mots de passe sur votre compte. Rien ne s’est ouvert.",
        advice="Si ce n’est pas une erreur de frappe, changez de mot de passe, ou gelez le compte.",
        hears=_P.MEMBERS_MANAGE,
        can_freeze=True,
    ),
    Kind.NEW_COUNTRY: Rule(
        severity=_G,
        title="Connexion depuis un nouveau pays",
        sentence="{person} s’est connecté depuis un pays inhabituel : {place}.",
        own="Quelqu’un s’est connecté à votre compte depuis un pays inhabituel : {place}.",
        advice="C’était bien prévu ? Il n’y a rien à faire. Sinon, gelez le compte maintenant.",
        hears=_P.MEMBERS_MANAGE,
        window=_DAY,
        can_freeze=True,
    ),
    Kind.IMPOSSIBLE_TRAVEL: Rule(
        severity=_G,
        title="Connexion trop loin de la précédente",
        sentence="{person} s’est connecté depuis {place}, trop vite après un autre pays.",
        own="Votre compte s’est ouvert depuis {place}, trop vite après un autre pays.",
        advice="Ce n’est pas un VPN que vous connaissez ? Gelez le compte maintenant.",
        hears=_P.MEMBERS_MANAGE,
        window=_DAY,
        can_freeze=True,
    ),
    Kind.ACCOUNT_LOCKED: Rule(
        severity=_G,
        title="Connexion refusée, compte fermé aux nouveaux appareils",
        sentence="Quelqu’un avait le mot de passe de {person} et a été refusé ({place}).",
        own="Quelqu’un avait votre mot de passe et a été refusé ({place}).",
        advice="Le mot de passe est sans doute volé : changez-le depuis un appareil connu.",
        hears=_P.MEMBERS_MANAGE,
        can_freeze=True,
    ),
    Kind.APPROVAL_REFUSED: Rule(
        severity=_G,
        title="Accord refusé sur le téléphone",
        sentence="{person} a refusé sur son téléphone : {what}.",
        own="Vous avez refusé sur votre téléphone : {what}.",
        advice="Quelqu’un a sans doute le mot de passe : changez-le, ou gelez le compte.",
        hears=_P.MEMBERS_MANAGE,
        can_freeze=True,
    ),
    Kind.ACCOUNT_FROZEN: Rule(
        severity=_G,
        title="Compte gelé",
        sentence="Le compte de {person} a été gelé par {by}. Sessions et clés sont fermées.",
        own="Votre compte a été gelé par {by}. Plus rien ne s’ouvre avec lui.",
        advice="Un propriétaire le rouvre depuis Réglages, Équipe, après avoir appelé la personne.",
        hears=_P.MEMBERS_MANAGE,
        window=timedelta(0),
    ),
    Kind.NEW_ADMINISTRATOR: Rule(
        severity=_G,
        title="Nouveau rôle étendu",
        sentence="{person} a désormais le rôle {role} ({by}).",
        own="Vous avez désormais le rôle {role} ({by}).",
        advice="Ce n’était pas prévu ? Gelez ce compte, puis retirez ce rôle dans l’équipe.",
        hears=_P.MEMBERS_MANAGE,
        can_freeze=True,
    ),
    Kind.FACTOR_ADDED: Rule(
        severity=_L,
        title="Nouveau moyen de connexion",
        sentence="{person} a ajouté un moyen de prouver son identité : {factor}.",
        own="Un moyen de prouver votre identité a été ajouté : {factor}.",
        advice="Ce n’est pas vous ? Gelez le compte maintenant.",
        hears=_P.MEMBERS_MANAGE,
        can_freeze=True,
    ),
    Kind.FACTOR_REMOVED: Rule(
        severity=_L,
        title="Moyen de connexion retiré",
        sentence="{person} a retiré un moyen de prouver son identité : {factor}.",
        own="Un moyen de prouver votre identité a été retiré : {factor}.",
        advice="Ce n’est pas vous ? Gelez le compte maintenant.",
        hears=_P.MEMBERS_MANAGE,
        can_freeze=True,
    ),
    Kind.PASSKEY_COPIED: Rule(
        severity=_G,
        title="Clé d’accès peut-être copiée",
        sentence="Une clé d’accès de {person} a répondu comme une copie : elle a été refusée.",
        own="Une de vos clés d’accès a répondu comme une copie : elle a été refusée.",
        advice="Retirez cette clé dans « Ma connexion », ou gelez le compte.",
        hears=_P.MEMBERS_MANAGE,
        can_freeze=True,
    ),
    Kind.RECOVERY_ASKED: Rule(
        severity=_L,
        title="Récupération d’accès demandée",
        sentence="{person} dit avoir perdu tous ses moyens de connexion.",
        own="Quelqu’un demande à récupérer l’accès à votre compte.",
        advice="Un appel suffit pour savoir. Un doute ? Arrêtez la demande, ou gelez le compte.",
        hears=_P.MEMBERS_MANAGE,
        can_freeze=True,
    ),
    Kind.IBAN_CHANGED: Rule(
        severity=_G,
        title="Compte d’encaissement changé",
        sentence="Vos clients paieront désormais sur {iban} (choisi par {by}).",
        own="Vous avez choisi {iban} pour recevoir les paiements.",
        advice="Ce n’était pas prévu ? Remettez l’ancien compte dans Trésorerie, puis gelez "
        "le compte de qui l’a changé.",
        hears=_P.BANK_WRITE,
        can_freeze=True,
    ),
    Kind.UNUSUAL_EXPORT: Rule(
        severity=_L,
        title="Export inhabituel",
        sentence="{person} a exporté : {what} ({lines} lignes), {why}.",
        own="Export depuis votre compte : {what} ({lines} lignes), {why}.",
        advice="Demandez pourquoi. Personne ne l’a fait ? Gelez le compte.",
        hears=_P.AUDIT_READ,
        window=_DAY,
        can_freeze=True,
    ),
    Kind.KEY_NEW_ADDRESS: Rule(
        severity=_L,
        title="Clé d’API utilisée depuis une nouvelle adresse",
        sentence="La clé « {key} » a servi depuis une adresse jamais vue ({place}).",
        advice="Votre site a déménagé ? Rien à faire. Sinon, révoquez la clé.",
        hears=_P.API_KEYS_MANAGE,
        window=_DAY,
    ),
    Kind.REFUND_SPREE: Rule(
        severity=_G,
        title="Remboursements en rafale",
        sentence="{person} a remboursé beaucoup en une heure : {number} fois, {amount}.",
        own="Beaucoup de remboursements en une heure depuis votre compte : {number} fois, "
        "{amount}.",
        advice="Ouvrez la liste des paiements. Un doute ? Gelez le compte maintenant.",
        hears=_P.PAYMENTS_REFUND,
        can_freeze=True,
    ),
    Kind.PAYMENT_HELD: Rule(
        severity=_L,
        title="Paiement à vérifier",
        sentence="{amount} retenus : {why}",
        advice="Ouvrez « À vérifier » dans Encaisser avant que l’accord de la banque n’expire.",
        hears=_P.FRAUD_REVIEW,
    ),
    Kind.CARDS_TRIED: Rule(
        severity=_G,
        title="Des cartes essayées sur un de vos liens",
        sentence="Le lien n’accepte plus de carte : {why}",
        advice="Parlez à votre client avant de libérer ce lien ; il peut payer par virement.",
        hears=_P.FRAUD_REVIEW,
    ),
    Kind.DISPUTE_DUE: Rule(
        severity=_G,
        title="Paiement contesté, à répondre",
        sentence="La banque d’un client reprend {amount} : {left} pour répondre.",
        advice="Ouvrez « Contestations » dans Encaisser : le dossier y est presque prêt. Sans "
        "réponse avant la date limite, la somme est perdue.",
        hears=_P.PAYMENTS_REFUND,
    ),
    Kind.REPORT_CONTESTED: Rule(
        severity=_L,
        title="Signalement contesté",
        sentence="Une personne conteste {what} dans la liste partagée. Il ne compte plus.",
        advice="Ouvrez « Liste partagée » dans Fraude : retirez le signalement, ou maintenez-le "
        "en disant pourquoi. Sans réponse sous un mois, il est retiré.",
        hears=_P.FRAUD_REVIEW,
        window=_DAY,
    ),
    Kind.LINK_REFUSED: Rule(
        severity=_G,
        title="Opération refusée",
        sentence="Refusé par {person}, ou après cinq preuves fausses de son compte : {operation}.",
        own="Refusé depuis votre compte, ou après cinq preuves fausses : {operation}.",
        advice="Personne ne l’a voulu ? Un montant ou un bénéficiaire a pu être changé en chemin : "
        "gelez le compte.",
        hears=_P.MEMBERS_MANAGE,
        can_freeze=True,
    ),
    Kind.WEBHOOKS_FAILING: Rule(
        severity=_L,
        title="Messages du prestataire refusés",
        sentence="Des messages dont la signature est fausse arrivent au nom de {provider}.",
        advice="Rien n’a été cru. Si cela dure, renouvelez le secret chez le prestataire.",
        hears=_P.PROVIDERS_CONNECT,
        window=_DAY,
    ),
    Kind.ENDPOINT_STOPPED: Rule(
        severity=_L,
        title="Un de vos programmes n’est plus prévenu",
        sentence="L’adresse chez {host} n’a rien reçu depuis cinq jours : elle s’est fermée "
        "d’elle-même.",
        advice="Remettez votre programme en marche, puis ouvrez l’adresse de nouveau dans "
        "Réglages, Webhooks. Ce qui n’est pas parti y est gardé et se renvoie.",
        hears=_P.API_KEYS_MANAGE,
        is_condition=True,
    ),
    Kind.JOBS_STALLED: Rule(
        severity=_L,
        title="Tâches de fond en retard",
        sentence="Des tâches de fond attendent depuis {minutes} minutes.",
        advice="Regardez les journaux du serveur, puis encaisse check.",
        hears=_P.SETTINGS_WRITE,
        is_condition=True,
    ),
    Kind.BACKUP_OLD: Rule(
        severity=_L,
        title="Sauvegarde trop ancienne",
        sentence="{state}",
        advice="Lancez encaisse backup create, et planifiez-la chaque nuit.",
        hears=_P.SETTINGS_WRITE,
        is_condition=True,
    ),
    Kind.CERTIFICATE_EXPIRING: Rule(
        severity=_L,
        title="Certificat ou attestation bientôt expiré",
        sentence="{what} expire le {until}.",
        advice="Renouvelez-le avant cette date : ensuite, les paiements s’arrêteraient.",
        hears=_P.SETTINGS_WRITE,
        is_condition=True,
    ),
    Kind.LIBRARY_VULNERABLE: Rule(
        severity=_L,
        title="Faille connue dans une bibliothèque",
        sentence="{library} a une faille connue ({advisory}), réparée en : {fixed}.",
        advice="Mettez Encaisse à jour : docs/install.md dit comment et sous quel délai.",
        hears=_P.SETTINGS_WRITE,
        is_condition=True,
    ),
}  # fmt: skip

_BY_DEFAULT: Mapping[Severity, frozenset[Channel]] = {
    Severity.GRAVE: frozenset(Channel),
    Severity.LOOK: frozenset({Channel.EMAIL}),
    Severity.INFORMATION: frozenset(),
}


def channels_of(kind: Kind, chosen: Mapping[Channel, bool]) -> frozenset[Channel]:
    """
    Return how a person is told of a kind, given what they chose where they chose.

    What is grave is never silent: whoever refuses every channel is still written to.
    """
    defaults = _BY_DEFAULT[RULES[kind].severity]
    kept = frozenset(one for one in Channel if chosen.get(one, one in defaults))
    if RULES[kind].severity is Severity.GRAVE and not kept:
        return frozenset({Channel.EMAIL})
    return kept


def kinds_heard_by(role: Role) -> frozenset[Kind]:
    """Return what a role hears of, whoever it is about."""
    return frozenset(kind for kind, rule in RULES.items() if allows(role, rule.hears))


def is_same_alert(kind: Kind, *, last_at: datetime, now: datetime) -> bool:
    """Tell whether what happens now continues an alert that last happened at that moment."""
    rule = RULES[kind]
    return rule.is_condition or now - last_at < rule.window


# How many wrong passwords or codes, or false signatures, are an alert; over how long.
FAILURES, FAILURES_SPAN = 5, timedelta(minutes=10)
REFUSED_WEBHOOKS, REFUSED_WEBHOOKS_SPAN = 3, _HOUR
REFUNDS, REFUNDS_SPAN = 5, _HOUR
# When a dispute that nobody answered is told a second time.
DISPUTE_NOTICE = timedelta(days=3)
JOBS_WITHIN = timedelta(minutes=15)
BACKUP_WITHIN = timedelta(days=2)
CERTIFICATE_NOTICE = timedelta(days=21)
# So many times the largest table a person took away before is unusual.
EXPORT_FACTOR = 3


def is_spree(*, number: int, total_minor: int, ceiling_minor: int) -> bool:
    """Tell whether an hour of refunds is too many, or several go over the firm's ceiling."""
    return number >= REFUNDS or (number > 1 and total_minor > ceiling_minor)


def is_unusual_export(*, lines: int, largest: int | None) -> bool:
    """Tell whether a person takes away a table for the first time, or a much larger one."""
    return largest is None or lines > EXPORT_FACTOR * max(largest, 1)


# As long as the accesses they tell of (CNIL, 2021-122: 6 to 12 months of logs).
FACTS_KEPT_FOR = timedelta(days=180)


def kinds_in_order() -> Iterable[tuple[Kind, Rule]]:
    """Return every kind, the gravest first, in the order of the table."""
    order = list(Severity)
    return sorted(RULES.items(), key=lambda pair: order.index(pair[1].severity))
