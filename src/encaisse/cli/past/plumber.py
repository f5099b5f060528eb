"""What the plumber does: quotes, invoices, links, refunds, decisions, and the Friday's accounts."""

from datetime import timedelta

from encaisse.cli.past.memory import Known, Past
from encaisse.cli.past.plan import Act
from encaisse.invoicing.services.invoices import InvoiceDraft, credit_invoice, issue_invoice
from encaisse.invoicing.services.invoices import invoice_quote as issue_from_quote
from encaisse.invoicing.services.quotes import (
    QuoteDraft,
    draft_quote,
    send_quote,
)
from encaisse.kernel.money import Money
from encaisse.kit.clock import business_now, paris_date
from encaisse.ledger.core import Account
from encaisse.payments.core import AttemptState
from encaisse.payments.services import held
from encaisse.payments.services.disputes import record_dispute
from encaisse.payments.services.payouts import record_payout
from encaisse.payments.services.refunds import request_refund
from encaisse.payments.services.requests import RequestDraft, create_request
from encaisse.providers.queries import open_plugin
from encaisse.treasury.services.imports import import_statement

_DEPOSIT_BASIS_POINTS = 3000


def quote(past: Past, act: Act) -> None:
    job, now = act.job, business_now()
    draft = draft_quote(
        organization_id=past.organization_id,
        actor=past.firm.actor,
        draft=QuoteDraft(
            customer_id=past.customer(job.person),
            subject=job.subject,
            lines=job.lines,
            valid_until=paris_date(now) + timedelta(days=30),
            deposit_basis_points=_DEPOSIT_BASIS_POINTS,
        ),
        now=now,
    )
    sent = send_quote(
        organization_id=past.organization_id,
        actor=past.firm.actor,
        quote_id=draft.id,
        now=now,
    )
    sha256 = sent.document.sha256 if sent.document else ""
    past.jobs[job] = Known(quote_id=sent.id, sha256=sha256)


def invoice(past: Past, act: Act) -> None:
    known = past.known(act.job)
    now = business_now()
    due_on = paris_date(now) + timedelta(days=30 if act.job.person.is_professional else 15)
    if known.quote_id is not None:
        issued = issue_from_quote(
            organization_id=past.organization_id,
            actor=past.firm.actor,
            quote_id=known.quote_id,
            due_on=due_on,
            supply_on=None,
            now=now,
        )
    else:
        draft = InvoiceDraft(
            customer_id=past.customer(act.job.person),
            subject=act.job.subject,
            lines=act.job.lines,
            due_on=due_on,
        )
        issued = issue_invoice(
            organization_id=past.organization_id,
            actor=past.firm.actor,
            draft=draft,
            now=now,
        )
    known.invoice_id = issued.id
    known.request_id = past.asked("invoice", issued.id)


def link(past: Past, act: Act) -> None:
    draft = RequestDraft(
        amount=Money(act.job.cents),
        description=act.job.subject,
        credit_account=Account.DEPOSITS_RECEIVED,
        counterparty_id=past.customer(act.job.person),
    )
    asked = create_request(
        organization_id=past.organization_id,
        actor=past.firm.actor,
        draft=draft,
        now=business_now(),
    )
    past.known(act.job).request_id = asked.id


def credit(past: Past, act: Act) -> None:
    invoice_id = past.known(act.job).invoice_id
    if invoice_id is not None:
        credit_invoice(
            organization_id=past.organization_id,
            actor=past.firm.actor,
            invoice_id=invoice_id,
            now=business_now(),
        )


def refund(past: Past, act: Act) -> None:
    attempt = past.attempt(act.job)
    if attempt is None or attempt.state != AttemptState.CAPTURED:
        return
    cents = max(100, attempt.intent.amount_minor // 4)
    request_refund(
        organization_id=past.organization_id,
        actor=past.firm.actor,
        intent_id=attempt.intent_id,
        amount=Money(cents),
        reason=act.detail,
        now=business_now(),
    )


def release(past: Past, act: Act) -> None:
    held.release(
        organization_id=past.organization_id,
        actor=past.firm.actor,
        case_id=past.case(act.job).id,
        note="Appelé au numéro du devis : c’est bien lui.",
        now=business_now(),
    )


def give_up_as_fraud(past: Past, act: Act) -> None:
    held.refuse(
        organization_id=past.organization_id,
        actor=past.firm.actor,
        case_id=past.case(act.job).id,
        is_fraud=True,
        note="Injoignable, et la carte n’est pas à son nom.",
        now=business_now(),
    )


def reconcile(past: Past, _act: Act) -> None:
    """Take in the week's payouts, disputes and bank lines."""
    now, since = business_now(), past.reconciled_at
    about = {
        "organization_id": past.organization_id,
        "connection_id": past.firm.connection_id,
    }
    opened = open_plugin(**about)
    for payout in opened.payouts_since(since - timedelta(hours=1)):
        record_payout(**about, payout=payout, now=now)
    for dispute in opened.disputes_updated_since(since - timedelta(hours=1)):
        record_dispute(**about, dispute=dispute, now=now)
    content = opened.bank_statement(
        iban=past.firm.iban, first_day=paris_date(since), last_day=paris_date(now)
    )
    import_statement(
        organization_id=past.organization_id,
        actor=past.firm.actor,
        name=f"releve-{paris_date(now):%Y-%m-%d}.camt053.xml",
        content=content,
        now=now,
    )
    past.reconciled_at = now
