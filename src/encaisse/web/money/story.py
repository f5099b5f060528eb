"""The story of a payment as its page shows it: steps, proofs, and where the money is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from encaisse.organizations.core import Permission, Role, allows
from encaisse.reporting.story.facts import (
    Ending,
    EndingKind,
    Proof,
    ProofKind,
    Step,
    StepKind,
    Story,
)
from encaisse.web import french
from encaisse.web.money.story_words import People, Said, account_words, say, signed
from encaisse.web.templatetags.encaisse import moment, short_day


@dataclass(frozen=True, slots=True)
class ProofLine:
    """One proof: what it is, the identifier to quote, and the page that shows it, if one may."""

    label: str
    code: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class MoveLine:
    """What grew or shrank in the books, and by how much."""

    label: str
    amount: str


@dataclass(frozen=True, slots=True)
class StepLine:
    said: Said
    when: str
    is_books: bool
    moves: tuple[MoveLine, ...]
    proofs: tuple[ProofLine, ...]


@dataclass(frozen=True, slots=True)
class EndingLine:
    """The last word: where the money is. `tone` is ok, wait, bad or info."""

    text: str
    tone: str
    icon: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class StoryPage:
    steps: tuple[StepLine, ...]
    ending: EndingLine


def page_of(story: Story, *, people: People, role: Role, today: date) -> StoryPage:
    return StoryPage(
        steps=tuple(_step(step, people, role) for step in story.steps),
        ending=ending_line(story.ending, today=today),
    )


def ending_line(ending: Ending, *, today: date) -> EndingLine:
    """Say in one sentence where the money is now."""
    text, tone, icon = _ENDINGS[ending.kind](ending, today)
    more = []
    if ending.returned is not None and ending.kind is not EndingKind.REFUNDED:
        more.append(f"{ending.returned} ont été rendus à votre client.")
    if ending.waits_for_request:
        more.append("Il reste à dire pour quelle demande il est venu.")
    return EndingLine(text, tone, icon, " ".join(more))


def _step(step: Step, people: People, role: Role) -> StepLine:
    when = ""
    if step.at is not None:
        when = short_day(step.at) if step.is_whole_day else moment(step.at)
    return StepLine(
        said=say(step, people),
        when=when,
        is_books=step.kind is StepKind.BOOKED,
        moves=tuple(
            MoveLine(account_words(move.account), signed(move.account, move.side, move.amount))
            for move in step.moves
        ),
        proofs=tuple(_proof(proof, step, role) for proof in step.proofs),
    )


def _proof(proof: Proof, step: Step, role: Role) -> ProofLine:
    return _PROOFS[proof.kind](proof, step, role)


def _provider_id(proof: Proof, _step: Step, _role: Role) -> ProofLine:
    return ProofLine("Identifiant chez le prestataire", proof.value)


def _event(proof: Proof, _step: Step, _role: Role) -> ProofLine:
    label = f"Message signé « {proof.detail} », reçu le {moment(proof.at)}"
    return ProofLine(label, proof.value)


def _fetched(proof: Proof, _step: Step, _role: Role) -> ProofLine:
    return ProofLine(f"Demandé au prestataire le {moment(proof.at)}")


def _audit(proof: Proof, _step: Step, role: Role) -> ProofLine:
    url = reverse("audit") if allows(role, Permission.AUDIT_READ) else ""
    return ProofLine(f"Journal, ligne {proof.value}", url=url)


def _entry(proof: Proof, _step: Step, _role: Role) -> ProofLine:
    return ProofLine("Écriture comptable", proof.value)


def _mail(proof: Proof, _step: Step, _role: Role) -> ProofLine:
    return ProofLine("Identifiant du message", proof.value)


def _payout_reference(proof: Proof, _step: Step, _role: Role) -> ProofLine:
    return ProofLine("Référence du versement, écrite sur votre relevé", proof.value)


def _reference(proof: Proof, step: Step, role: Role) -> ProofLine:
    if step.name and allows(role, Permission.INVOICES_READ):
        return ProofLine("Facture", proof.value, reverse("invoice", args=[proof.id]))
    if step.name:
        return ProofLine("Facture", proof.value)
    return ProofLine("Référence de la demande", proof.value, reverse("request", args=[proof.id]))


def _bank_line(proof: Proof, _step: Step, role: Role) -> ProofLine:
    url = ""
    if allows(role, Permission.BANK_READ):
        url = f"{reverse('transactions')}?ligne={proof.id}"
    return ProofLine(f"Ligne du relevé : {proof.detail}", proof.value, url)


_PROOFS: Mapping[ProofKind, Callable[[Proof, Step, Role], ProofLine]] = {
    ProofKind.REFERENCE: _reference,
    ProofKind.PROVIDER_ID: _provider_id,
    ProofKind.EVENT: _event,
    ProofKind.FETCHED: _fetched,
    ProofKind.AUDIT: _audit,
    ProofKind.ENTRY: _entry,
    ProofKind.MAIL: _mail,
    ProofKind.BANK_LINE: _bank_line,
    ProofKind.PAYOUT_REFERENCE: _payout_reference,
}
_Sentence = tuple[str, str, str]


def _nothing_taken(_ending: Ending, _today: date) -> _Sentence:
    return "Rien n’a été débité.", "info", "check"


def _with_payer(_ending: Ending, _today: date) -> _Sentence:
    return "Rien n’a été débité : votre client n’a pas fini de payer.", "info", "clock"


def _under_way(ending: Ending, _today: date) -> _Sentence:
    text = f"Le paiement est en cours chez {ending.provider} ; n’encaissez pas une seconde fois."
    return text, "wait", "clock"


def _reserved(_ending: Ending, _today: date) -> _Sentence:
    return "La somme est réservée chez votre client, pas encore débitée.", "wait", "clock"


def _unknown(ending: Ending, _today: date) -> _Sentence:
    text = (
        f"Inconnu : nous demandons à {ending.provider} s’il a débité votre client ; "
        "n’encaissez pas une seconde fois."
    )
    return text, "wait", "alert"


def _at_provider(ending: Ending, today: date) -> _Sentence:
    here = f"Votre argent est chez {ending.provider}"
    if ending.on is None:
        return f"{here} ; la date de son versement n’est pas connue.", "info", "clock"
    if ending.is_late:
        text = f"{here} ; il était attendu {_day(ending.on, today)}. La page Preuve le suit."
        return text, "wait", "alert"
    return f"{here} ; il sera sur votre compte {_day(ending.on, today)}.", "info", "clock"


def _paid_out(ending: Ending, today: date) -> _Sentence:
    sent = f"{ending.provider} a envoyé votre argent"
    if ending.on is not None and not ending.is_late:
        return f"{sent} ; il sera sur votre compte {_day(ending.on, today)}.", "info", "bank"
    return f"{sent} ; importez votre relevé pour voir qu’il est arrivé.", "wait", "bank"


def _bank_to_confirm(_ending: Ending, _today: date) -> _Sentence:
    text = "Le virement est parti vers votre compte ; votre prochain relevé le confirmera."
    return text, "info", "bank"


def _on_account(ending: Ending, today: date) -> _Sentence:
    since = f" depuis le {_named(ending.on, today)}" if ending.on else ""
    return f"Votre argent est sur votre compte{since}.", "ok", "check"


def _refunding(_ending: Ending, _today: date) -> _Sentence:
    return "Le remboursement est en route : ne le refaites pas.", "wait", "back"


def _refunded(_ending: Ending, _today: date) -> _Sentence:
    return "Tout est remboursé : l’argent est reparti chez votre client.", "info", "back"


def _disputed(ending: Ending, today: date) -> _Sentence:
    until = f" : répondez avant le {_named(ending.on, today)}" if ending.on else ""
    return f"Contesté{until}. La banque de votre client retient la somme.", "bad", "alert"


def _lost(_ending: Ending, _today: date) -> _Sentence:
    text = (
        "La contestation est perdue : l’argent est reparti chez votre client, qui vous le doit "
        "de nouveau."
    )
    return text, "bad", "cross"


def _day(day: date, today: date) -> str:
    """Name a day to come as people do."""
    return "aujourd’hui" if day == today else _named(day, today)


def _named(day: date, today: date) -> str:
    return french.long_day(day) + (f" {day.year}" if day.year != today.year else "")


_ENDINGS: Mapping[EndingKind, Callable[[Ending, date], _Sentence]] = {
    EndingKind.NOTHING_TAKEN: _nothing_taken,
    EndingKind.WITH_PAYER: _with_payer,
    EndingKind.UNDER_WAY: _under_way,
    EndingKind.RESERVED: _reserved,
    EndingKind.UNKNOWN: _unknown,
    EndingKind.AT_PROVIDER: _at_provider,
    EndingKind.PAID_OUT: _paid_out,
    EndingKind.BANK_TO_CONFIRM: _bank_to_confirm,
    EndingKind.ON_ACCOUNT: _on_account,
    EndingKind.REFUNDING: _refunding,
    EndingKind.REFUNDED: _refunded,
    EndingKind.DISPUTED: _disputed,
    EndingKind.LOST: _lost,
}
