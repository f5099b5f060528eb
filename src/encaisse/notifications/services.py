"""Who is told what, one function per mail. Called by jobs, safe to call twice."""

from datetime import datetime
from uuid import UUID

from django.conf import settings

from encaisse.counterparties.models import Counterparty
from encaisse.fraud.queries import case_by_id
from encaisse.invoicing.core.notes import NO_VAT, translation_of
from encaisse.invoicing.core.snapshot import Snapshot
from encaisse.invoicing.core.states import DocumentKind
from encaisse.invoicing.models import Invoice, Quote
from encaisse.invoicing.queries import invoice as invoice_by_id
from encaisse.invoicing.queries import quote as quote_by_id
from encaisse.invoicing.services.quotes import quote_token
from encaisse.kernel.errors import NotFound
from encaisse.kernel.language import Language
from encaisse.kernel.money import Money
from encaisse.kernel.sentences import read_in
from encaisse.kit.clock import PARIS, paris_date
from encaisse.kit.tenancy import acting_for
from encaisse.notifications.core import MailKind
from encaisse.notifications.documents import (
    in_language,
    invoice_pdf,
    open_request,
    payment_link,
)
from encaisse.notifications.mails import Mail, mail_customer, mail_firm, mail_person
from encaisse.organizations.core import ROLE_WORDS, InvitationState, Role
from encaisse.organizations.invitations import invitation_token, invited_address
from encaisse.organizations.queries import invitation as invitation_by_id
from encaisse.organizations.queries import profile
from encaisse.payments.models import Dispute, PaymentIntent
from encaisse.payments.queries import payment as payment_by_id
from encaisse.payments.queries import refund as refund_by_id

_DOCUMENT_MAILS = {
    DocumentKind.FINAL: MailKind.INVOICE,
    DocumentKind.DEPOSIT: MailKind.DEPOSIT_INVOICE,
    DocumentKind.CREDIT_NOTE: MailKind.CREDIT_NOTE,
}


def send_receipt(*, organization_id: UUID, intent_id: UUID, now: datetime) -> None:
    """Tell the customer their money arrived: one mail per payment. :raises NotFound: no payment."""
    with acting_for(organization_id):
        intent = payment_by_id(organization_id=organization_id, intent_id=intent_id)
        payer = intent.request.counterparty if intent.request else None
        language = _language_of(payer)
        firm = profile(organization_id=organization_id)
        mail = Mail(
            kind=MailKind.RECEIPT,
            object_id=intent.id,
            firm=firm,
            language=language,
            facts={
                "amount": language.amount(intent.amount),
                "date": language.day(paris_date(intent.captured_at or now)),
                "vat": _no_vat(language) if firm.is_vat_franchise else "",
                **_payment_facts(intent, language),
            },
        )
        mail_customer(mail, payer, now=now)


def send_refund_notice(*, organization_id: UUID, refund_id: UUID, now: datetime) -> None:
    """Tell the customer their money is on its way back. :raises NotFound: no such refund"""
    with acting_for(organization_id):
        refund = refund_by_id(organization_id=organization_id, refund_id=refund_id)
        intent = payment_by_id(organization_id=organization_id, intent_id=refund.intent_id)
        payer = intent.request.counterparty if intent.request else None
        language = _language_of(payer)
        mail = Mail(
            kind=MailKind.REFUND,
            object_id=refund.id,
            firm=profile(organization_id=organization_id),
            language=language,
            facts={
                "amount": language.amount(refund.amount),
                "date": language.day(paris_date(refund.updated_at)),
                **_payment_facts(intent, language),
            },
        )
        mail_customer(mail, payer, now=now)


def send_held_notice(*, organization_id: UUID, case_id: UUID, now: datetime) -> None:
    """Tell the payer, accusing nobody, that the firm looks before taking. :raises NotFound: none"""
    _tell_payer_of_case(organization_id, case_id, MailKind.PAYMENT_HELD, now)


def send_identity_asked(*, organization_id: UUID, case_id: UUID, now: datetime) -> None:
    """Ask the payer to call the firm, which waits for them. :raises NotFound: no such case"""
    _tell_payer_of_case(organization_id, case_id, MailKind.IDENTITY_ASKED, now)


