"""What a bank's reason means, what convinces it, and how long is left. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from encaisse.reporting.evidence.facts import Piece
from encaisse.web import french

URGENT = timedelta(days=3)
_P = Piece


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason in French: its name, what the payer says, our advice, and what convinces."""

    title: str
    said: str
    advice: str
    needs: frozenset[Piece]


_WORK = frozenset({_P.QUOTE, _P.INVOICE, _P.STATEMENT, _P.PHOTOS})
_GENERAL = Reason(
    "Autre motif",
    "La banque du client conteste sans dire précisément pourquoi.",
    "Racontez les faits dans l’ordre, avec leurs dates, et joignez ce qui les prouve.",
    _WORK,
)
REASONS: Mapping[str, Reason] = {
    "fraudulent": Reason(
        "Paiement non reconnu (fraude)",
        "Le porteur de la carte dit ne pas avoir payé lui-même.",
        "L’identification par sa banque (3-D Secure) est la meilleure preuve. Sans elle, montrez "
        "que c’est bien votre client : devis accepté, messages, photos du chantier à son adresse.",
        frozenset({_P.IDENTITY, _P.QUOTE, _P.STATEMENT}),
    ),
    "unrecognized": Reason(
        "Paiement que le client ne reconnaît pas",
        "Le client ne retrouve pas à quoi correspond ce débit.",
        "Appelez-le d’abord : souvent, le nom sur son relevé n’est pas celui qu’il connaît. S’il "
        "se souvient, demandez-lui de retirer sa contestation, et répondez quand même.",
        frozenset({_P.QUOTE, _P.INVOICE, _P.IDENTITY, _P.MESSAGES}),
    ),
    "product_not_received": Reason(
        "Rien reçu",
        "Le client dit n’avoir pas reçu ce qu’il a payé.",
        "Il faut une preuve de livraison ou de travaux : bon signé, rapport d’intervention, "
        "photos datées.",
        frozenset({_P.PHOTOS, _P.INVOICE, _P.STATEMENT}),
    ),
    "product_unacceptable": Reason(
        "Travail ou produit non conforme",
        "Le client dit que ce qu’il a reçu n’est pas ce qui était promis.",
        "Comparez ce que disait le devis et ce qui a été fait, photos à l’appui. Dites aussi ce "
        "que vous avez proposé pour réparer.",
        _WORK,
    ),
    "duplicate": Reason(
        "Payé deux fois",
        "Le client dit avoir payé deux fois la même chose.",
        "Si c’est vrai, ne contestez pas. Sinon, montrez les deux factures et à quoi chacune "
        "correspond.",
        frozenset({_P.INVOICE, _P.BANK_LINE, _P.STATEMENT}),
    ),
    "subscription_canceled": Reason(
        "Abonnement résilié",
        "Le client dit avoir résilié avant d’être débité.",
        "Montrez les conditions acceptées et la date à laquelle la résiliation vous est parvenue.",
        frozenset({_P.QUOTE, _P.MESSAGES, _P.STATEMENT}),
    ),
    "credit_not_processed": Reason(
        "Remboursement attendu",
        "Le client dit attendre un remboursement que vous lui devez.",
        "Si vous le devez, ne contestez pas : l’argent est déjà chez lui. Sinon, expliquez "
        "pourquoi rien n’était dû.",
        frozenset({_P.STATEMENT, _P.MESSAGES}),
    ),
    "general": _GENERAL,
}
_PIECES: Mapping[Piece, tuple[str, str]] = {
    _P.STATEMENT: ("Ce qui s’est passé, dit par vous", "Racontez-le ci-dessous."),
    _P.QUOTE: ("Devis accepté, avec sa preuve", "Aucun devis accepté en ligne."),
    _P.INVOICE: ("Facture", "Aucune facture liée à ce paiement."),
    _P.IDENTITY: ("Identification par sa banque (3-D Secure)", "La banque ne l’a pas identifié."),
    _P.CHECKS: ("Contrôle sans rien d’inhabituel", "Quelque chose étonnait : on n’en dit rien."),
    _P.PAGE: ("Visite de la page de paiement", "Aucune visite enregistrée."),
    _P.MESSAGES: ("Messages envoyés au client", "Aucun message envoyé par Encaisse."),
    _P.PHOTOS: ("Bon de livraison, rapport, photos", "Ajoutez-les ci-dessous."),
    _P.BANK_LINE: ("Ligne de votre relevé", "L’argent n’est pas encore rapproché."),
}


@dataclass(frozen=True, slots=True)
class PieceLine:
    """One line of the list of proofs."""

    label: str
    hint: str
    is_there: bool
    is_needed: bool


def reason_of(code: str) -> Reason:
    """Return what a reason means; one that a provider adds later reads as general."""
    return REASONS.get(code, _GENERAL)


def piece_lines(pieces: Mapping[Piece, bool], reason: Reason) -> Sequence[PieceLine]:
    """List the proofs: what convinces for this reason first."""
    lines = [
        PieceLine(*_PIECES[piece], is_there=is_there, is_needed=piece in reason.needs)
        for piece, is_there in pieces.items()
    ]
    return sorted(lines, key=lambda line: not line.is_needed)


@dataclass(frozen=True, slots=True)
class Countdown:
    """How long is left to answer."""

    words: str
    is_urgent: bool
    is_over: bool


def countdown(due: datetime | None, now: datetime) -> Countdown:
    """Say how long is left: whole days, then hours."""
    if due is None:
        return Countdown("sans date limite", is_urgent=False, is_over=False)
    left = due - now
    if left <= timedelta():
        return Countdown("date limite passée", is_urgent=False, is_over=True)
    hours = left / timedelta(hours=1)
    whole = french.days(int(hours // 24)) if hours >= 48 else french.hours(max(1, int(hours)))
    return Countdown(f"encore {whole}", is_urgent=left < URGENT, is_over=False)
