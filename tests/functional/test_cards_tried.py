"""Whoever tries cards on a link, and payments that wait when something is lost on the way."""

from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.urls import reverse

from encaisse.fraud.core.cases import CaseState
from encaisse.fraud.core.lists import ListedKind, ListKind
from encaisse.fraud.models import (
    FraudDecision,
    ListEntry,
    PassageLabel,
    PassageRecord,
    ReviewCase,
    SubjectTally,
)
from encaisse.fraud.services.arrivals import Answer, Arrival, Card, Payer
from encaisse.fraud.services.cases import decide_case
from encaisse.fraud.services.forgetting import forget_payers
from encaisse.fraud.services.judge import judge_answers, judge_arrival
from encaisse.fraud.services.lists import Listing, add_entry
from encaisse.fraud.services.snoozes import snooze_rule
from encaisse.kit.clock import business_now
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for
from encaisse.payments.core import AttemptState, Method
from encaisse.payments.errors import CardsSuspended
from encaisse.payments.models import AttemptRefusal, PaymentAttempt
from encaisse.payments.services.held import release
from encaisse.payments.sweep import sweep
from encaisse.providers.queries import plugin_for
from factories.payments import NO_PROOF_CARD, PayableFirm, bank_receipt
from functional.web_people import signed_in
from plugins.world import eventually

NO_FUNDS_CARD = "4000000000009995"
REFUSED_CARDS = ("4000000000000002", NO_FUNDS_CARD, "4000000000000069", "4000000000000127")


@pytest.fixture
def firm(world):
    return PayableFirm(world)


def of_firm(firm, model):
    with acting_for(firm.id):
        return list(model.objects.order_by("created_at", "id"))


def opened(firm, request) -> str:
    url = firm.start(request)
    return next(part for part in url.split("/") if part.startswith("pay_"))


def tried(firm, provider_id: str, card: str) -> None:
    firm.world.control(f"/payments/{provider_id}/pay", {"card_number": card, "otp": "auto"})


def closed(firm):
    """A link closed after three different cards, and its case."""
    request = firm.request()
    provider_id = opened(firm, request)
    for card in REFUSED_CARDS[:3]:
        tried(firm, provider_id, card)
    eventually(lambda: of_firm(firm, ReviewCase))
    return request, of_firm(firm, ReviewCase)[-1]


def released(firm, case) -> None:
    release(organization_id=firm.id, actor=firm.actor, case_id=case.id, now=business_now())


def held(firm):
    firm.pay(firm.request(20_000), NO_PROOF_CARD)
    eventually(lambda: of_firm(firm, PaymentAttempt)[-1].state == AttemptState.HELD)
    return of_firm(firm, ReviewCase)[-1]


def trusted(firm) -> None:
    listing = Listing(
        kind=ListKind.ALLOW, subject=ListedKind.EMAIL, value="camille@example.test", reason="Ami"
    )
    add_entry(organization_id=firm.id, actor=firm.actor, listing=listing, now=business_now())


class TestManyCardsAtOnce:
    def test_no_fourth_is_asked_of_a_bank_however_many_come_together(self, firm):
        """Forty pages asked for and forty cards typed at once, before any refusal is known."""
        request = firm.request()
        with ThreadPoolExecutor(8) as pool:
            asked = [pool.submit(self._paid, firm, request, n) for n in range(40)]
            for one in as_completed(asked):
                one.exception()

        eventually(lambda: of_firm(firm, ReviewCase))

        assert len(of_firm(firm, AttemptRefusal)) == 3
        with pytest.raises(CardsSuspended):
            firm.start(request)

    @staticmethod
    def _paid(firm, request, number: int) -> None:
        try:
            tried(firm, opened(firm, request), REFUSED_CARDS[number % 4])
        finally:
            connections.close_all()


