"""Everything that moves money at the same moment, in one firm: nobody blocks anybody for good."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from encaisse.audit.queries import verify_chain
from encaisse.invoicing.models import Invoice
from encaisse.invoicing.services.invoices import credit_invoice
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.ledger.queries import balance
from encaisse.payments.models import PaymentIntent
from encaisse.payments.services.receipts import allocate_receipt
from factories.answers import captured, given_back, paid, request_about, started
from factories.invoicing import invoice_of, make_accepted_quote, make_invoice
from factories.payments import PayableFirm, bank_receipt

EACH = 8


@pytest.fixture
def firm(world):
    return PayableFirm(world)


def allocated(firm, waiting: PaymentIntent, invoice: Invoice) -> None:
    allocate_receipt(
        organization_id=firm.id,
        actor=firm.actor,
        intent_id=waiting.id,
        request_id=request_about(firm, invoice).id,
        now=business_now(),
    )


def credited(firm, invoice: Invoice) -> None:
    credit_invoice(
        organization_id=firm.id, actor=firm.actor, invoice_id=invoice.id, now=business_now()
    )


def one_after_the_other(steps: Sequence[Callable[[], object]]) -> None:
    try:
        for step in steps:
            step()
    finally:
        connections.close_all()


class TestAllAtOnce:
    def test_captures_refunds_credit_notes_and_bank_lines_never_deadlock(self, firm):
        quotes = [make_accepted_quote(firm) for _ in range(3 * EACH)]
        deposits = [started(firm, request_about(firm, quote)) for quote in quotes]
        captured(firm, *deposits[EACH:])
        finals = [invoice_of(firm, quote) for quote in quotes[2 * EACH :]]
        plain = [make_invoice(firm) for _ in range(4 * EACH)]
        gross = plain[0].gross_minor
        waiting = [bank_receipt(firm, gross, None) for _ in range(EACH)]
        cards = [started(firm, request_about(firm, row)) for row in plain[EACH : 2 * EACH]]
        refundable = [paid(firm, row) for row in plain[2 * EACH : 3 * EACH]]
        rest = plain[3 * EACH :]
        pairs = zip(deposits[:EACH:2], deposits[1:EACH:2], strict=True)

        hands = [
            [lambda two=two: captured(firm, *two) for two in pairs],
            [lambda card=card: captured(firm, card) for card in cards],
            [lambda card=card: given_back(firm, card, gross) for card in refundable],
            [
                lambda it=it: given_back(firm, it, it.intent.amount_minor)
                for it in deposits[EACH : 2 * EACH]
            ],
            [lambda final=final: credited(firm, final) for final in finals],
            [
                lambda money=money, row=row: allocated(firm, money, row)
                for money, row in zip(waiting, plain[:EACH], strict=True)
            ],
            [
                lambda row=row: bank_receipt(firm, gross, request_about(firm, row).id)
                for row in rest
            ],
            [lambda: make_invoice(firm) for _ in range(EACH)],
        ]
        with ThreadPoolExecutor(len(hands)) as pool:
            list(pool.map(one_after_the_other, hands))

        with acting_for(firm.id):
            assert verify_chain(organization_id=firm.id).broken_at is None
            # What was issued meanwhile, and what was given back, is owed; nothing else is.
            assert balance(organization_id=firm.id, account_prefix="411").minor == 2 * EACH * gross
            assert balance(organization_id=firm.id, account_prefix="471").minor == 0
