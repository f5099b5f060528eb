"""The dashboard: the same figures as an independent count of the rows, at the same cost."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from encaisse.invoicing.models import Invoice
from encaisse.kernel.money import Money
from encaisse.kit.clock import business_now, paris_date
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Role
from encaisse.payments.core import IntentState, Method
from encaisse.payments.models import Dispute, PaymentIntent, Payout, Refund
from encaisse.payments.queries import requests_about
from encaisse.payments.services.refunds import request_refund
from encaisse.reporting.core import last_days
from encaisse.reporting.queries import dashboard
from encaisse.treasury.queries import unmatched
from encaisse.treasury.services.matching import receive_unexplained
from factories.invoicing import make_invoice
from factories.payments import PayableFirm
from factories.treasury import import_bank_days, transfer_to
from functional.web_people import signed_in
from plugins.world import eventually

REFUSED_CARD = "4000000000009995"

RECEIVED_BY = """
    SELECT count(*), sum(amount_minor) FROM payments_paymentintent
    WHERE state = 'captured' AND method = %s
"""
DELAYS = """
    WITH paid_out AS (
        SELECT intent.id, intent.request_id, intent.captured_at, line.booked_on
        FROM payments_paymentintent AS intent
        JOIN payments_paymentattempt AS attempt ON attempt.intent_id = intent.id
        JOIN payments_payoutline AS part
          ON part.provider_payment_id = attempt.provider_id AND part.kind = 'payment'
        JOIN payments_payout AS payout ON payout.id = part.payout_id
        JOIN treasury_banktransaction AS line ON line.id = payout.bank_transaction_id
    ), transferred AS (
        SELECT intent.id, intent.request_id, intent.captured_at, line.booked_on
        FROM payments_paymentintent AS intent
        JOIN treasury_match AS found ON found.target_id = intent.id AND found.kind <> 'payout'
        JOIN treasury_banktransaction AS line ON line.id = found.transaction_id
    ), funds AS (
        SELECT * FROM paid_out UNION ALL SELECT * FROM transferred
    )
    SELECT
        avg(greatest(booked_on - (captured_at AT TIME ZONE 'Europe/Paris')::date, 0) * 24),
        avg(greatest(booked_on - invoice.supply_on, 0)) FILTER (WHERE supply_on IS NOT NULL)
    FROM funds
    LEFT JOIN payments_paymentrequest AS asked ON asked.id = funds.request_id
    LEFT JOIN invoicing_invoice AS invoice
      ON invoice.id = asked.reference_id AND asked.reference_kind = 'invoice'
"""
DAYS_LATE = """
    SELECT avg(greatest((event.created_at AT TIME ZONE 'Europe/Paris')::date - due_on, 0))
    FROM webhooks_storedevent AS event
    JOIN invoicing_invoice AS invoice ON invoice.id = (event.data ->> 'invoice_id')::uuid
    WHERE event.kind = 'invoice.paid'
"""
COLLECTED_BY_DAY = """
    SELECT (captured_at AT TIME ZONE 'Europe/Paris')::date AS day, sum(amount_minor)::bigint
    FROM payments_paymentintent WHERE state = 'captured' GROUP BY day
"""
OWED = """
    SELECT count(*), sum(to_pay_minor - paid_minor), count(*) FILTER (WHERE due_on < %s),
           coalesce(sum(to_pay_minor - paid_minor) FILTER (WHERE due_on < %s), 0)
    FROM invoicing_invoice WHERE state = 'issued' AND kind = 'final'
"""
TO_ALLOCATE = """
    SELECT sum(amount_minor) FROM payments_paymentintent
    WHERE credited_account = '471' AND NOT is_counted
