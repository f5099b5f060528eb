"""Money that reached the bank by plain transfer, and money nobody waited for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from encaisse.audit import services as audit
from encaisse.kernel.actor import Actor
from encaisse.kernel.errors import Invalid, NotFound
from encaisse.kernel.money import Currency, Money
from encaisse.kit.bulk import insert_all, update_all
from encaisse.kit.clock import paris_date, start_of_day
from encaisse.kit.events import publish
from encaisse.kit.gathering import gathered
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for
from encaisse.ledger.core import Account, Journal, Voucher, credit, debit, entry_of
from encaisse.ledger.services import Posting, post_entry
from encaisse.payments.core import (
    REQUEST_MOVES,
    IntentState,
    Method,
    RequestState,
    check_move,
)
from encaisse.payments.events import PaymentCaptured
from encaisse.payments.models import PaymentIntent, PaymentRequest
from encaisse.payments.posting import auxiliary_of
from encaisse.payments.services.counting import announce_capture, count_on_request
from encaisse.payments.services.requests import (
    lock_requests_by_id,
    queue_cancellations,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalReceipt:
    """Money that a bank line brought by itself, and the request its reference names."""

    bank_transaction_id: UUID
    amount: Money
    booked_on: date
    label: str
    request_id: UUID | None


def record_external_receipts(
    *, organization_id: UUID, receipts: Sequence[ExternalReceipt], now: datetime
) -> dict[UUID, PaymentIntent]:
    """
    Write received money, once per bank line: D 512 / C the asker's account.

    Without a request that can still take it, the money waits in 471 "to allocate". The answer
    is by bank line. A batch costs a fixed number of queries.
    """
    with acting_for(organization_id), gathered():
        requests = lock_requests_by_id(
            organization_id=organization_id,
            request_ids={item.request_id for item in receipts if item.request_id},
        )
        known = _known_receipts(organization_id, receipts)
        fresh = [item for item in receipts if item.bank_transaction_id not in known]
        intents = {
            item.bank_transaction_id: _received(
                organization_id, item, requests.get(item.request_id), now
            )
            for item in fresh
        }
        insert_all(intents.values())
        takers = {intent.request_id for intent in intents.values()}
        paid = [request for request in requests.values() if request.id in takers]
        update_all(paid, ["received_minor", "state"])
        queue_cancellations(
            organization_id=organization_id, request_ids=[request.id for request in paid]
        )
        for item in fresh:
            intent = intents[item.bank_transaction_id]
            _post(intent, item.booked_on, item.label, now)
            announce_capture(intent, intent.request, None, now)
    return known | intents


def _known_receipts(
    organization_id: UUID, receipts: Sequence[ExternalReceipt]
) -> dict[UUID, PaymentIntent]:
    rows = PaymentIntent.objects.filter(
        organization_id=organization_id,
        bank_transaction_id__in=[item.bank_transaction_id for item in receipts],
    )
    return {row.bank_transaction_id: row for row in rows if row.bank_transaction_id}


def _received(
    organization_id: UUID, item: ExternalReceipt, request: PaymentRequest | None, now: datetime
) -> PaymentIntent:
    """Give the money to its request if that one still waits for it: nothing is saved here."""
    takes = (
        request is not None
        and request.state == RequestState.OPEN
        and item.amount <= request.remaining
    )
    intent = PaymentIntent(
        id=new_id(),
        organization_id=organization_id,
        request=request if takes else None,
        method=Method.TRANSFER,
        amount_minor=item.amount.minor,
        currency=item.amount.currency,
        state=IntentState.CAPTURED,
        captured_at=start_of_day(item.booked_on),
        bank_transaction_id=item.bank_transaction_id,
        credited_account=Account.TO_ALLOCATE,
        created_at=now,
    )
    if request is not None and takes:
        intent.credited_account = request.credit_account
        count_on_request(request, intent)
    return intent


def allocate_receipt(
    *, organization_id: UUID, actor: Actor, intent_id: UUID, request_id: UUID, now: datetime
) -> PaymentIntent:
    """
    Give money to the request it was meant for: D 471 / C the asker's account.

    An advance that a customer paid without an invoice (4191) goes the same way to the invoice
    made since, so that nothing is asked twice.

    :raises NotFound: no such payment or request here
    :raises Invalid: the money is not waiting whole, or the request cannot take it
    """
    with acting_for(organization_id), gathered():
        intent, request = _lock_both(organization_id, intent_id, request_id)
        if intent.state != IntentState.CAPTURED:
            raise Invalid(reason="ce paiement n’est pas encaissé")
        is_free = not intent.is_counted or is_advance_for(intent, request)
        if not is_free or intent.refunded_minor or intent.disputed_minor:
            raise Invalid(reason="ce paiement n’est pas à affecter")
        if request.state != RequestState.OPEN or request.remaining < intent.amount:
            raise Invalid(reason="cette demande ne peut pas recevoir ce montant")
        _move_to_request(intent, request, now)
        audit.record(
            organization_id=organization_id,
            actor=actor,
            action="payment:allocated",
            target=f"payment:{intent_id}",
            facts={"request": str(request_id), "amount_minor": intent.amount_minor},
            now=now,
        )
    return intent


def is_advance_for(intent: PaymentIntent, request: PaymentRequest) -> bool:
    """Whether the money was paid ahead by the same customer, behind a link about nothing yet."""
    paid: PaymentRequest | None = intent.request
    return (
        paid is not None
        and paid.id != request.id
        and paid.reference_kind == ""
        and paid.counterparty_id == request.counterparty_id
        and intent.credited_account == Account.DEPOSITS_RECEIVED
    )


def _lock_both(
    organization_id: UUID, intent_id: UUID, request_id: UUID
) -> tuple[PaymentIntent, PaymentRequest]:
    """Lock the request that gives and the one that takes, then the payment."""
    path = PaymentIntent.objects.filter(organization_id=organization_id, id=intent_id)
    given_by = path.values_list("request_id", flat=True).first()
    requests = lock_requests_by_id(
        organization_id=organization_id,
        request_ids={wanted for wanted in (request_id, given_by) if wanted},
    )
    intent = path.select_for_update().first()
    if intent is None or request_id not in requests:
        raise NotFound
    intent.request = requests.get(intent.request_id)
    return intent, requests[request_id]


def _leave_request(intent: PaymentIntent) -> None:
    """Take an advance off the link it was paid by, which asks for nothing any more."""
    paid: PaymentRequest | None = intent.request
    if paid is None or not intent.is_counted:
        return
    paid.received_minor -= intent.amount_minor
    if paid.state == RequestState.PAID:
        check_move(REQUEST_MOVES, RequestState.PAID, RequestState.CLOSED)
        paid.state, paid.closed_reason = RequestState.CLOSED, "allocated"
    paid.save(update_fields=["received_minor", "state", "closed_reason"])


def _move_to_request(intent: PaymentIntent, request: PaymentRequest, now: datetime) -> None:
    held = Account(intent.credited_account)
    taken = debit(held, intent.amount, auxiliary_of(intent, held))
    _leave_request(intent)
    intent.request = request
    intent.credited_account, intent.allocated_at = request.credit_account, now
    count_on_request(request, intent)
    request.save(update_fields=["received_minor", "state"])
    intent.save(update_fields=["request", "credited_account", "allocated_at", "is_counted"])
    queue_cancellations(organization_id=intent.organization_id, request_ids=[request.id])
    account = Account(request.credit_account)
    # The same money may wait in 471, then as an advance, then pay: each move has its own entry.
    reason = "allocated" if held is Account.TO_ALLOCATE else f"allocated:{request.id.hex[-12:]}"
    entry = entry_of(reason, taken, credit(account, intent.amount, auxiliary_of(intent, account)))
    today = paris_date(now)
    voucher = Voucher(
        journal=Journal.GENERAL,
        entry_date=today,
        piece_reference=f"AFF-{str(intent.id)[-12:]}",
        piece_date=today,
        label="Affectation d’un paiement en attente",
    )
    posting = Posting(entry=entry, voucher=voucher, source=f"payment:{intent.id}")
    post_entry(organization_id=intent.organization_id, posting=posting, now=now)
    publish(
        PaymentCaptured(
            organization_id=intent.organization_id,
            intent_id=intent.id,
            request_id=request.id,
            reference_kind=request.reference_kind,
            reference_id=request.reference_id,
            amount_minor=intent.amount_minor,
            currency=Currency(intent.currency),
            occurred_on=today,
        )
    )


def _post(intent: PaymentIntent, booked_on: date, label: str, now: datetime) -> None:
    account = Account(intent.credited_account)
    entry = entry_of(
        "received",
        debit(Account.BANK, intent.amount),
        credit(account, intent.amount, auxiliary_of(intent, account)),
    )
    voucher = Voucher(
        journal=Journal.BANK,
        entry_date=booked_on,
        piece_reference=f"VIR-{str(intent.bank_transaction_id)[-12:]}",
        piece_date=booked_on,
        label=label or "Virement reçu",
    )
    posting = Posting(
        entry=entry, voucher=voucher, source=f"bank_transaction:{intent.bank_transaction_id}"
    )
    post_entry(organization_id=intent.organization_id, posting=posting, now=now)
