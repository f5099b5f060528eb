"""How a page says the steps of a payment: words for people, nothing read here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from encaisse.kernel.money import NARROW_SPACE, Money
from encaisse.reporting.story.facts import Step, StepKind
from encaisse.web import french
from encaisse.web.firm.words import actor_words
from encaisse.web.states import METHODS, REFUSALS, STATES

People = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Said:
    """A step in words; `tone` is ok, wait, bad, info or quiet."""

    title: str
    text: str
    icon: str
    tone: str


_KEEPS_DEBIT = {"411", "416", "511", "512", "627"}
_ACCOUNTS = {
    "411": "Ce que doivent vos clients",
    "416": "Sommes contestées",
    "4191": "Acomptes reçus",
    "44571": "TVA à reverser",
    "4458": "TVA en attente de paiement",
    "471": "Argent à affecter",
    "511": "Argent en route",
    "512": "Votre compte en banque",
    "627": "Frais bancaires",
    "706": "Prestations vendues",
    "707": "Marchandises vendues",
}
_DISPUTES = {
    "fraudulent": "le client dit ne pas avoir payé lui-même",
    "duplicate": "le client dit avoir payé deux fois",
    "product_not_received": "le client dit n’avoir rien reçu",
    "product_unacceptable": "le client dit que le travail n’est pas conforme",
    "credit_not_processed": "le client attend un remboursement",
}
_ASKED_WITH = {"invoice": "avec la facture", "quote": "avec le devis"}
_NOTHING_TAKEN = "Rien n’a été débité."
_ENDED = {
    "canceled": "Essai annulé",
    "expired": "Page de paiement abandonnée",
}
_MAIL_TITLES = {"receipt": "Reçu envoyé au client", "deposit_invoice": "Facture d’acompte envoyée"}


def say(step: Step, people: People) -> Said:
    return _SAYERS[step.kind](step, people)


def account_words(account: str) -> str:
    return f"{_ACCOUNTS.get(account, account)} ({account})"


def signed(account: str, side: str, amount: Money) -> str:
    """Say one side of an entry by what grows and what shrinks, not by debit and credit."""
    grows = (side == "debit") == (account in _KEEPS_DEBIT)
    return f"{'+' if grows else '−'}{NARROW_SPACE}{amount}"


def _asked(step: Step, people: People) -> Said:
    text = f"Par {_who(step, people)}, {_ASKED_WITH.get(step.reason, 'sur demande libre')}."
    return Said(f"Demandé : {step.amount}", text, "link", "info")


def _sent(_step: Step, _people: People) -> Said:
    return Said("Lien envoyé au client", "Dans le message qui porte le document.", "send", "info")


def _opened(step: Step, _people: People) -> Said:
    method = METHODS.get(step.reason, step.reason).lower()
    text = f"Le client choisit : {method}. Vous ne voyez jamais ses codes."
    return Said(f"Page de paiement ouverte chez {step.name}", text, "out", "info")


def _refused(step: Step, _people: People) -> Said:
    card = f"Carte •••• {step.card}. " if step.card else ""
    title = f"Refusé : {REFUSALS.get(step.reason, REFUSALS['other'])}"
    return Said(title, f"{card}{_NOTHING_TAKEN}", "cross", "bad")


def _authenticated(step: Step, _people: People) -> Said:
    state = STATES["authentication"].get(step.reason)
    text = (
        "En cas de fraude, sa banque en répond, pas vous."
        if step.is_complete
        else "En cas de fraude, la perte peut rester à votre charge."
    )
    if state is None:
        return Said("Authentification forte", text, "key", "quiet")
    return Said(state.word, text, "key", state.tone)


def _reserved(step: Step, _people: People) -> Said:
    text = "Elle n’est pas encore débitée : nous la prenons, ou nous la libérons."
    return Said(f"Somme réservée par {step.name}", text, "clock", "wait")


def _doubt(step: Step, _people: People) -> Said:
    text = "Il n’a pas confirmé. Nous le lui redemandons ; n’encaissez pas une seconde fois."
    return Said(f"Réponse de {step.name} attendue", text, "clock", "wait")


def _ended(step: Step, _people: People) -> Said:
    if step.reason in REFUSALS:
        return Said(f"Essai terminé : {REFUSALS[step.reason]}", _NOTHING_TAKEN, "cross", "bad")
    title = _ENDED.get(step.reason, "Essai terminé sans paiement")
    return Said(title, _NOTHING_TAKEN, "cross", "quiet")


def _paid(step: Step, _people: People) -> Said:
    how = step.card or METHODS.get(step.reason, step.reason)
    return Said(f"Payé : {step.amount}", f"{how}, chez {step.name}.", "check", "ok")


def _allocated(step: Step, people: People) -> Said:
    return Said("Affecté à cette demande", f"Par {_who(step, people)}.", "link", "ok")


def _invoiced(step: Step, _people: People) -> Said:
    if step.reason == "deposit":
        return Said(f"Facture d’acompte {step.name} émise", "Elle suit l’argent.", "invoice", "ok")
    if step.is_complete:
        return Said(
            f"Facture {step.name} payée", "Votre client ne doit plus rien.", "invoice", "ok"
        )
    text = "La facture n’est pas soldée : elle dit ce qui reste à payer."
    return Said(f"Compté sur la facture {step.name}", text, "invoice", "wait")


def _booked(_step: Step, _people: People) -> Said:
    return Said("Écrit dans vos livres", "", "pen", "ok")


def _mailed(step: Step, _people: People) -> Said:
    if not step.is_complete:
        text = "Ce client n’a pas d’adresse électronique dans sa fiche."
        return Said("Pas de reçu envoyé", text, "alert", "wait")
    state = step.proofs[0].detail if step.proofs else ""
    if state == "failed":
        return Said("Le reçu n’est pas parti", "L’adresse l’a refusé.", "alert", "wait")
    if state != "sent":
        return Said("Reçu prêt à partir", "Il part dans un instant.", "clock", "wait")
    return Said(_MAIL_TITLES.get(step.reason, "Message envoyé"), "", "send", "ok")


def _payout(step: Step, _people: People) -> Said:
    text = f"Pour ce paiement : {step.amount}, moins {step.fee} de frais."
    return Said(f"Versement annoncé : {step.net}", text, "bank", "info")


def _arrived(step: Step, _people: People) -> Said:
    whole = step.net is not None and step.net != step.amount
    text = f"{step.name}, dans un versement de {step.amount}." if whole else f"{step.name}."
    return Said(f"Arrivé sur votre compte : {step.net or step.amount}", text, "bank", "ok")


def _refund_asked(step: Step, people: People) -> Said:
    reason = f" Motif : {step.reason}." if step.reason else ""
    title = f"Remboursement demandé : {step.amount}"
    if not step.is_complete:
        text = "Le prestataire n’a pas confirmé ; nous le lui redemandons. Ne le refaites pas."
        return Said(title, text, "clock", "wait")
    return Said(title, f"Par {_who(step, people)}.{reason}", "back", "info")


def _refunded(step: Step, _people: People) -> Said:
    return Said(f"Remboursé : {step.amount}", "L’argent est reparti chez le client.", "back", "ok")


def _refund_failed(_step: Step, _people: People) -> Said:
    text = "Rien n’est reparti ; la somme peut de nouveau être remboursée."
    return Said("Remboursement refusé", text, "cross", "bad")


def _disputed(step: Step, _people: People) -> Said:
    why = f" : {_DISPUTES[step.reason]}" if step.reason in _DISPUTES else ""
    until = f" Répondez avant le {french.long_day(step.due_on)}." if step.due_on else ""
    answer = "" if step.is_complete else until
    text = f"La banque du client retient la somme{why}.{answer}"
    return Said(f"Contesté : {step.amount}", text, "alert", "bad")


def _dispute_won(step: Step, _people: People) -> Said:
    return Said("Contestation gagnée", f"{step.amount} vous reviennent.", "check", "ok")


def _dispute_lost(step: Step, _people: People) -> Said:
    text = f"{step.amount} sont rendus au client, qui vous les doit de nouveau."
    return Said("Contestation perdue", text, "cross", "bad")


def _who(step: Step, people: People) -> str:
    words = actor_words(step.actor, people) if step.actor else "Encaisse"
    return words if step.actor.startswith("member:") else words[0].lower() + words[1:]


_SAYERS: Mapping[StepKind, Callable[[Step, People], Said]] = {
    StepKind.ASKED: _asked,
    StepKind.SENT: _sent,
    StepKind.OPENED: _opened,
    StepKind.REFUSED: _refused,
    StepKind.AUTHENTICATED: _authenticated,
    StepKind.RESERVED: _reserved,
    StepKind.DOUBT: _doubt,
    StepKind.ENDED: _ended,
    StepKind.PAID: _paid,
    StepKind.ALLOCATED: _allocated,
    StepKind.INVOICED: _invoiced,
    StepKind.BOOKED: _booked,
    StepKind.MAILED: _mailed,
    StepKind.PAYOUT: _payout,
    StepKind.ARRIVED: _arrived,
    StepKind.REFUND_ASKED: _refund_asked,
    StepKind.REFUNDED: _refunded,
    StepKind.REFUND_FAILED: _refund_failed,
    StepKind.DISPUTED: _disputed,
    StepKind.DISPUTE_WON: _dispute_won,
    StepKind.DISPUTE_LOST: _dispute_lost,
}
