"""Quotes and invoices of a payable firm."""

from datetime import timedelta

from encaisse.invoicing.core.amounts import Line, VatRate
from encaisse.invoicing.core.states import AgreementPlace
from encaisse.invoicing.models import Invoice, Quote
from encaisse.invoicing.services.invoices import InvoiceDraft, invoice_quote, issue_invoice
from encaisse.invoicing.services.quotes import (
    Acceptance,
    QuoteDraft,
    accept_quote,
    draft_quote,
    send_quote,
)
from encaisse.kernel.money import Money
from encaisse.kit.clock import business_now, paris_date
from encaisse.kit.tenancy import acting_for

LINES = (
    Line("Chauffe-eau 200 L, fourni et posé", 1000, "u", Money(890_00), VatRate.REDUCED),
    Line("Main-d’œuvre", 6500, "h", Money(48_00), VatRate.INTERMEDIATE),
    Line("Mise en déchetterie", 1000, "forfait", Money(35_50), VatRate.NORMAL),
)


def make_draft(firm, **values: object) -> QuoteDraft:
    defaults = {
        "customer_id": firm.customer.id,
        "subject": "Remplacement du chauffe-eau",
        "lines": LINES,
        "valid_until": paris_date(business_now()) + timedelta(days=30),
        "deposit_basis_points": 3000,
        "agreement_place": AgreementPlace.DISTANCE,
    }
    return QuoteDraft(**{**defaults, **values})


def make_sent_quote(firm, **values: object) -> Quote:
    now = business_now()
    quote = draft_quote(
        organization_id=firm.id, actor=firm.actor, draft=make_draft(firm, **values), now=now
    )
    return send_quote(organization_id=firm.id, actor=firm.actor, quote_id=quote.id, now=now)


def accept(firm, quote: Quote, **values: object) -> Quote:
    defaults = {"name": "Camille Leroy", "ip_address": "192.0.2.7", "sha256": quote.document.sha256}
    return accept_quote(
        organization_id=firm.id,
        quote_id=quote.id,
        acceptance=Acceptance(**{**defaults, **values}),
        now=business_now(),
    )


def make_accepted_quote(firm, **values: object) -> Quote:
    return accept(firm, make_sent_quote(firm, **values))


def invoice_of(firm, quote: Quote) -> Invoice:
    today = paris_date(business_now())
    return invoice_quote(
        organization_id=firm.id,
        actor=firm.actor,
        quote_id=quote.id,
        due_on=today + timedelta(days=30),
        supply_on=today,
        now=business_now(),
    )


def make_invoice(firm, **values: object) -> Invoice:
    """An invoice without a quote, of one line unless told otherwise."""
    defaults = {
        "customer_id": firm.customer.id,
        "subject": "Dépannage",
        "lines": LINES[1:2],
        "due_on": paris_date(business_now()) + timedelta(days=30),
    }
    with acting_for(firm.id):
        return issue_invoice(
            organization_id=firm.id,
            actor=firm.actor,
            draft=InvoiceDraft(**{**defaults, **values}),
            now=business_now(),
        )
