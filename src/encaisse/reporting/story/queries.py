"""Gathering what the rows say of one payment: a fixed number of queries, by indexes only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from encaisse.audit.models import AuditEntry
from encaisse.invoicing.models import Invoice
from encaisse.kernel.money import Currency, Money
from encaisse.kit.clock import paris_date, start_of_day
from encaisse.ledger.core import Account
from encaisse.ledger.models import JournalEntry
from encaisse.messaging.models import OutboundMail
from encaisse.organizations.queries import members
from encaisse.payments.models import (
    Dispute,
    PaymentAttempt,
    PaymentIntent,
    PaymentRequest,
    PayoutLine,
    Refund,
)
from encaisse.payments.queries import payment as payment_by_id
from encaisse.providers.models import InboundEvent
from encaisse.providers.registry import payout_delay
from encaisse.reporting.story.facts import (
    AskedFact,
    AuditFact,
    DisputeFact,
    EntryFact,
    InvoiceFact,
    LineFact,
    MailFact,
    MessageFact,
    Move,
    PaymentFacts,
    PayoutFact,
    RefundFact,
    RefusalFact,
    Story,
    TryFact,
)
from encaisse.reporting.story.telling import tell
from encaisse.treasury.models import BankTransaction, Match, MatchKind

_MAILS = ("receipt", "refund", "quote", "invoice", "deposit_invoice", "dispute")


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of one payment, each table read once."""

    intent: PaymentIntent
    attempts: Sequence[PaymentAttempt]
    refunds: Sequence[Refund]
    disputes: Sequence[Dispute]
    parts: Sequence[PayoutLine]
    invoice: Invoice | None
    lines: Mapping[UUID, LineFact]

    @property
    def provider_ids(self) -> list[str]:
        """Return what the provider calls everything this story is about."""
        found = {row.provider_id for row in self.attempts}
        found |= {row.provider_id for row in self.refunds}
        found |= {row.provider_id for row in self.disputes}
        found |= {part.payout.provider_id for part in self.parts}
        return sorted(found - {""})

    @property
    def sources(self) -> list[str]:
        """Return what the books name as causes of this payment's entries."""
        found = [f"payment:{self.intent.id}"]
        found += [f"payment_attempt:{row.id}" for row in self.attempts]
        found += [f"refund:{row.id}" for row in self.refunds]
        found += [f"dispute:{row.id}" for row in self.disputes]
        found += [f"payout:{part.payout_id}" for part in self.parts]
        if self.intent.bank_transaction_id:
            found.append(f"bank_transaction:{self.intent.bank_transaction_id}")
        if self.invoice is not None and self.invoice.intent_id == self.intent.id:
            found.append(f"invoice:{self.invoice.id}")
        return found


def story_of(*, organization_id: UUID, intent_id: UUID, today: date) -> Story:
    """
    Tell a payment, from its link to the bank's line.

    :raises NotFound: no such payment here
    """
    intent = payment_by_id(organization_id=organization_id, intent_id=intent_id)
    return tell(facts_of(intent=intent, today=today))


def facts_of(*, intent: PaymentIntent, today: date) -> PaymentFacts:
    """Return what the rows say of a payment, before it is told."""
    return _facts(_rows_of(intent), today)


def people(*, organization_id: UUID) -> dict[str, str]:
    """Return the name of each member, by the identifier an audit line carries."""
    return {str(row.user_id): str(row.user) for row in members(organization_id=organization_id)}


def _rows_of(intent: PaymentIntent) -> _Rows:
    about = {"organization_id": intent.organization_id, "intent_id": intent.id}
    attempts = list(
        PaymentAttempt.objects.filter(**about)
        .select_related("connection")
        .prefetch_related("refusals")
        .order_by("created_at", "id")
    )
    refunds = list(Refund.objects.filter(**about).order_by("created_at", "id"))
    parts = _payout_parts(intent.organization_id, attempts)
    return _Rows(
        intent=intent,
        attempts=attempts,
        refunds=refunds,
        disputes=list(Dispute.objects.filter(**about).order_by("created_at", "id")),
        parts=parts,
        invoice=_invoice_of(intent),
        lines=_bank_lines(intent, refunds, parts),
    )