class TestALinkClosedToCards:
    def test_closes_the_page_that_was_still_open(self, firm):
        request = firm.request()
        for card in REFUSED_CARDS[:2]:
            tried(firm, opened(firm, request), card)
        firm.world.control("/clock/advance", {"minutes": 70})
        eventually(lambda: of_firm(firm, PaymentAttempt)[0].state == AttemptState.EXPIRED)

        tried(firm, opened(firm, request), REFUSED_CARDS[2])

        eventually(lambda: of_firm(firm, PaymentAttempt)[-1].state == AttemptState.CANCELED)

    def test_takes_cards_an_hour_after_somebody_opened_it_again(self, firm):
        request, case = closed(firm)
        firm.world.control("/clock/advance", {"minutes": 70})

        released(firm, case)

        firm.pay(request)
        eventually(lambda: of_firm(firm, PaymentAttempt)[-1].state == AttemptState.CAPTURED)

    def test_closes_for_a_trusted_customer_too(self, firm):
        trusted(firm)

        request, case = closed(firm)

        assert case.is_link
        with pytest.raises(CardsSuspended):
            firm.start(request)

    def test_closes_whatever_was_paused_for_its_customer(self, firm):
        now = business_now()
        for rule in ("link_refusals", "link_cards"):
            snooze_rule(
                organization_id=firm.id, actor=firm.actor, customer_id=firm.customer.id,
                rule=rule, until=now.replace(year=now.year + 1), now=now,
            )  # fmt: skip

        _, case = closed(firm)

        assert case.is_link

    def test_offers_no_pause_of_what_no_habit_explains(self, firm):
        _, case = closed(firm)
        client = signed_in(firm, proven=True)

        page = client.get(reverse("review", args=[case.id])).content.decode()
        answer = client.post(
            reverse("review_snooze", args=[case.id]), {"rule": "link_refusals", "days": "7"}
        )

        assert "Mettre en pause" not in page
        assert answer.status_code == 404

    def test_waits_for_nobody_once_it_was_paid_otherwise(self, firm):
        request, _ = closed(firm)
        bank_receipt(firm, 12_000, request.id)

        sweep(organization_id=firm.id, now=business_now())

        assert of_firm(firm, ReviewCase)[-1].state == CaseState.EXPIRED


class TestHeldMoney:
    def test_taken_on_the_provider_s_own_pages_waits_for_nobody(self, firm):
        case = held(firm)
        attempt = of_firm(firm, PaymentAttempt)[-1]

        plugin_for(firm.connection).capture(
            provider_payment_id=attempt.provider_id,
            amount=case_amount(firm),
            idempotency_key=str(new_id()),
        )

        eventually(lambda: of_firm(firm, PaymentAttempt)[-1].state == AttemptState.CAPTURED)
        assert of_firm(firm, ReviewCase)[-1].id == case.id
        assert of_firm(firm, ReviewCase)[-1].state == CaseState.RELEASED
        assert not of_firm(firm, PassageLabel)

    def test_refused_is_let_go_though_its_job_was_lost(self, firm):
        case = held(firm)
        decide_case(
            organization_id=firm.id, actor=firm.actor, case_id=case.id,
            state=CaseState.REFUSED, now=business_now(),
        )  # fmt: skip
        later = business_now().replace(microsecond=0)
        with acting_for(firm.id):
            PaymentAttempt.objects.update(updated_at=later.replace(year=later.year - 1))

        sweep(organization_id=firm.id, now=business_now())

        assert of_firm(firm, PaymentAttempt)[-1].state == AttemptState.CANCELED

    def test_still_waits_after_a_sweep(self, firm):
        held(firm)
        with acting_for(firm.id):
            old = business_now().replace(year=business_now().year - 1)
            PaymentAttempt.objects.update(updated_at=old)

        sweep(organization_id=firm.id, now=business_now())

        assert of_firm(firm, PaymentAttempt)[-1].state == AttemptState.HELD

    def test_is_let_go_once_a_transfer_paid_the_same_request(self, firm):
        case = held(firm)

        bank_receipt(firm, 20_000, case.link_id)

        eventually(lambda: of_firm(firm, PaymentAttempt)[-1].state == AttemptState.CANCELED)
        assert of_firm(firm, ReviewCase)[-1].state == CaseState.EXPIRED


