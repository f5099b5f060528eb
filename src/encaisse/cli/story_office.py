"""What the firm does in a story: quotes, invoices, bank statements, and reading its own books."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from encaisse.cli.errors import CommandFailed
from encaisse.cli.story_stage import ACTOR, Stage, some_email
from encaisse.invoicing.core.amounts import Line
from encaisse.invoicing.core.states import DocumentKind, InvoiceState
from encaisse.invoicing.models import Invoice, Quote
from encaisse.invoicing.queries import invoice, invoices, open_invoices
from encaisse.invoicing.services.invoices import InvoiceDraft, issue_invoice
from encaisse.invoicing.services.quotes import QuoteDraft, draft_quote, quote_token, send_quote
from encaisse.kernel.money import Money
from encaisse.kit.clock import business_now, paris_date
from encaisse.kit.tenancy import acting_for
from encaisse.payments.core import AttemptState, IntentState
from encaisse.payments.models import PaymentIntent, PaymentRequest, Payout
from encaisse.payments.queries import payments, payouts, request, requests_about, to_allocate
from encaisse.payments.services.receipts import allocate_receipt
from encaisse.payments.services.refunds import request_refund
from encaisse.providers.queries import active_connection, open_plugin
from encaisse.reporting.queries import Owed, owed
from encaisse.treasury.queries import ThreeWayReport, collecting_account, three_way, unmatched
from encaisse.treasury.services.finders import open_line
from encaisse.treasury.services.imports import import_statement

_STATEMENT_DAYS = 10
_TERM = timedelta(days=30)
_DEPOSIT_BASIS_POINTS = 3000


class Office:
    """The demo's firm at work, in a story."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._firm = stage.organization_id
        self._doubt: AttemptState | None = None

    def quote(self, subject: str, lines: Sequence[Line]) -> Quote:
        now = business_now()
        with acting_for(self._firm):
            customer = self._stage.customer("Mme Chêne", some_email())
        draft = QuoteDraft(
            customer_id=customer.id,
            subject=subject,
            lines=tuple(lines),
            valid_until=paris_date(now) + _TERM,
            deposit_basis_points=_DEPOSIT_BASIS_POINTS,
        )
        drafted = draft_quote(organization_id=self._firm, actor=ACTOR, draft=draft, now=now)
        return send_quote(organization_id=self._firm, actor=ACTOR, quote_id=drafted.id, now=now)

    def accept(self, quote: Quote) -> None:
        self._stage.visitor().accept_quote(quote_token(quote), name="Mme Chêne")

    def invoice(self, subject: str, lines: Sequence[Line], *, name: str) -> Invoice:
        """Issue an invoice that is to be paid today."""
        now = business_now()
        with acting_for(self._firm):
            customer = self._stage.customer(name, some_email())
        draft = InvoiceDraft(
            customer_id=customer.id,
            subject=subject,
            lines=tuple(lines),
            due_on=paris_date(now),
            supply_on=paris_date(now),
        )
        return issue_invoice(organization_id=self._firm, actor=ACTOR, draft=draft, now=now)

    def deposit_invoice(self, quote_id: UUID) -> Invoice | None:
        with acting_for(self._firm):
            rows = invoices(organization_id=self._firm)
            return rows.filter(kind=DocumentKind.DEPOSIT, quote_id=quote_id).first()

    def is_paid(self, invoice_id: UUID) -> bool:
        with acting_for(self._firm):
            row = invoice(organization_id=self._firm, invoice_id=invoice_id)
        return row.state == InvoiceState.PAID

    def is_late(self, invoice_id: UUID) -> bool:
        with acting_for(self._firm):
            rows = open_invoices(organization_id=self._firm, due_before=paris_date(business_now()))
            return rows.filter(id=invoice_id).exists()

    def overdue(self) -> Owed:
        with acting_for(self._firm):
            return owed(organization_id=self._firm, today=paris_date(business_now()))

    def request_about(self, kind: str, reference_id: UUID) -> PaymentRequest:
        with acting_for(self._firm):
            return requests_about(
                organization_id=self._firm, reference_kind=kind, reference_id=reference_id
            )[0]

    def state_of(self, link: PaymentRequest) -> str:
        with acting_for(self._firm):
            return request(organization_id=self._firm, request_id=link.id).state

    def captured(self, link: PaymentRequest) -> Money:
        """Return what the books took for a link, all payments together."""
        with acting_for(self._firm):
            rows = payments(organization_id=self._firm).filter(
                request_id=link.id, state=IntentState.CAPTURED
            )
            return Money(sum(row.amount_minor for row in rows))

    def captures_at_provider(self, link: PaymentRequest) -> int:
        """Return how many times the provider says that it took a link's payment."""
        provider_id = self._stage.attempt(link).provider_id
        known = self._stage.control("GET", "/events", account_id=self._account(), limit="500")
        return sum(
            event["type"] == "payment.captured" and event["data"]["object"]["id"] == provider_id
            for event in known["data"]
        )

    def send_transfer(self, link: PaymentRequest) -> None:
        """Let the customer send a plain transfer with the reference printed on the invoice."""
        order = {
            "to_iban": self._iban(),
            "amount": link.remaining.minor,
            "remittance": link.creditor_reference,
            "from_name": "M. Deux-Fois",
        }
        self._stage.control("POST", "/transfers", order)

    def import_bank(self) -> None:
        """Take in the bank's statement of the last days."""
        now = business_now()
        with acting_for(self._firm):
            connection = active_connection(organization_id=self._firm)
        opened = open_plugin(organization_id=self._firm, connection_id=connection.id)
        content = opened.bank_statement(
            iban=self._iban(),
            first_day=paris_date(now) - timedelta(days=_STATEMENT_DAYS),
            last_day=paris_date(now),
        )
        import_statement(
            organization_id=self._firm,
            actor=ACTOR,
            name="releve.camt053.xml",
            content=content,
            now=now,
        )

    def waiting_money(self, amount: Money) -> PaymentIntent:
        """:raises CommandFailed: no received money of this amount waits to be allocated"""
        with acting_for(self._firm):
            rows = to_allocate(organization_id=self._firm)
            found = rows.filter(amount_minor=amount.minor).order_by("-created_at").first()
        if found is None:
            raise CommandFailed("Le virement n’attend pas d’être affecté.")
        return found

    def allocate(self, intent: PaymentIntent, link: PaymentRequest) -> None:
        allocate_receipt(
            organization_id=self._firm,
            actor=ACTOR,
            intent_id=intent.id,
            request_id=link.id,
            now=business_now(),
        )

    def give_back(self, intent: PaymentIntent) -> None:
        """Give a payment back whole, as the owner does: a program may have to wait for one."""
        request_refund(
            organization_id=self._firm,
            actor=ACTOR,
            intent_id=intent.id,
            amount=intent.amount,
            reason="Payé deux fois",
            now=business_now(),
        )

    def make_next_payout_short(self, cents: int) -> None:
        rule = {"payout_short_cents": cents, "account_id": self._account(), "next": 1}
        self._stage.control("POST", "/chaos", rule)

    def payout_of(self, link: PaymentRequest) -> Payout | None:
        """Return the payout that holds a link's payment, once the provider told of it."""
        provider_id = self._stage.attempt(link).provider_id
        with acting_for(self._firm):
            rows = payouts(organization_id=self._firm)
            return rows.filter(lines__provider_payment_id=provider_id).first()

    def unexplained_line(self, payout: Payout) -> Money | None:
        """Return the amount of the bank line that names a payout and that nothing explains."""
        with acting_for(self._firm):
            lines = [open_line(row.transaction) for row in unmatched(organization_id=self._firm)]
        named = [line.amount for line in lines if payout.bank_reference in line.text]
        return named[-1] if named else None

    def proof(self) -> ThreeWayReport:
        with acting_for(self._firm):
            return three_way(organization_id=self._firm, now=business_now())

    def end_of_doubt(self, link: PaymentRequest) -> AttemptState | None:
        """Return the state seen before the end, once the payment is taken; none until then."""
        state = AttemptState(self._stage.attempt(link).state)
        if state is AttemptState.CAPTURED:
            return self._doubt or state
        self._doubt = state if state is AttemptState.UNKNOWN else self._doubt
        return None

    def _account(self) -> str:
        with acting_for(self._firm):
            return active_connection(organization_id=self._firm).account_id

    def _iban(self) -> str:
        with acting_for(self._firm):
            return collecting_account(organization_id=self._firm).iban
