"""The acts of the stories: each plays one attack with real parts and reads what was decided."""

from collections.abc import Callable, Mapping

import httpx

from encaisse.cli.journey_payer import eventually
from encaisse.cli.stories import Told
from encaisse.cli.story_incidents import INCIDENTS
from encaisse.cli.story_stage import ACTOR, ORDINARY, Stage, new_card, some_email
from encaisse.fraud.core.cases import CaseState
from encaisse.fraud.core.costs import bill
from encaisse.fraud.models import ReviewCase
from encaisse.fraud.queries import first_sentence
from encaisse.kit.clock import business_now
from encaisse.payments.core import AttemptState, IntentState
from encaisse.payments.models import PaymentRequest
from encaisse.payments.services.held import refuse

_STOLEN = ("4000000000009995", "4000000000009979", "4000000000000069")
# How the numbers begin of cards whose bank identifies nobody.
_NO_PROOF = "40000005"
_MOST_PIECES = 6


def stolen_cards(stage: Stage) -> Told:
    """Cards tried one after the other: no fourth reaches a bank, and others still pay."""
    started = business_now()
    link = stage.link(12_000, "Dépannage", email=some_email(), name="Inconnu")
    opened = 0
    for number in range(stage.cards):
        if not stage.is_opened(link):
            continue
        opened += 1
        stage.pay(link, _STOLEN[number % len(_STOLEN)])
        stage.wait_for_refusals(link, opened)
    case = stage.case(link)
    asked = stage.refusals(link)
    stage.forget(started)
    stage.say(f"{stage.cards} cartes essayées, {asked} seulement sont arrivées à une banque.")
    other = stage.link(9_000, "Entretien", email=some_email(), name="Mme Honnête")
    stage.pay_by(other, new_card(ORDINARY))
    is_paid = stage.reaches(other, AttemptState.CAPTURED)
    stage.say("Une autre cliente, sur un autre lien, a payé 90,00 € sans rien remarquer.")
    return Told(
        attack=f"{stage.cards} cartes volées sur un lien",
        sentence=first_sentence(case.decision),
        did="Le lien n’accepte plus de carte tant que vous n’avez pas regardé.",
        would_have_cost_minor=stage.cards * 12_000,
        is_stopped=asked <= 3 and case.is_link and is_paid,
    )


def electrician(stage: Stage) -> Told:
    """5,000 € that no bank vouches for: authorized, not taken, and nothing is ordered."""
    link = stage.link(500_000, "Mise aux normes", email=some_email(), name="M. Pressé")
    stage.pay_by(link, new_card(_NO_PROOF))
    case = stage.case(link)
    stage.say("5 000,00 € autorisés, par une banque qui ne vérifie pas ses porteurs.")
    stage.say("Feu vert chantier : ne commandez pas encore.")
    refuse(
        organization_id=stage.organization_id,
        actor=ACTOR,
        case_id=case.id,
        is_fraud=False,
        note="Injoignable au numéro du devis.",
        now=business_now(),
    )
    is_let_go = stage.reaches(link, AttemptState.CANCELED)
    return Told(
        attack="Un acompte de 5 000 € par une carte sans preuve",
        sentence=_sentences(case),
        did="L’argent n’a pas été pris, et rien n’a été commandé.",
        would_have_cost_minor=bill({}).cash_out * 100,
        is_stopped=is_let_go and case.state == CaseState.WAITING,
    )


def refund_fraud(stage: Stage) -> Told:
    """A program gives back too much, then all at once, then by pieces: none goes through."""
    link = stage.link(90_000, "Salle de bains", email=some_email(), name="Mme Complice")
    stage.pay_by(link, new_card(ORDINARY))
    stage.reaches(link, AttemptState.CAPTURED)
    intent = stage.attempt(link).intent
    eventually("l’encaissement", lambda: intent.state == IntentState.CAPTURED or None)
    over = stage.ask_refund(intent, 90_001)
    stage.say(f"Rembourser un centime de trop : {over.json()['detail']}")
    whole = stage.ask_refund(intent, 90_000)
    waits = whole.status_code == httpx.codes.ACCEPTED
    stage.say("Tout rembourser d’un coup : une personne doit signer." if waits else whole.text)
    sentence, number = _by_pieces(stage, link)
    stage.say(f"Par morceaux de 10,00 € : le {number}ᵉ attend aussi, bien sous le plafond.")
    return Told(
        attack="Des remboursements par un programme",
        sentence=sentence,
        did="Ce qui étonne se signe, même sous le plafond ; rien de plus n’est parti.",
        would_have_cost_minor=90_000,
        is_stopped=over.status_code == httpx.codes.CONFLICT and waits and bool(sentence),
    )


def _by_pieces(stage: Stage, link: PaymentRequest) -> tuple[str, int]:
    """Give back ten euros after ten euros; return what stopped it, and at which piece."""
    attempt = stage.attempt(link)
    for number in range(1, _MOST_PIECES + 1):
        answer = stage.ask_refund(attempt.intent, 1_000)
        decision = stage.refund_decided(attempt)
        if answer.status_code == httpx.codes.ACCEPTED and decision.reasons:
            return first_sentence(decision), number
    return "", _MOST_PIECES


def false_customer(stage: Stage) -> Told:
    """Nobody knows them: an address that lives ten minutes, a card from the other side."""
    link = stage.link(89_000, "Chaudière", email=some_email("yopmail.com"), name="M. Inventé")
    stage.pay_by(link, new_card(_NO_PROOF))
    case = stage.case(link)
    stage.say("Un devis accepté en deux minutes, 890,00 € payés aussitôt.")
    return Told(
        attack="Un client inventé",
        sentence=_sentences(case),
        did="L’argent attend : vous l’appelez au numéro du devis avant de le prendre.",
        would_have_cost_minor=89_000,
        is_stopped=case.state == CaseState.WAITING,
    )


def _sentences(case: ReviewCase) -> str:
    return " ".join(str(reason["sentence"]) for reason in case.decision.reasons)


ACTS: Mapping[str, Callable[[Stage], Told]] = {
    "stolen-cards": stolen_cards,
    "electrician-5000": electrician,
    "refund-fraud": refund_fraud,
    "false-customer": false_customer,
    **INCIDENTS,
}
