"""The acts of the stories: each plays one attack with real parts and reads what was decided."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

import httpx

from encaisse.cli.errors import CommandFailed
from encaisse.cli.journey_payer import Payer, Sandbox, eventually
from encaisse.cli.past.people import CARD_DIGITS, numbered_card
from encaisse.cli.runtime import believed
from encaisse.cli.stories import Told
from encaisse.counterparties.models import Counterparty
from encaisse.counterparties.services import CustomerDraft, create_customer
from encaisse.fraud.core.cases import CaseState
from encaisse.fraud.core.costs import bill
from encaisse.fraud.core.passage import Stage as Moment
from encaisse.fraud.models import FraudDecision, ReviewCase
from encaisse.fraud.queries import decisions, first_sentence, list_entries
from encaisse.fraud.services.lists import end_entry
from encaisse.kernel.actor import Actor, ActorKind
from encaisse.kernel.money import Money
from encaisse.kit.clock import business_now
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for
from encaisse.ledger.core import Account
from encaisse.payments.core import AttemptState, IntentState
from encaisse.payments.models import PaymentAttempt, PaymentIntent, PaymentRequest
from encaisse.payments.services.held import refuse
from encaisse.payments.services.requests import RequestDraft, create_request, link_token

_STOLEN = ("4000000000009995", "4000000000009979", "4000000000000069")
# How the numbers begin of cards whose bank identifies nobody, and of ordinary ones. Each story
# takes new cards: one that paid for several people would not be believed.
_NO_PROOF, _ORDINARY = "40000005", "42424242"
_MOST_PIECES = 6
_PAYER = Actor(ActorKind.SYSTEM)


class Stage:
    """The demo's firm, its pages, and the simulated world."""

    def __init__(
        self, *, organization_id: UUID, api_key: str, base_url: str, sandbox_url: str, cards: int
    ) -> None:
        self.organization_id, self.cards = organization_id, cards
        self.steps: list[str] = []
        self._api = httpx.Client(
            base_url=f"{base_url}/api/v1",
            headers={"Authorization": f"Bearer {api_key}"},
            timeout=30,
            trust_env=False,
            verify=believed(),
        )
        self._urls = {"base_url": base_url, "sandbox_url": sandbox_url}
        self._sandbox = Sandbox(sandbox_url)

    def say(self, step: str) -> None:
        self.steps.append(step)

    def link(self, cents: int, what: str, *, email: str, name: str) -> PaymentRequest:
        """Write a customer down and ask them for money."""
        with acting_for(self.organization_id):
            customer = self._customer(name, email)
            draft = RequestDraft(
                amount=Money(cents),
                description=what,
                credit_account=Account.DEPOSITS_RECEIVED,
                counterparty_id=customer.id,
            )
            return create_request(
                organization_id=self.organization_id, actor=_PAYER, draft=draft, now=business_now()
            )

    def is_opened(self, request: PaymentRequest) -> bool:
        """Choose the card on the payer's page, as one more stranger; tell whether it opened."""
        visitor = Payer(**self._urls)
        return visitor.start(link_token(request), "card").status_code == httpx.codes.SEE_OTHER

    def pay_by(self, request: PaymentRequest, card: str) -> None:
        """:raises CommandFailed: the page does not let this payer go to the provider"""
        if not self.is_opened(request):
            raise CommandFailed("Ce lien n’a pas laissé payer ; regardez les listes de refus.")
        self.pay(request, card)

    def forget(self, since: datetime) -> None:
        """Take off the lists what a story put there: the test cards serve again."""
        now = business_now()
        with acting_for(self.organization_id):
            rows = list_entries(organization_id=self.organization_id, now=now)
            for row in rows.filter(created_at__gte=since):
                end_entry(
                    organization_id=self.organization_id, actor=_PAYER, entry_id=row.id, now=now
                )

    def pay(self, request: PaymentRequest, card: str) -> None:
        self._sandbox.pay(self.attempt(request).provider_id, {"card_number": card, "otp": "auto"})

    def attempt(self, request: PaymentRequest) -> PaymentAttempt:
        with acting_for(self.organization_id):
            return (
                PaymentAttempt.objects.filter(
                    organization_id=self.organization_id, intent__request_id=request.id
                )
                .select_related("intent")
                .prefetch_related("refusals")
                .latest("created_at")
            )

    def refusals(self, request: PaymentRequest) -> int:
        with acting_for(self.organization_id):
            found = PaymentAttempt.objects.filter(
                organization_id=self.organization_id, intent__request_id=request.id
            )
            return sum(attempt.refusals.count() for attempt in found)

    def wait_for_refusals(self, request: PaymentRequest, number: int) -> None:
        eventually("le refus", lambda: self.refusals(request) >= number or None)

    def case(self, request: PaymentRequest) -> ReviewCase:
        """Wait for the case of a link, or of its payment."""
        return eventually("le cas à vérifier", lambda: self._case(request))

    def reaches(self, request: PaymentRequest, state: AttemptState) -> bool:
        return eventually(f"l’état {state}", lambda: self.attempt(request).state == state or None)

    def ask_refund(self, intent: PaymentIntent, cents: int) -> httpx.Response:
        body = {
            "payment_id": str(intent.id),
            "amount": {"amount": cents, "currency": "EUR"},
            "reason": "Geste commercial",
        }
        return self._api.post("/refunds", json=body, headers={"Idempotency-Key": str(new_id())})

    def refund_decided(self, attempt: PaymentAttempt) -> FraudDecision:
        with acting_for(self.organization_id):
            rows = decisions(organization_id=self.organization_id)
            return rows.filter(passage_id=attempt.id, stage=Moment.REFUND)[0]

    def _case(self, request: PaymentRequest) -> ReviewCase | None:
        with acting_for(self.organization_id):
            return (
                ReviewCase.objects.select_related("decision")
                .filter(organization_id=self.organization_id, link_id=request.id)
                .first()
            )

    def _customer(self, name: str, email: str) -> Counterparty:
        return create_customer(
            organization_id=self.organization_id,
            actor=_PAYER,
            draft=CustomerDraft(name=name, email=email),
            now=business_now(),
        )