def case_amount(firm):
    with acting_for(firm.id):
        return PaymentAttempt.objects.select_related("intent").get().intent.amount


class TestForgetting:
    def test_keeps_customers_and_forgets_who_only_passed(self, firm):
        arrival = Arrival(
            passage_id=new_id(), cents=1_000, method="card", link_id=new_id(),
            email="camille@example.test", payer=Payer(address="8.8.8.8", device="d", agent="x"),
        )  # fmt: skip
        judge_arrival(organization_id=firm.id, arrival=arrival, now=business_now())
        answer = Answer(arrival=arrival, card=Card(fingerprint="one", country="FR"))
        judge_answers(organization_id=firm.id, answers=[answer], now=business_now())

        found = []
        for days in (61, 63, 401, 428):
            later = business_now() + timedelta(days=days)
            forget_payers(organization_id=firm.id, now=later)
            kinds = {row.kind for row in of_firm(firm, SubjectTally)}
            found.append((kinds, of_firm(firm, PassageRecord)[0].seen_sealed is not None))

        lasting = {"merchant", "email"}
        assert found == [
            (lasting | {"device", "card", "link", "ip", "network"}, True),
            (lasting | {"device", "card"}, True),
            (lasting, True),
            (lasting, False),
        ]


class TestTheSameAnswerTwice:
    def test_is_decided_as_it_was_and_counted_once(self, firm):
        answer = Answer(
            arrival=Arrival(passage_id=new_id(), cents=1_000, method="card"),
            card=Card(fingerprint="one", country="FR"),
            authentication="authenticated",
            has_liability_shift=True,
        )

        first, second = (
            judge_answers(organization_id=firm.id, answers=[answer], now=business_now())
            for _ in range(2)
        )

        assert first == second
        assert len(of_firm(firm, FraudDecision)) == 1


class TestAddressesInsideOthers:
    def test_are_the_address_they_hold(self, firm):
        listing = Listing(
            kind=ListKind.BLOCK, subject=ListedKind.ADDRESS, value="8.8.8.8", reason="Essai"
        )
        add_entry(organization_id=firm.id, actor=firm.actor, listing=listing, now=business_now())

        judged = judge_arrival(
            organization_id=firm.id,
            arrival=Arrival(
                passage_id=new_id(), cents=100, method=Method.CARD,
                payer=Payer(address="::ffff:8.8.8.8"),
            ),
            now=business_now(),
        )  # fmt: skip

        assert judged.verdict == "block"


class TestListsTakenBack:
    def test_keep_each_line_on_its_own_list_and_to_its_own_day(self, firm, world):
        trusted(firm)
        blocked = Listing(
            kind=ListKind.BLOCK, subject=ListedKind.EMAIL, value="vol@example.test", reason="Vol",
            expires_at=business_now().replace(year=business_now().year + 1),
        )  # fmt: skip
        add_entry(organization_id=firm.id, actor=firm.actor, listing=blocked, now=business_now())
        exported = signed_in(firm, proven=True).post(reverse("fraud_list_export")).content
        other = PayableFirm(world)

        loaded(other, exported)

        rows = {row.value: row for row in of_firm(other, ListEntry)}
        assert rows["camille@example.test"].kind == ListKind.ALLOW
        assert rows["camille@example.test"].expires_at is None
        assert rows["vol@example.test"].kind == ListKind.BLOCK
        assert rows["vol@example.test"].expires_at is not None


def loaded(firm, content: bytes) -> None:
    upload = SimpleUploadedFile("liste.csv", content, content_type="text/csv")
    client = signed_in(firm, proven=True)
    client.post(reverse("fraud_list_import"), {"kind": "block", "file": upload})
