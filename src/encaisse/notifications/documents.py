"""The PDF of a quote, and of an invoice with how to pay it: what mails carry and pages offer."""

from datetime import datetime
from uuid import UUID

from django.conf import settings

from encaisse.invoicing.core.states import DocumentKind
from encaisse.invoicing.models import Invoice, Quote
from encaisse.invoicing.rendering import PaymentBlock
from encaisse.invoicing.rendering.files import pdf_file
from encaisse.kernel.errors import NotFound
from encaisse.kernel.identifiers import Iban
from encaisse.kernel.language import Language
from encaisse.kit.tenancy import acting_for
from encaisse.payments.core import RequestState
from encaisse.payments.models import PaymentRequest
from encaisse.payments.queries import requests_about
from encaisse.payments.services.requests import link_token
from encaisse.treasury.errors import NoCollectingAccount
from encaisse.treasury.queries import CollectingAccount, collecting_account


def invoice_pdf(
    *,
    organization_id: UUID,
    invoice: Invoice,
    now: datetime,
    language: Language = Language.FRENCH,
) -> UUID:
    """Return the file of an issued invoice or credit note, made the first time it is asked for."""
    with acting_for(organization_id):
        return pdf_file(
            organization_id=organization_id,
            document=invoice.document,
            payment=payment_block(
                organization_id=organization_id, invoice=invoice, language=language
            ),
            language=language,
            now=now,
        )


def quote_pdf(
    *, organization_id: UUID, quote: Quote, now: datetime, language: Language = Language.FRENCH
) -> UUID:
    """
    Return the file of a quote as it was sent: the very document whose hash is accepted.

    :raises NotFound: a draft may still change
    """
    if quote.document is None:
        raise NotFound
    return pdf_file(
        organization_id=organization_id,
        document=quote.document,
        payment=None,
        language=language,
        now=now,
    )


def open_request(*, organization_id: UUID, invoice: Invoice) -> PaymentRequest | None:
    """Return the request that still takes this invoice's money; deposits and credits have none."""
    if invoice.kind != DocumentKind.FINAL:
        return None
    return (
        requests_about(
            organization_id=organization_id, reference_kind="invoice", reference_id=invoice.id
        )
        .filter(state=RequestState.OPEN)
        .first()
    )


def payment_block(
    *, organization_id: UUID, invoice: Invoice, language: Language
) -> PaymentBlock | None:
    """Return how the invoice is paid, or None when nothing is asked."""
    request = open_request(organization_id=organization_id, invoice=invoice)
    if request is None:
        return None
    account = _account(organization_id)
    return PaymentBlock(
        link_url=payment_link(request, language),
        iban_grouped=Iban.parse(account.iban).grouped if account else "",
        holder_name=account.holder_name if account else "",
        creditor_reference=request.creditor_reference,
        amount=request.remaining,
    )


def payment_link(request: PaymentRequest, language: Language = Language.FRENCH) -> str:
    return in_language(f"{settings.PUBLIC_URL}/p/{link_token(request)}", language)


def in_language(link: str, language: Language) -> str:
    """Make an English reader's link open in English; a French one follows the reader's browser."""
    return f"{link}?lang={language}" if language is Language.ENGLISH else link


def _account(organization_id: UUID) -> CollectingAccount | None:
    try:
        return collecting_account(organization_id=organization_id)
    except NoCollectingAccount:  # the firm takes no transfers: the link alone is printed
        return None