def send_not_taken_notice(*, organization_id: UUID, case_id: UUID, now: datetime) -> None:
    """Tell the payer that nothing was charged after all. :raises NotFound: no such case"""
    _tell_payer_of_case(organization_id, case_id, MailKind.PAYMENT_NOT_TAKEN, now)


def _tell_payer_of_case(
    organization_id: UUID, case_id: UUID, kind: MailKind, now: datetime
) -> None:
    with acting_for(organization_id):
        case = case_by_id(organization_id=organization_id, case_id=case_id)
        if case.intent_id is None:  # a link waits, and nobody's payment
            return
        intent = payment_by_id(organization_id=organization_id, intent_id=case.intent_id)
        payer = intent.request.counterparty if intent.request else None
        language = _language_of(payer)
        mail = Mail(
            kind=kind,
            object_id=case.id,
            firm=profile(organization_id=organization_id),
            language=language,
            facts={
                "amount": language.amount(intent.amount),
                "date": language.day(paris_date(case.created_at)),
                **_payment_facts(intent, language),
            },
        )
        mail_customer(mail, payer, now=now)


def send_quote(*, organization_id: UUID, quote_id: UUID, now: datetime) -> None:
    """Give the customer the private link of their quote. :raises NotFound: no such quote"""
    with acting_for(organization_id):
        quote = quote_by_id(organization_id=organization_id, quote_id=quote_id)
        snapshot = _snapshot(quote)
        language = _language_of(quote.customer)
        mail = Mail(
            kind=MailKind.QUOTE,
            object_id=quote.id,
            firm=profile(organization_id=organization_id),
            language=language,
            link=in_language(f"{settings.PUBLIC_URL}/q/{quote_token(quote)}", language),
            facts={
                **_document_facts(snapshot, language),
                "valid_until": language.day(quote.valid_until),
                "deposit": language.amount(Money(snapshot.deposit_minor))
                if snapshot.deposit_minor
                else "",
            },
        )
        mail_customer(mail, quote.customer, now=now)


def send_quote_accepted(*, organization_id: UUID, quote_id: UUID, now: datetime) -> None:
    """Tell the firm its quote was accepted. :raises NotFound: no such quote"""
    _tell_firm(organization_id, quote_id, MailKind.QUOTE_ACCEPTED, now)


def send_quote_refused(*, organization_id: UUID, quote_id: UUID, now: datetime) -> None:
    """Tell the firm its quote was refused. :raises NotFound: no such quote"""
    _tell_firm(organization_id, quote_id, MailKind.QUOTE_REFUSED, now)


def send_quote_withdrawn(*, organization_id: UUID, quote_id: UUID, now: datetime) -> None:
    """
    Tell the firm, and give the consumer the dated receipt the law asks for (C. conso D221-5).

    :raises NotFound: no such quote
    """
    with acting_for(organization_id):
        _tell_firm(organization_id, quote_id, MailKind.QUOTE_WITHDRAWN, now)
        quote = quote_by_id(organization_id=organization_id, quote_id=quote_id)
        language = _language_of(quote.customer)
        moment = (quote.withdrawn_at or now).astimezone(PARIS)
        mail = Mail(
            kind=MailKind.WITHDRAWAL_RECEIPT,
            object_id=quote.id,
            firm=profile(organization_id=organization_id),
            language=language,
            facts={
                **_document_facts(_snapshot(quote), language),
                "customer": quote.customer.name,
                "date": language.day(moment.date()),
                "time": f"{moment:%H:%M}",
            },
        )
        mail_customer(mail, quote.customer, now=now)


def send_invoice(*, organization_id: UUID, invoice_id: UUID, now: datetime) -> None:
    """Send the customer an issued document, with its link where money is asked for."""
    with acting_for(organization_id):
        invoice = invoice_by_id(organization_id=organization_id, invoice_id=invoice_id)
        request = open_request(organization_id=organization_id, invoice=invoice)
        language = _language_of(invoice.customer)
        mail = Mail(
            kind=_DOCUMENT_MAILS[DocumentKind(invoice.kind)],
            object_id=invoice.id,
            firm=profile(organization_id=organization_id),
            language=language,
            link=payment_link(request, language) if request else "",
            attachments=_printed(organization_id, invoice, language, now),
            facts={
                **_document_facts(invoice.document.read(), language),
                "to_pay": language.amount(Money(invoice.to_pay_minor)),
                "due": language.day(invoice.due_on),
                "cancels": invoice.cancels.number if invoice.cancels else "",
            },
        )
        mail_customer(mail, invoice.customer, now=now)