"""


@pytest.fixture
def firm(world):
    return PayableFirm(world)


def request_of(firm, invoice):
    with acting_for(firm.id):
        return requests_about(
            organization_id=firm.id, reference_kind="invoice", reference_id=invoice.id
        ).get()


def captured(firm) -> list[PaymentIntent]:
    with acting_for(firm.id):
        return list(PaymentIntent.objects.filter(state=IntentState.CAPTURED).order_by("created_at"))


def pay_invoice(firm) -> None:
    """Have a card refused, then pay by another."""
    before = len(captured(firm))
    done_on = paris_date(business_now()) - timedelta(days=2)
    provider_id = firm.pay(request_of(firm, make_invoice(firm, supply_on=done_on)), REFUSED_CARD)
    firm.world.control(f"/payments/{provider_id}/pay", {"card_number": "4242424242424242"})
    eventually(lambda: len(captured(firm)) == before + 1)


def pay_by_instant_transfer(firm) -> None:
    before = len(captured(firm))
    request = firm.request(7_500)
    firm.start(request, Method.INSTANT_TRANSFER)
    with acting_for(firm.id):
        attempt = request.intents.get().attempts.get()
    firm.world.control(f"/payments/{attempt.provider_id}/pay", {"sca": "approve"})
    eventually(lambda: len(captured(firm)) == before + 1)


def refund(firm, intent, minor: int) -> None:
    request_refund(
        organization_id=firm.id,
        actor=firm.actor,
        intent_id=intent.id,
        amount=Money(minor),
        reason="geste",
        now=business_now(),
    )
    eventually(lambda: rows_of(firm, Refund, state="succeeded"))


def dispute(firm, intent) -> None:
    with acting_for(firm.id):
        provider_id = intent.attempts.get().provider_id
    firm.world.control("/disputes", {"payment_id": provider_id, "reason": "fraudulent"})
    eventually(lambda: rows_of(firm, Dispute))


def rows_of(firm, model, **conditions) -> bool:
    with acting_for(firm.id):
        return model.objects.filter(**conditions).exists()


def receive_payout(firm) -> None:
    firm.world.control("/clock/advance", {"days": 1})
    eventually(lambda: rows_of(firm, Payout))
    import_bank_days(firm)


def all_of(firm, sql: str, *values: object) -> list[tuple]:
    with acting_for(firm.id), connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def one(firm, sql: str, *values: object) -> tuple:
    (found,) = all_of(firm, sql, *values)
    return found


def allocate_to_nobody(firm) -> None:
    """Say of the bank's unexplained credit that it is ours, for nobody knows what yet."""
    with acting_for(firm.id):
        waiting = unmatched(organization_id=firm.id).filter(transaction__amount_minor=4_200).get()
    receive_unexplained(
        organization_id=firm.id,
        actor=firm.actor,
        transaction_id=waiting.transaction_id,
        request_id=None,
        now=business_now(),
    )


def live_two_days(firm) -> Invoice:
    """Have everything happen that is counted; return the invoice left unpaid beyond its date."""
    pay_invoice(firm)
    pay_invoice(firm)
    pay_by_instant_transfer(firm)
    transfer_to(firm, 4_200, "sans référence")
    late, overdue = (make_invoice(firm, due_on=paris_date(business_now())) for _ in range(2))
    cards = [intent for intent in captured(firm) if intent.method == Method.CARD]
    refund(firm, cards[0], 1_000)
    dispute(firm, cards[1])
    receive_payout(firm)
    allocate_to_nobody(firm)
    transfer_to(firm, late.gross_minor, f"Facture {request_of(firm, late).creditor_reference}")
    import_bank_days(firm)
    make_invoice(firm)
    return overdue


