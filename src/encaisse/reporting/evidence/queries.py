"""Gathering the evidence of a dispute: a fixed number of queries, then one per photo to print."""

from datetime import date
from uuid import UUID

from encaisse.fraud.core.verdicts import Verdict
from encaisse.fraud.queries import decisions_of
from encaisse.invoicing.core.snapshot import Snapshot, day
from encaisse.invoicing.models import Invoice, Quote
from encaisse.invoicing.services.quotes import acceptance_of
from encaisse.kernel.money import Currency, Money
from encaisse.kit.files import read_file
from encaisse.organizations.queries import profile
from encaisse.payments.models import DisputeAnswer, PaymentIntent
from encaisse.payments.queries import answer_to, dispute_by_id
from encaisse.payments.queries import payment as payment_by_id
from encaisse.payments.services.answers import kept_photos
from encaisse.reporting.evidence.facts import Agreement, Evidence, Paper, PaperLine, Photo
from encaisse.reporting.story.facts import PaymentFacts
from encaisse.reporting.story.queries import facts_of


def evidence_of(*, organization_id: UUID, dispute_id: UUID, today: date) -> Evidence:
    """
    Gather what proves a contested payment.

    :raises NotFound: no such dispute here
    """
    dispute = dispute_by_id(organization_id=organization_id, dispute_id=dispute_id)
    intent = payment_by_id(organization_id=organization_id, intent_id=dispute.intent_id)
    payment = facts_of(intent=intent, today=today)
    invoice = _invoice(organization_id, payment)
    quote = _quote(intent, invoice)
    answer = answer_to(organization_id=organization_id, dispute_id=dispute_id)
    firm = profile(organization_id=organization_id)
    return Evidence(
        firm=firm.legal_name or firm.name,
        siren=firm.siren,
        payer=_payer(intent),
        dispute=next(each for each in payment.disputes if each.id == dispute.id),
        payment=payment,
        today=today,
        quote=_paper(quote.document.read()) if quote and quote.document else None,
        agreement=_agreement(quote),
        invoice=_paper(invoice.document.read()) if invoice else None,
        was_checked=_was_checked(organization_id, payment),
        statement=answer.statement if answer else "",
        photos=_photos(answer),
        staged_at=answer.updated_at if answer else None,
    )


def photo_contents(*, organization_id: UUID, evidence: Evidence) -> list[bytes]:
    """Return the pictures to print, in order."""
    return [
        read_file(organization_id=organization_id, file_id=photo.file_id)[1]
        for photo in evidence.photos
    ]


def _payer(intent: PaymentIntent) -> str:
    request = intent.request
    return request.counterparty.name if request and request.counterparty else ""


def _invoice(organization_id: UUID, payment: PaymentFacts) -> Invoice | None:
    if payment.invoice is None:
        return None
    return (
        Invoice.objects.filter(organization_id=organization_id, id=payment.invoice.id)
        .select_related("document", "quote__document")
        .first()
    )


def _quote(intent: PaymentIntent, invoice: Invoice | None) -> Quote | None:
    agreed: Quote | None = invoice.quote if invoice else None
    if agreed is not None:
        return agreed
    request = intent.request
    if request is None or request.reference_kind != "quote":
        return None
    return (
        Quote.objects.filter(organization_id=intent.organization_id, id=request.reference_id)
        .select_related("document")
        .first()
    )


def _agreement(quote: Quote | None) -> Agreement | None:
    said = acceptance_of(quote) if quote else None
    if quote is None or said is None or quote.answered_at is None:
        return None
    return Agreement(
        name=said.name, at=quote.answered_at, ip_address=said.ip_address, sha256=said.sha256
    )


def _paper(snapshot: Snapshot) -> Paper:
    currency = Currency(snapshot.currency)
    return Paper(
        number=snapshot.number,
        subject=snapshot.subject,
        dated_on=day(snapshot.issued_on),
        supply_on=day(snapshot.supply_on),
        gross=Money(snapshot.gross_minor, currency),
        lines=tuple(PaperLine(row.label, Money(row.net_minor, currency)) for row in snapshot.lines),
    )


def _was_checked(organization_id: UUID, payment: PaymentFacts) -> bool:
    """Tell whether the engine looked and found nothing to say: a doubt of ours proves nothing."""
    rows = decisions_of(
        organization_id=organization_id, passage_ids=[each.id for each in payment.tries]
    )
    found = list(rows.values_list("outcome", "reasons"))
    return bool(found) and all(
        outcome == Verdict.ALLOW and not reasons for outcome, reasons in found
    )


def _photos(answer: DisputeAnswer | None) -> tuple[Photo, ...]:
    if answer is None:
        return ()
    return tuple(Photo(row.id, row.file_id) for row in kept_photos(answer))