def _facts(rows: _Rows, today: date) -> PaymentFacts:
    intent = rows.intent
    request = intent.request
    delay = payout_delay(provider=rows.attempts[-1].connection.provider) if rows.attempts else None
    return PaymentFacts(
        id=intent.id,
        method=intent.method,
        state=intent.state,
        amount=intent.amount,
        today=today,
        captured_at=intent.captured_at,
        captured_on=paris_date(intent.captured_at) if intent.captured_at else None,
        allocated_at=intent.allocated_at,
        is_to_allocate=intent.credited_account == Account.TO_ALLOCATE and not intent.is_counted,
        payout_bank_days=delay.bank_days if delay else None,
        asked=_asked(request) if request else None,
        tries=tuple(_try(row) for row in rows.attempts),
        payouts=tuple(_payout(part, rows) for part in rows.parts),
        arrival=rows.lines.get(intent.id),
        refunds=tuple(_refund(row, rows) for row in rows.refunds),
        disputes=tuple(_dispute(row) for row in rows.disputes),
        invoice=_invoice(rows.invoice),
        audit=tuple(_audit(rows)),
        messages=tuple(_messages(rows)),
        entries=tuple(_entries(rows)),
        mails=tuple(_mails(rows)),
    )


def _asked(row: PaymentRequest) -> AskedFact:
    return AskedFact(
        id=row.id,
        at=row.created_at,
        reference_kind=row.reference_kind,
        reference_id=row.reference_id,
        creditor_reference=row.creditor_reference,
        amount=row.amount,
    )


def _try(row: PaymentAttempt) -> TryFact:
    return TryFact(
        id=row.id,
        provider=row.connection.display_name,
        state=row.state,
        provider_id=row.provider_id,
        opened_at=row.created_at,
        updated_at=row.updated_at,
        failure=row.failure,
        card=_card(row),
        authentication=row.authentication,
        has_liability_shift=bool(row.has_liability_shift),
        refusals=tuple(
            RefusalFact(refusal.refused_at, refusal.reason, refusal.card_last4)
            for refusal in sorted(row.refusals.all(), key=lambda refusal: refusal.position)
        ),
    )


def _card(row: PaymentAttempt) -> str:
    return f"{row.card_brand.capitalize()} •••• {row.card_last4}" if row.card_last4 else ""


def _payout_parts(organization_id: UUID, attempts: Iterable[PaymentAttempt]) -> list[PayoutLine]:
    ids = [row.provider_id for row in attempts if row.provider_id]
    return list(
        PayoutLine.objects.filter(
            organization_id=organization_id, provider_payment_id__in=ids, kind="payment"
        )
        .select_related("payout")
        .order_by("payout__paid_at", "id")
    )


def _payout(part: PayoutLine, rows: _Rows) -> PayoutFact:
    currency = Currency(part.payout.currency)
    return PayoutFact(
        id=part.payout_id,
        provider_id=part.payout.provider_id,
        bank_reference=part.payout.bank_reference,
        paid_at=part.payout.paid_at,
        paid_on=paris_date(part.payout.paid_at),
        gross=Money(part.gross_minor, currency),
        fee=Money(part.fee_minor, currency),
        net=Money(part.net_minor, currency),
        arrival=rows.lines.get(part.payout_id),
    )


def _refund(row: Refund, rows: _Rows) -> RefundFact:
    return RefundFact(
        id=row.id,
        amount=row.amount,
        state=row.state,
        reason=row.reason,
        provider_id=row.provider_id,
        asked_at=row.created_at,
        updated_at=row.updated_at,
        departure=rows.lines.get(row.id),
    )


