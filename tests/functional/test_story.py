"""The story of a payment, stage after stage, through the real sandbox, worker and web server."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from encaisse.kernel.money import Money
from encaisse.kit.clock import business_now, paris_date
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Role
from encaisse.payments.core import IntentState, Method
from encaisse.payments.models import Dispute, PaymentAttempt, PaymentIntent, Payout, Refund
from encaisse.payments.queries import requests_about
from encaisse.payments.services.refunds import request_refund
from encaisse.providers.contract import ProviderOutcomeUnknown
from encaisse.providers.models import InboundEvent
from encaisse.reporting.story.facts import EndingKind, ProofKind, StepKind, Story
from encaisse.reporting.story.queries import story_of
from encaisse.treasury.models import BankTransaction
from factories.invoicing import make_invoice
from factories.organizations import Firm
from factories.payments import CHALLENGE_CARD, PayableFirm
from factories.treasury import import_bank_days, transfer_to
from functional.web_people import signed_in
from plugins.world import eventually

REFUSED_CARD = "4000000000009995"


@pytest.fixture
def firm(world):
    return PayableFirm(world)


def the_payment(firm) -> PaymentIntent:
    with acting_for(firm.id):
        return PaymentIntent.objects.get()


def told(firm) -> Story:
    with acting_for(firm.id):
        return story_of(
            organization_id=firm.id,
            intent_id=the_payment(firm).id,
            today=paris_date(business_now()),
        )


def kinds(story: Story) -> list[StepKind]:
    return [step.kind for step in story.steps]


def proofs(story: Story, kind: StepKind, proof: ProofKind) -> list[str]:
    return [
        found.value
        for step in story.steps
        if step.kind is kind
        for found in step.proofs
        if found.kind is proof
    ]


def page(firm, role: Role | None = None) -> str:
    answer = signed_in(firm, role).get(f"/paiements/{the_payment(firm).id}/")
    assert answer.status_code == 200
    return plain(answer)


def plain(answer) -> str:
    text = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return re.sub(r"[\s\u00a0\u202f]+", " ", text)


def is_captured(firm) -> bool:
    return the_payment(firm).state == IntentState.CAPTURED


def exists(firm, model, **conditions) -> bool:
    with acting_for(firm.id):
        return model.objects.filter(**conditions).exists()


def invoice_and_request(firm):
    invoice = make_invoice(firm)
    with acting_for(firm.id):
        request = requests_about(
            organization_id=firm.id, reference_kind="invoice", reference_id=invoice.id
        ).get()
    return invoice, request


def open_page(firm, request) -> str:
    """Choose the card; return what the provider calls the payment."""
    return next(part for part in firm.start(request).split("/") if part.startswith("pay_"))


def authenticate_and_pay(firm, provider_id: str) -> None:
    body = {"card_number": CHALLENGE_CARD, "otp": "auto"}
    firm.world.control(f"/payments/{provider_id}/pay", body)
    eventually(lambda: is_captured(firm))
    eventually(lambda: StepKind.MAILED in kinds(told(firm)))
    eventually(lambda: proofs(told(firm), StepKind.PAID, ProofKind.EVENT))


class TestACardPayment:
    def test_it_is_told_from_the_link_to_the_books(self, firm):
        invoice, request = invoice_and_request(firm)
        provider_id = open_page(firm, request)

        assert told(firm).ending.kind is EndingKind.WITH_PAYER
        assert "Rien n’a été débité : votre client n’a pas fini de payer." in page(firm)

        authenticate_and_pay(firm, provider_id)

        story, text = told(firm), page(firm)
        assert [kind for kind in kinds(story) if kind is not StepKind.SENT] == [
            StepKind.ASKED,
            StepKind.OPENED,
            StepKind.AUTHENTICATED,
            StepKind.PAID,
            StepKind.INVOICED,
            StepKind.BOOKED,
            StepKind.MAILED,
        ]
        assert proofs(story, StepKind.PAID, ProofKind.PROVIDER_ID) == [provider_id]
        with acting_for(firm.id):
            known = set(InboundEvent.objects.values_list("external_id", flat=True))
        assert set(proofs(story, StepKind.PAID, ProofKind.EVENT)) <= known
        assert f"Facture {invoice.number} payée" in text
        assert "Client reconnu par sa banque" in text
        assert "Argent en route (511) + 343,20 €" in text

    def test_it_is_told_from_the_provider_to_the_line_of_the_bank(self, firm):
        authenticate_and_pay(firm, open_page(firm, invoice_and_request(firm)[1]))

        ending = told(firm).ending
        assert ending.kind is EndingKind.AT_PROVIDER
        assert ending.on > paris_date(business_now())
        assert "Votre argent est chez Banc d’essai ; il sera sur votre compte" in page(firm)

        firm.world.control("/clock/advance", {"days": 1})
        eventually(lambda: exists(firm, Payout))

        (payout,) = [step for step in told(firm).steps if step.kind is StepKind.PAYOUT]
        assert told(firm).ending.kind is EndingKind.PAID_OUT
        assert payout.net == payout.amount - payout.fee
        assert "Banc d’essai a envoyé votre argent" in page(firm)

        import_bank_days(firm)

        with acting_for(firm.id):
            line = BankTransaction.objects.get()
        ending = told(firm).ending
        (arrived,) = [step for step in told(firm).steps if step.kind is StepKind.ARRIVED]
        assert (ending.kind, ending.on) == (EndingKind.ON_ACCOUNT, line.booked_on)
        assert {p.id for p in arrived.proofs if p.kind is ProofKind.BANK_LINE} == {line.id}
        assert "Votre argent est sur votre compte depuis le" in page(firm)
        shown = plain(signed_in(firm).get(f"/banque/mouvements/?ligne={line.id}"))
        assert "Un mouvement" in shown
        assert "au centime" in shown

    def test_a_refused_card_is_told_with_its_reason_before_the_one_that_paid(self, firm):
        provider_id = firm.pay(firm.request(), REFUSED_CARD)
        eventually(lambda: StepKind.REFUSED in kinds(told(firm)))

        assert told(firm).ending.kind is EndingKind.WITH_PAYER
        assert "Refusé : provision insuffisante" in page(firm)
        assert "Rien n’a été débité." in page(firm)

        firm.world.control(f"/payments/{provider_id}/pay", {"card_number": "4242424242424242"})
        eventually(lambda: is_captured(firm))

        found = kinds(told(firm))
        assert found.index(StepKind.REFUSED) < found.index(StepKind.PAID)

    def test_an_answer_that_never_came_forbids_a_second_charge(self, firm):
        firm.world.stop_worker()
        try:
            firm.chaos(api={"drop_after": 1}, next=1)
            with pytest.raises(ProviderOutcomeUnknown):
                firm.start(firm.request())

            assert told(firm).ending.kind is EndingKind.UNKNOWN
            assert "n’encaissez pas une seconde fois" in page(firm)
        finally:
            firm.world.start_worker()
        eventually(lambda: told(firm).ending.kind is not EndingKind.UNKNOWN)

    def test_a_refund_is_told_with_who_asked_and_the_rest_stays_where_it_is(self, firm):
        firm.pay(firm.request())
        eventually(lambda: is_captured(firm))

        self.refund(firm, 2_000)

        story = told(firm)
        assert (story.ending.kind, story.ending.returned) == (
            EndingKind.AT_PROVIDER,
            Money(2_000),
        )
        # The mails leave by a job: theirs is whatever place their moment gives them.
        steps = [kind for kind in kinds(story) if kind is not StepKind.MAILED]
        assert steps[-2:] == [StepKind.REFUND_ASKED, StepKind.REFUNDED]
        assert proofs(story, StepKind.REFUNDED, ProofKind.ENTRY)
        assert "20,00 € ont été rendus à votre client." in page(firm)

        self.refund(firm, 10_000)

        assert told(firm).ending.kind is EndingKind.REFUNDED

    @staticmethod
    def refund(firm, minor: int) -> None:
        refund = request_refund(
            organization_id=firm.id,
            actor=firm.actor,
            intent_id=the_payment(firm).id,
            amount=Money(minor),
            reason="trop perçu",
            now=business_now(),
        )
        eventually(lambda: exists(firm, Refund, id=refund.id, state="succeeded"))

    def test_a_dispute_ends_the_story_until_it_is_won(self, firm):
        provider_id = firm.pay(firm.request())
        eventually(lambda: is_captured(firm))

        opened = firm.world.control(
            "/disputes", {"payment_id": provider_id, "reason": "fraudulent"}
        )
        eventually(lambda: exists(firm, Dispute))

        story = told(firm)
        assert (story.ending.kind, story.ending.on is not None) == (EndingKind.DISPUTED, True)
        assert "Contesté : répondez avant le" in page(firm)

        firm.world.control(f"/disputes/{opened['id']}/close", {"outcome": "won"})
        eventually(lambda: exists(firm, Dispute, state="won"))

        assert told(firm).ending.kind is EndingKind.AT_PROVIDER
        assert kinds(told(firm))[-1] is StepKind.DISPUTE_WON


class TestTransfers:
    def test_a_plain_transfer_is_told_by_its_line(self, firm):
        invoice, request = invoice_and_request(firm)
        transfer_to(firm, invoice.gross_minor, f"Facture {request.creditor_reference}")
        import_bank_days(firm)

        story = told(firm)

        assert story.ending.kind is EndingKind.ON_ACCOUNT
        assert kinds(story)[0] is StepKind.ASKED
        assert {StepKind.ARRIVED, StepKind.INVOICED, StepKind.BOOKED} <= set(kinds(story))
        assert StepKind.PAID not in kinds(story)
        linked = signed_in(firm).get(f"/factures/{invoice.id}/").content.decode()
        assert f"/paiements/{the_payment(firm).id}/" in linked

    def test_an_instant_transfer_waits_for_the_statement(self, firm):
        firm.start(firm.request(), Method.INSTANT_TRANSFER)
        with acting_for(firm.id):
            provider_id = PaymentAttempt.objects.get().provider_id
        firm.world.control(f"/payments/{provider_id}/pay", {"sca": "approve"})
        eventually(lambda: is_captured(firm))

        assert told(firm).ending.kind is EndingKind.BANK_TO_CONFIRM

        import_bank_days(firm)

        assert told(firm).ending.kind is EndingKind.ON_ACCOUNT


class TestWalls:
    def test_another_firm_s_payment_has_no_story(self, firm):
        firm.start(firm.request())

        answer = signed_in(Firm()).get(f"/paiements/{the_payment(firm).id}/")

        assert answer.status_code == 404
        assert "pay_" not in answer.content.decode()

    def test_a_collector_reads_the_story_without_doors_that_are_not_theirs(self, firm):
        invoice, request = invoice_and_request(firm)
        transfer_to(firm, invoice.gross_minor, f"Facture {request.creditor_reference}")
        import_bank_days(firm)
        client = signed_in(firm, Role.COLLECTOR)

        html = client.get(f"/paiements/{the_payment(firm).id}/").content.decode()

        assert "Arrivé sur votre compte" in html
        assert "/banque/" not in html
        assert 'href="/journal/"' not in html

    def test_it_costs_the_same_however_much_happened(self, firm):
        firm.start(firm.request())
        with CaptureQueriesContext(connection) as short:
            told(firm)
        other = PayableFirm(firm.world)
        provider_id = other.pay(other.request(), REFUSED_CARD)
        for card in (REFUSED_CARD, "4242424242424242"):
            firm.world.control(f"/payments/{provider_id}/pay", {"card_number": card})
        eventually(lambda: is_captured(other))
        TestACardPayment.refund(other, 1_000)
        TestACardPayment.refund(other, 1_000)

        with CaptureQueriesContext(connection) as long:
            told(other)

        assert len(long) <= len(short) + 2  # refusals and lines are read where there are some
