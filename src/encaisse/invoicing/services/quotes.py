"""Quotes: drafted, sent, then accepted, refused or renounced by the customer."""

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID

from encaisse.audit import services as audit
from encaisse.counterparties.queries import customer as customer_by_id
from encaisse.invoicing.core.amounts import Line, Totals, totals_of
from encaisse.invoicing.core.law import payable_from, withdrawal_until
from encaisse.invoicing.core.snapshot import lines_to_snapshot
from encaisse.invoicing.core.states import QUOTE_MOVES, AgreementPlace, InvoiceState, QuoteState
from encaisse.invoicing.errors import (
    QuoteChanged,
    QuoteNotEditable,
    QuoteNotOpen,
    WithdrawalTooLate,
)
from encaisse.invoicing.events import QuoteAccepted, QuoteRefused, QuoteSent, QuoteWithdrawn
from encaisse.invoicing.models import Invoice, Quote
from encaisse.invoicing.services.documents import (
    Content,
    check_regime,
    checked_lines,
    freeze,
    read_lines,
)
from encaisse.invoicing.services.invoices import credit_locked
from encaisse.kernel.actor import PAYER, Actor
from encaisse.kernel.errors import Invalid, NotFound
from encaisse.kernel.money import Money
from encaisse.kernel.sentences import Sentence
from encaisse.kernel.text import clean_text, required_text
from encaisse.kit.clock import paris_date
from encaisse.kit.crypto import seal, unseal
from encaisse.kit.events import publish
from encaisse.kit.gathering import gathered
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for
from encaisse.ledger.core import Account
from encaisse.organizations.handles import HandleKind, new_token, register_handle
from encaisse.payments.services.requests import (
    RequestDraft,
    close_requests,
    create_request,
    lock_requests,
    record_closings,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteDraft:
    """What the firm proposes."""

    customer_id: UUID
    subject: str
    lines: tuple[Line, ...]
    valid_until: date
    deposit_basis_points: int = 0
    agreement_place: AgreementPlace = AgreementPlace.DISTANCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """Who said yes, from where, to exactly which document. A simple signature (eIDAS art. 3-10)."""

    name: str
    ip_address: str
    sha256: str


def draft_quote(*, organization_id: UUID, actor: Actor, draft: QuoteDraft, now: datetime) -> Quote:
    """
    Write a draft: it has no number and may still change.

    :raises NotFound: no such customer here
    :raises DocumentWithoutLines: no line
    :raises DocumentAmountInvalid: the total is not positive, or absurd
    :raises Invalid: a date in the past, a deposit over the total, a text missing or too long
    """
    with acting_for(organization_id):
        quote = Quote(
            id=new_id(),
            organization_id=organization_id,
            state=QuoteState.DRAFT,
            created_at=now,
        )
        _fill(quote, draft, now)
        quote.save(force_insert=True)
        _audit(quote, actor=actor, action="quote:drafted", now=now)
    return quote


def update_quote(
    *, organization_id: UUID, actor: Actor, quote_id: UUID, draft: QuoteDraft, now: datetime
) -> Quote:
    """
    Change a draft.

    :raises QuoteNotEditable: it was sent already
    """
    with acting_for(organization_id):
        quote = _lock(organization_id, quote_id)
        if quote.state != QuoteState.DRAFT:
            raise QuoteNotEditable
        _fill(quote, draft, now)
        quote.save()
        _audit(quote, actor=actor, action="quote:updated", now=now)
    return quote


def send_quote(*, organization_id: UUID, actor: Actor, quote_id: UUID, now: datetime) -> Quote:
    """
    Freeze the quote with its number and open its private link.

    :raises QuoteNotEditable: it was sent already
    """
    with acting_for(organization_id):
        quote = _lock(organization_id, quote_id)
        if quote.state != QuoteState.DRAFT:
            raise QuoteNotEditable
        lines = read_lines(quote.lines)
        totals = totals_of(lines)
        quote.document = freeze(
            organization_id=organization_id,
            content=Content(
                kind="quote",
                customer=quote.customer,
                subject=quote.subject,
                lines=lines,
                totals=totals,
                issued_on=paris_date(now),
                valid_until=quote.valid_until,
                to_pay=totals.gross,
                deposit=_deposit(totals, quote.deposit_basis_points),
                deposit_basis_points=quote.deposit_basis_points,
                agreement_place=quote.agreement_place,
            ),
            now=now,
        )
        token = new_token()
        quote.token_sealed = seal(token, quote.place("token"))
        quote.state, quote.sent_at = QuoteState.SENT, now
        quote.save()
        register_handle(
            kind=HandleKind.QUOTE,
            token=token,
            organization_id=organization_id,
            target_id=quote.id,
        )
        publish(QuoteSent(organization_id=organization_id, quote_id=quote.id))
        _audit(quote, actor=actor, action="quote:sent", now=now)
    return quote


def accept_quote(
    *, organization_id: UUID, quote_id: UUID, acceptance: Acceptance, now: datetime
) -> Quote:
    """
    Record the customer's yes, with its proof, and ask for the deposit from the lawful date on.

    :raises QuoteNotOpen: answered already, or its validity is over
    :raises QuoteChanged: the hash is not that of the document on record
    :raises Invalid: no name
    """
    name = required_text(acceptance.name, largest=120, field="Votre nom")
    with acting_for(organization_id):
        quote = _lock_open(organization_id, quote_id, now)
        if quote.document is None or acceptance.sha256 != quote.document.sha256:
            raise QuoteChanged
        today = paris_date(now)
        place = AgreementPlace(quote.agreement_place)
        is_professional = quote.customer.is_professional
        quote.state, quote.answered_at = QuoteState.ACCEPTED, now
        quote.accepted_sha256 = acceptance.sha256
        proof = asdict(acceptance) | {"name": name, "at": now.isoformat()}
        quote.answer_sealed = seal(json.dumps(proof, ensure_ascii=False), quote.place("answer"))
        quote.payable_from = payable_from(
            place=place, accepted_on=today, is_professional=is_professional
        )
        quote.withdrawal_until = withdrawal_until(
            place=place, accepted_on=today, is_professional=is_professional
        )
        quote.save()
        _ask_for_deposit(quote, now)
        publish(QuoteAccepted(organization_id=organization_id, quote_id=quote.id))
        _audit(quote, actor=PAYER, action="quote:accepted", now=now, sha256=acceptance.sha256)
    return quote


def acceptance_of(quote: Quote) -> Acceptance | None:
    """Return the proof kept of a customer's yes; None where there was none."""
    if quote.answer_sealed is None or not quote.accepted_sha256:
        return None
    proof = json.loads(unseal(quote.answer_sealed, quote.place("answer")))
    return Acceptance(
        name=proof["name"], ip_address=proof["ip_address"], sha256=quote.accepted_sha256
    )


def refuse_quote(*, organization_id: UUID, quote_id: UUID, word: str, now: datetime) -> Quote:
    """
    Record the customer's no, with a word if they left one.

    :raises QuoteNotOpen: answered already, or its validity is over
    """
    with acting_for(organization_id):
        quote = _lock_open(organization_id, quote_id, now)
        quote.state, quote.answered_at = QuoteState.REFUSED, now
        text = clean_text(word, largest=500, field="Votre message", multiline=True)
        quote.answer_sealed = seal(json.dumps({"word": text}), quote.place("answer"))
        quote.save()
        publish(QuoteRefused(organization_id=organization_id, quote_id=quote.id))
        _audit(quote, actor=PAYER, action="quote:refused", now=now)
    return quote


def withdraw_from_quote(*, organization_id: UUID, quote_id: UUID, now: datetime) -> Quote:
    """
    Let the consumer renounce the contract (Code de la consommation, art. L221-21).

    The deposit can no longer be paid; one already paid is credited, and is to be refunded.

    :raises WithdrawalTooLate: the period is over, or there is no such right
    """
    with acting_for(organization_id), gathered():
        requests = lock_requests(
            organization_id=organization_id, reference_kind="quote", reference_id=quote_id
        )
        quote = _lock(organization_id, quote_id)
        allowed = quote.withdrawal_until is not None and paris_date(now) <= quote.withdrawal_until
        if QuoteState.WITHDRAWN not in QUOTE_MOVES[QuoteState(quote.state)] or not allowed:
            raise WithdrawalTooLate
        quote.state, quote.withdrawn_at = QuoteState.WITHDRAWN, now
        quote.save(update_fields=["state", "withdrawn_at"])
        closed = close_requests(requests, reason="withdrawn")
        deposits = Invoice.objects.select_for_update(of=("self",)).select_related(
            "document", "customer"
        )
        for invoice in deposits.filter(
            organization_id=organization_id, quote_id=quote.id, kind="deposit"
        ).exclude(state=InvoiceState.CREDITED):
            credit_locked(invoice, now)
        publish(QuoteWithdrawn(organization_id=organization_id, quote_id=quote.id))
        record_closings(closed, actor=PAYER, now=now)
        _audit(quote, actor=PAYER, action="quote:withdrawn", now=now)
    return quote


def quote_token(quote: Quote) -> str:
    """Return the secret of a sent quote's link, or nothing for a draft."""
    return unseal(quote.token_sealed, quote.place("token")) if quote.token_sealed else ""


def _fill(quote: Quote, draft: QuoteDraft, now: datetime) -> None:
    if not 0 <= draft.deposit_basis_points <= 10_000:
        raise Invalid(reason="l’acompte va de 0 à 100 %")
    today = paris_date(now)
    if not today <= draft.valid_until <= today.replace(year=today.year + 2, day=1):
        raise Invalid(reason="la date de validité doit être dans les deux ans à venir")
    lines = checked_lines(draft.lines)
    check_regime(organization_id=quote.organization_id, lines=lines)
    totals_of(lines)
    quote.customer = customer_by_id(
        organization_id=quote.organization_id, customer_id=draft.customer_id
    )
    quote.subject = required_text(draft.subject, largest=140, field="Objet")
    quote.lines = [asdict(line) for line in lines_to_snapshot(lines)]
    quote.deposit_basis_points = draft.deposit_basis_points
    quote.agreement_place = draft.agreement_place
    quote.valid_until = draft.valid_until


def _deposit(totals: Totals, basis_points: int) -> Money:
    return totals.gross.share(basis_points)


def _ask_for_deposit(quote: Quote, now: datetime) -> None:
    if quote.document is None:
        return
    snapshot = quote.document.read()
    if not snapshot.deposit_minor:
        return
    create_request(
        organization_id=quote.organization_id,
        actor=PAYER,
        draft=RequestDraft(
            amount=Money(snapshot.deposit_minor),
            description=Sentence.DEPOSIT.about(snapshot.number),
            credit_account=Account.DEPOSITS_RECEIVED,
            reference_kind="quote",
            reference_id=quote.id,
            counterparty_id=quote.customer_id,
            not_before_date=quote.payable_from,
        ),
        now=now,
    )


def _lock(organization_id: UUID, quote_id: UUID) -> Quote:
    try:
        return (
            Quote.objects.select_for_update(of=("self",))
            .select_related("customer", "document")
            .get(organization_id=organization_id, id=quote_id)
        )
    except Quote.DoesNotExist as error:
        raise NotFound from error


def _lock_open(organization_id: UUID, quote_id: UUID, now: datetime) -> Quote:
    quote = _lock(organization_id, quote_id)
    if quote.state != QuoteState.SENT or quote.valid_until < paris_date(now):
        raise QuoteNotOpen(state=quote.state)
    return quote


def _audit(quote: Quote, *, actor: Actor, action: str, now: datetime, **facts: object) -> None:
    audit.record(
        organization_id=quote.organization_id,
        actor=actor,
        action=action,
        target=f"quote:{quote.id}",
        facts=facts,
        now=now,
    )