class TestTheFigures:
    def test_they_are_those_of_an_independent_count_of_the_rows(self, firm):
        overdue = live_two_days(firm)
        today = paris_date(business_now())

        with acting_for(firm.id):
            board = dashboard(
                organization_id=firm.id, period=last_days(10, until=today), today=today
            )

        now, owed = board.summary, board.owed
        delays = [float(average) for average in one(firm, DELAYS)]
        (refused,) = one(firm, "SELECT count(*) FROM payments_attemptrefusal")
        assert now.by_method == {
            method: one(firm, RECEIVED_BY, method)
            for method in ("card", "instant_transfer", "transfer")
        }
        assert now.captured_count == sum(count for count, _ in now.by_method.values())
        assert now.captured_minor == sum(minor for _, minor in now.by_method.values())
        assert now.by_day == dict(all_of(firm, COLLECTED_BY_DAY))
        assert (refused, now.by_refusal) == (2, {"insufficient_funds": 2})
        assert now.failure_rate == pytest.approx(refused / (refused + now.captured_count))
        assert (now.refunded_count, now.refunded_minor) == one(
            firm,
            "SELECT count(*), sum(amount_minor) FROM payments_refund WHERE state = 'succeeded'",
        )
        assert (now.disputed_count, now.disputed_minor) == one(
            firm, "SELECT count(*), sum(amount_minor) FROM payments_dispute"
        )
        assert [now.hours_to_funds, now.days_from_work] == pytest.approx(delays)
        assert now.days_late == pytest.approx(float(one(firm, DAYS_LATE)[0]))
        assert one(firm, OWED, today, today) == (
            owed.open_count,
            owed.open_amount.minor,
            owed.overdue_count,
            owed.overdue_amount.minor,
        )
        assert overdue.gross_minor == owed.overdue_amount.minor
        assert one(firm, TO_ALLOCATE) == (board.to_allocate.minor,)


def text_of(answer) -> str:
    text = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return re.sub(r"[\s\u00a0\u202f]+", " ", text)


class TestThePage:
    def test_it_says_the_figures_and_their_tables(self, firm):
        pay_invoice(firm)
        pay_by_instant_transfer(firm)
        client = signed_in(firm)

        answer = client.get("/tableau-de-bord/")

        text = text_of(answer)
        total = Money(sum(intent.amount_minor for intent in captured(firm))).in_french()
        assert re.sub(r"[\u00a0\u202f]", " ", total) in text
        assert "en 2 paiements" in text
        assert "66,7 %" in text
        assert "33,3 %" in text
        assert "Provision insuffisante" in text
        assert "Redonnez le même lien dans quelques jours" in text
        assert "Observatoire des délais de paiement" in text
        assert "42,7 jours" in text
        html = answer.content.decode()
        assert html.count('role="img"') == 4
        assert html.count("<desc") == 4
        assert html.count('<table class="table"') == 3
        assert "style=" not in html

    def test_it_costs_the_same_with_few_and_with_many_payments(self, firm):
        client = signed_in(firm)
        pay_invoice(firm)
        client.get("/tableau-de-bord/")
        with CaptureQueriesContext(connection) as few:
            client.get("/tableau-de-bord/")
        for _ in range(3):
            pay_invoice(firm)

        with CaptureQueriesContext(connection) as many:
            client.get("/tableau-de-bord/")

        assert len(many) == len(few)
        assert not any("paymentintent" in query["sql"] for query in many)

    def test_a_period_before_the_first_payment_teaches_the_first_step(self, firm):
        answer = signed_in(firm).get("/tableau-de-bord/?du=2020-01-01&au=2020-12-31")

        text = text_of(answer)
        assert answer.status_code == 200
        assert "Rien sur cette période" in text
        assert "Demander un paiement" in text
        assert "Reste à payer par vos clients" in text

    @pytest.mark.parametrize(
        "query", ["du=2026-02-31&au=2026-03-02", "du=2026-11-23&au=2026-11-01", "du=<b>&au=x"]
    )
    def test_days_that_cannot_be_read_are_said_so_and_kept(self, firm, query):
        answer = signed_in(firm).get(f"/tableau-de-bord/?{query}")

        typed = query.split("&")[0].removeprefix("du=").replace("<", "&lt;").replace(">", "&gt;")
        html = answer.content.decode()
        assert answer.status_code == 422
        assert "period_invalid" in html
        assert f'value="{typed}"' in html

    def test_whoever_may_read_the_dashboard_opens_it(self, firm):
        assert signed_in(firm, Role.AUDITOR).get("/tableau-de-bord/").status_code == 200

    def test_today_leads_to_it(self, firm):
        assert 'href="/tableau-de-bord/"' in signed_in(firm).get("/").content.decode()