def _dispute(row: Dispute) -> DisputeFact:
    return DisputeFact(
        id=row.id,
        provider_id=row.provider_id,
        amount=Money(row.amount_minor, Currency(row.currency)),
        state=row.state,
        reason=row.reason,
        opened_at=row.created_at,
        due_on=paris_date(row.evidence_due_at) if row.evidence_due_at else None,
        closed_at=row.closed_at,
    )


def _invoice_of(intent: PaymentIntent) -> Invoice | None:
    """Return the invoice this payment is counted on, or the one its deposit made."""
    rows = Invoice.objects.filter(organization_id=intent.organization_id)
    request = intent.request
    if request is not None and request.reference_kind == "invoice" and intent.is_counted:
        return rows.filter(id=request.reference_id).first()
    return rows.filter(intent_id=intent.id).first()


def _invoice(row: Invoice | None) -> InvoiceFact | None:
    return InvoiceFact(row.id, row.number, row.kind, row.paid_at is not None) if row else None


def _bank_lines(
    intent: PaymentIntent, refunds: Sequence[Refund], parts: Sequence[PayoutLine]
) -> dict[UUID, LineFact]:
    """Return the bank's lines by what each of them is explained by."""
    targets = [intent.id, *(row.id for row in refunds), *(part.payout_id for part in parts)]
    found = Match.objects.filter(
        organization_id=intent.organization_id, kind__in=MatchKind.values, target_id__in=targets
    ).select_related("transaction__account")
    return {match.target_id: _line(match.transaction, match.reason) for match in found}


def _line(row: BankTransaction, reason: str) -> LineFact:
    return LineFact(
        id=row.id,
        booked_on=row.booked_on,
        at=start_of_day(row.booked_on),
        account=f"{row.account.label} {row.account.iban_masked}",
        amount=row.amount,
        reason=reason,
    )


def _audit(rows: _Rows) -> list[AuditFact]:
    intent = rows.intent
    targets = [f"payment:{intent.id}", f"receipt:{intent.id}"]
    if intent.request_id:
        targets.append(f"payment_request:{intent.request_id}")
    found = AuditEntry.objects.filter(
        organization_id=intent.organization_id, target__in=targets
    ).order_by("sequence")
    return [
        AuditFact(row.sequence, row.created_at, row.actor, row.action, row.target) for row in found
    ]


def _messages(rows: _Rows) -> list[MessageFact]:
    found = (
        InboundEvent.objects.filter(
            organization_id=rows.intent.organization_id, object_id__in=rows.provider_ids
        )
        .order_by("created_at", "id")
        .defer("body_sealed")
    )
    return [MessageFact(row.external_id, row.kind, row.object_id, row.created_at) for row in found]


def _entries(rows: _Rows) -> list[EntryFact]:
    found = (
        JournalEntry.objects.filter(
            organization_id=rows.intent.organization_id, source__in=rows.sources
        )
        .prefetch_related("lines")
        .order_by("validated_at", "number", "id")
    )
    return [
        EntryFact(
            number=f"{row.journal}-{row.fiscal_year}-{row.number}",
            source=row.source,
            reason=row.reason,
            at=row.validated_at,
            moves=tuple(
                Move(line.account, line.side, Money(line.amount_minor, Currency(line.currency)))
                for line in sorted(row.lines.all(), key=lambda line: line.position)
            ),
        )
        for row in found
    ]


def _mails(rows: _Rows) -> list[MailFact]:
    intent = rows.intent
    about = [intent.id, *(row.id for row in [*rows.refunds, *rows.disputes])]
    if intent.request is not None and intent.request.reference_id:
        about.append(intent.request.reference_id)
    if rows.invoice is not None:
        about.append(rows.invoice.id)
    found = (
        OutboundMail.objects.filter(
            organization_id=intent.organization_id, kind__in=_MAILS, object_id__in=about
        )
        .order_by("created_at", "id")
        .only("id", "kind", "object_id", "message_id", "created_at", "state")
    )
    return [
        MailFact(row.kind, row.object_id, row.message_id, row.created_at, row.state)
        for row in found
    ]