def stolen_cards(stage: Stage) -> Told:
    """Cards tried one after the other: no fourth reaches a bank, and others still pay."""
    started = business_now()
    link = stage.link(12_000, "Dépannage", email=_email(), name="Inconnu")
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
    other = stage.link(9_000, "Entretien", email=_email(), name="Mme Honnête")
    stage.pay_by(other, _card(_ORDINARY))
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
    link = stage.link(500_000, "Mise aux normes", email=_email(), name="M. Pressé")
    stage.pay_by(link, _card(_NO_PROOF))
    case = stage.case(link)
    stage.say("5 000,00 € autorisés, par une banque qui ne vérifie pas ses porteurs.")
    stage.say("Feu vert chantier : ne commandez pas encore.")
    refuse(
        organization_id=stage.organization_id,
        actor=_PAYER,
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
    link = stage.link(90_000, "Salle de bains", email=_email(), name="Mme Complice")
    stage.pay_by(link, _card(_ORDINARY))
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
    link = stage.link(89_000, "Chaudière", email=_email("yopmail.com"), name="M. Inventé")
    stage.pay_by(link, _card(_NO_PROOF))
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


def _card(start: str) -> str:
    """Return a card number that nobody has."""
    return numbered_card(start, secrets.randbelow(10 ** (CARD_DIGITS - 1 - len(start))))


def _email(domain: str = "example.test") -> str:
    return f"client-{new_id()}@{domain}"


ACTS: Mapping[str, Callable[[Stage], Told]] = {
    "stolen-cards": stolen_cards,
    "electrician-5000": electrician,
    "refund-fraud": refund_fraud,
    "false-customer": false_customer,
}
