"""A payment from its link to a verdict: let through, proof asked, held for somebody, refused."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections

from encaisse.fraud.core.cases import CaseState, Label
from encaisse.fraud.core.lists import ListedKind, ListKind
from encaisse.fraud.core.verdicts import Verdict
from encaisse.fraud.errors import CaseDecided, CaseNeedsAnother
from encaisse.fraud.models import (
    FraudDecision,
    ListEntry,
    PassageLabel,
    ReviewCase,
    SubjectTally,
    Vigilance,
)
from encaisse.fraud.services.arrivals import Answer, Arrival, Card
from encaisse.fraud.services.judge import judge_answers
from encaisse.fraud.services.lists import Listing, add_entry
from encaisse.kernel.actor import Actor, ActorKind
from encaisse.kit.clock import business_now
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for
from encaisse.payments.core import AttemptState, Method
from encaisse.payments.errors import CardsSuspended, PaymentNotAccepted
from encaisse.payments.models import PaymentAttempt, PaymentRequest
from encaisse.payments.services.held import refuse, release
from encaisse.risk.tallies import Tally
from factories.organizations import make_user
from factories.payments import NO_PROOF_CARD, PayableFirm
from plugins.world import eventually

AMERICAN_CARD = "4000000000000846"
NO_FUNDS_CARD = "4000000000009995"
STOLEN_CARD = "4000000000009979"


@pytest.fixture
def firm(world):
    return PayableFirm(world)


def attempts(firm):
    with acting_for(firm.id):
        return list(PaymentAttempt.objects.order_by("created_at"))


def decisions(firm):
    with acting_for(firm.id):
        return list(FraudDecision.objects.order_by("created_at", "id"))


def cases(firm):
    with acting_for(firm.id):
        return list(ReviewCase.objects.select_related("decision").order_by("created_at"))


def held(firm, cents=20_000, card=NO_PROOF_CARD):
    """A payment that waits for somebody, and its case."""
    firm.pay(firm.request(cents), card)
    eventually(lambda: attempts(firm)[-1].state == AttemptState.HELD)
    return cases(firm)[-1]


def act(firm, verb, case, **values):
    return verb(
        organization_id=firm.id,
        actor=firm.actor,
        case_id=case.id,
        now=business_now(),
        **values,
    )


class TestAnOrdinaryPayment:
    def test_passes_and_both_its_decisions_are_kept_with_their_facts(self, firm):
        firm.pay(firm.request(12_000))

        eventually(lambda: attempts(firm)[0].state == AttemptState.CAPTURED)

        before, after = decisions(firm)
        assert [before.stage, after.stage] == ["asked", "answered"]
        assert {before.outcome, after.outcome} == {Verdict.ALLOW}
        assert after.facts["card_country"] == "FR"
        assert after.facts["euros"] == 120

    def test_is_remembered_by_every_subject_it_had(self, firm):
        firm.pay(firm.request(12_000))
        eventually(lambda: attempts(firm)[0].state == AttemptState.CAPTURED)

        with acting_for(firm.id):
            tallies = {row.kind: Tally.load(row.state) for row in SubjectTally.objects.all()}
        assert {"merchant", "link", "customer", "email", "card"} <= set(tallies)
        now = int(business_now().timestamp())
        assert tallies["card"].figures(now)["count_1h"] == 1
        assert tallies["merchant"].figures(now)["sum_1d"] == 12_000

    def test_passes_whatever_version_the_memory_is_of(self, firm):
        firm.pay(firm.request(12_000))
        eventually(lambda: attempts(firm)[0].state == AttemptState.CAPTURED)
        with acting_for(firm.id):
            SubjectTally.objects.update(state=[0, "d’autrefois"])

        firm.pay(firm.request(13_000))

        eventually(lambda: attempts(firm)[-1].state == AttemptState.CAPTURED)

    def test_by_transfer_is_remembered_too(self, firm):
        firm.start(firm.request(9_000), Method.INSTANT_TRANSFER)
        provider_id = attempts(firm)[0].provider_id
        firm.world.control(f"/payments/{provider_id}/pay", {"sca": "approve"})

        eventually(lambda: attempts(firm)[0].state == AttemptState.CAPTURED)

        with acting_for(firm.id):
            customer = SubjectTally.objects.get(kind="customer")
        figures = Tally.load(customer.state).figures(int(business_now().timestamp()))
        assert figures["count_1h"] == 1

    def test_of_a_large_amount_from_an_unknown_device_asks_for_a_proof(self, firm):
        firm.pay(firm.request(80_000))

        eventually(lambda: attempts(firm)[0].state == AttemptState.CAPTURED)

        assert decisions(firm)[0].outcome == Verdict.CHALLENGE
        assert attempts(firm)[0].authentication == "authenticated"


class TestAPaymentWithoutProof:
    def test_waits_for_somebody_and_its_money_is_not_taken(self, firm):
        case = held(firm)

        assert case.state == CaseState.WAITING
        assert case.deadline_at is not None
        assert "n’a pas vérifié le porteur" in case.decision.reasons[0]["sentence"]
        with acting_for(firm.id):
            assert PaymentRequest.objects.get().received_minor == 0

    def test_is_taken_once_somebody_lets_it_through(self, firm):
        case = held(firm)

        act(firm, release, case)

        eventually(lambda: attempts(firm)[-1].state == AttemptState.CAPTURED)
        with acting_for(firm.id):
            assert PassageLabel.objects.get().label == Label.HONEST

    def test_is_let_go_once_somebody_refuses_it(self, firm):
        case = held(firm)

        act(firm, refuse, case, is_fraud=False)

        eventually(lambda: attempts(firm)[-1].state == AttemptState.CANCELED)
        with acting_for(firm.id):
            assert not PassageLabel.objects.exists()
            assert not ListEntry.objects.exists()

    def test_said_to_be_a_fraud_closes_the_door_to_its_card(self, firm):
        case = held(firm)
        act(firm, refuse, case, is_fraud=True, note="Voix inconnue au téléphone")
        eventually(lambda: attempts(firm)[-1].state == AttemptState.CANCELED)

        with pytest.raises(PaymentNotAccepted):
            firm.start(firm.request(5_000))

        with acting_for(firm.id):
            assert PassageLabel.objects.get().label == Label.FRAUD
            assert {row.subject for row in ListEntry.objects.all()} == {"card", "email"}

    def test_said_to_be_a_fraud_does_not_shut_out_a_customer_who_had_paid_before(self, firm):
        firm.pay(firm.request(12_000))
        eventually(lambda: attempts(firm)[-1].state == AttemptState.CAPTURED)
        case = held(firm, 30_000)

        act(firm, refuse, case, is_fraud=True, note="Quelqu’un d’autre avait le lien")

        with acting_for(firm.id):
            assert {row.subject for row in ListEntry.objects.all()} == {"card"}

    def test_is_decided_once(self, firm):
        case = held(firm)
        act(firm, release, case)

        with pytest.raises(CaseDecided):
            act(firm, refuse, case, is_fraud=True)

    def test_above_the_ceiling_takes_two_people(self, firm):
        case = held(firm)
        with acting_for(firm.id):
            Vigilance.objects.update(review_ceiling_minor=10_000)

        act(firm, release, case)
        assert attempts(firm)[-1].state == AttemptState.HELD
        with pytest.raises(CaseNeedsAnother):
            act(firm, release, case)

        second = Actor(ActorKind.MEMBER, make_user().id)
        release(organization_id=firm.id, actor=second, case_id=case.id, now=business_now())
        eventually(lambda: attempts(firm)[-1].state == AttemptState.CAPTURED)

    def test_whose_bank_took_its_agreement_back_closes_its_case(self, firm):
        held(firm)

        firm.world.control("/clock/advance", {"days": 8})

        eventually(lambda: attempts(firm)[-1].state == AttemptState.CANCELED)
        assert cases(firm)[-1].state == CaseState.EXPIRED


class TestLists:
    def test_a_blocked_address_of_mail_is_not_taken_to_the_provider(self, firm):
        listing = Listing(
            kind=ListKind.BLOCK,
            subject=ListedKind.EMAIL,
            value=" Camille@Example.test",
            reason="Chèque en bois en mai",
        )
        add_entry(organization_id=firm.id, actor=firm.actor, listing=listing, now=business_now())

        with pytest.raises(PaymentNotAccepted):
            firm.start(firm.request())

        assert attempts(firm) == []
        assert decisions(firm)[-1].outcome == Verdict.BLOCK

    def test_what_ran_out_counts_no_more(self, firm):
        now = business_now()
        listing = Listing(
            kind=ListKind.BLOCK,
            subject=ListedKind.DOMAIN,
            value="example.test",
            reason="Essai",
            expires_at=now + timedelta(seconds=1),
        )
        add_entry(organization_id=firm.id, actor=firm.actor, listing=listing, now=now)
        firm.world.control("/clock/advance", {"minutes": 5})

        assert firm.start(firm.request())

    def test_whoever_always_passes_is_asked_for_a_proof_at_most(self, firm):
        listing = Listing(
            kind=ListKind.ALLOW, subject=ListedKind.EMAIL, value="camille@example.test", reason=""
        )
        add_entry(organization_id=firm.id, actor=firm.actor, listing=listing, now=business_now())

        firm.pay(firm.request(20_000), AMERICAN_CARD)

        eventually(lambda: attempts(firm)[-1].state == AttemptState.CAPTURED)

    def test_a_card_its_bank_says_stolen_is_refused_here_from_then_on(self, firm):
        firm.pay(firm.request(), STOLEN_CARD)

        eventually(lambda: acted(firm))

        with acting_for(firm.id):
            entry = ListEntry.objects.get()
        assert entry.subject == "card"
        assert "perdue ou volée" in entry.reason


def acted(firm) -> bool:
    with acting_for(firm.id):
        return ListEntry.objects.exists()


class TestAtTheSameMoment:
    def test_two_answers_of_one_card_see_each_other(self, firm):
        """Twenty at once on two cards: each card counts its own, none is lost or counted twice."""

        def answered(number: int) -> None:
            answer = Answer(
                arrival=Arrival(passage_id=new_id(), cents=1_000, method="card"),
                card=Card(fingerprint=f"card{number % 2}", country="FR"),
                authentication="authenticated",
                has_liability_shift=True,
            )
            judge_answers(organization_id=firm.id, answers=[answer], now=business_now())
            connections.close_all()

        with ThreadPoolExecutor(5) as pool:
            list(pool.map(answered, range(20)))

        counts = sorted(row.facts["card_count_1h"] for row in decisions(firm))
        assert counts == sorted([*range(10), *range(10)])


class TestCardsTriedOnALink:
    def test_get_no_fourth_refusal_and_the_link_closes_to_cards(self, firm):
        request = firm.request()
        url = firm.start(request)
        provider_id = next(part for part in url.split("/") if part.startswith("pay_"))
        for _ in range(3):
            firm.world.control(
                f"/payments/{provider_id}/pay", {"card_number": NO_FUNDS_CARD, "otp": "auto"}
            )

        eventually(lambda: cases(firm))

        with pytest.raises(CardsSuspended):
            firm.start(request)
        [case] = cases(firm)
        assert case.is_link
        assert "3 cartes refusées" in case.decision.reasons[0]["sentence"]

    def test_leave_other_links_open(self, firm):
        self.test_get_no_fourth_refusal_and_the_link_closes_to_cards(firm)
        other = firm.request(7_000)

        firm.pay(other)

        eventually(lambda: attempts(firm)[-1].state == AttemptState.CAPTURED)

    def test_the_link_opens_again_once_somebody_has_looked(self, firm):
        request = firm.request()
        url = firm.start(request)
        provider_id = next(part for part in url.split("/") if part.startswith("pay_"))
        for _ in range(3):
            firm.world.control(
                f"/payments/{provider_id}/pay", {"card_number": NO_FUNDS_CARD, "otp": "auto"}
            )
        eventually(lambda: cases(firm))
        firm.world.control("/clock/advance", {"minutes": 70})

        act(firm, release, cases(firm)[0])

        assert firm.start(request)