def send_dispute_alert(*, organization_id: UUID, dispute_id: UUID, now: datetime) -> None:
    """Tell the firm a payment is contested, and until when it may answer."""
    language = Language.FRENCH
    with acting_for(organization_id):
        dispute = _dispute(organization_id, dispute_id)
        intent = payment_by_id(organization_id=organization_id, intent_id=dispute.intent_id)
        customer = intent.request.counterparty if intent.request else None
        mail = Mail(
            kind=MailKind.DISPUTE,
            object_id=dispute.id,
            firm=profile(organization_id=organization_id),
            language=language,
            facts={
                "amount": language.amount(Money(dispute.amount_minor)),
                "customer": customer.name if customer else "",
                "until": language.day(paris_date(dispute.evidence_due_at))
                if dispute.evidence_due_at
                else "",
                **_payment_facts(intent, language),
            },
        )
        mail_firm(mail, now=now)


def send_invitation(
    *, organization_id: UUID, invitation_id: UUID, real_now: datetime, now: datetime
) -> None:
    """Give an invited person their link, unless it was closed since. :raises NotFound: none such"""
    language = Language.FRENCH
    with acting_for(organization_id):
        invitation = invitation_by_id(organization_id=organization_id, invitation_id=invitation_id)
        if invitation.state != InvitationState.PENDING or invitation.expires_at <= real_now:
            return
        mail = Mail(
            kind=MailKind.INVITATION,
            object_id=invitation.id,
            firm=profile(organization_id=organization_id),
            language=language,
            link=f"{settings.PUBLIC_URL}/invitation/{invitation_token(invitation)}",
            facts={
                "inviter": str(invitation.invited_by),
                "invited": invited_address(invitation),
                "role": ROLE_WORDS[Role(invitation.role)],
                "until": language.day(paris_date(invitation.expires_at)),
            },
        )
        mail_person(mail, invited_address(invitation), now=now)


def _tell_firm(organization_id: UUID, quote_id: UUID, kind: MailKind, now: datetime) -> None:
    with acting_for(organization_id):
        quote = quote_by_id(organization_id=organization_id, quote_id=quote_id)
        mail = Mail(
            kind=kind,
            object_id=quote.id,
            firm=profile(organization_id=organization_id),
            language=Language.FRENCH,
            facts={
                **_document_facts(_snapshot(quote), Language.FRENCH),
                "customer": quote.customer.name,
                "payable_from": Language.FRENCH.day(quote.payable_from)
                if quote.payable_from
                else "",
            },
        )
        mail_firm(mail, now=now)


def _language_of(customer: Counterparty | None) -> Language:
    return Language.of(customer.language) if customer else Language.FRENCH


def _printed(
    organization_id: UUID, invoice: Invoice, language: Language, now: datetime
) -> list[UUID]:
    """Make the invoice in the customer's language; its French original always comes with it."""
    return [
        invoice_pdf(organization_id=organization_id, invoice=invoice, language=each, now=now)
        for each in dict.fromkeys((language, Language.FRENCH))
    ]


def _no_vat(language: Language) -> str:
    return NO_VAT if language is Language.FRENCH else f"{translation_of(NO_VAT)} ({NO_VAT})"


def _payment_facts(intent: PaymentIntent, language: Language) -> dict[str, str]:
    purpose = intent.request.description if intent.request else ""
    return {"purpose": read_in(language, purpose)}


def _document_facts(snapshot: Snapshot, language: Language) -> dict[str, str]:
    return {
        "number": snapshot.number,
        "subject": read_in(language, snapshot.subject),
        "total": language.amount(Money(snapshot.gross_minor)),
    }


def _snapshot(quote: Quote) -> Snapshot:
    """:raises NotFound: a draft says nothing yet"""
    if quote.document is None:
        raise NotFound
    snapshot: Snapshot = quote.document.read()
    return snapshot


def _dispute(organization_id: UUID, dispute_id: UUID) -> Dispute:
    try:
        return Dispute.objects.get(organization_id=organization_id, id=dispute_id)
    except Dispute.DoesNotExist as error:
        raise NotFound from error
