"""The payment pages: choose a way, go to the provider, come back, know what happened."""

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from encaisse.invoicing.queries import invoice as invoice_by_id
from encaisse.kernel.errors import DomainError, NotFound
from encaisse.kernel.identifiers import Iban
from encaisse.kernel.language import Language
from encaisse.kernel.money import Money
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.notifications.documents import invoice_pdf
from encaisse.organizations.handles import HandleKind
from encaisse.organizations.queries import profile
from encaisse.payments.core import Method
from encaisse.payments.errors import PaymentMethodUnavailable
from encaisse.payments.queries import latest_attempt
from encaisse.payments.queries import request as payment_request
from encaisse.payments.services.checkout import PayerChoice, start_payment
from encaisse.payments.services.resolve import capture_attempt, resolve_attempt
from encaisse.providers.contract import Payee
from encaisse.treasury.queries import CollectingAccount, collecting_account
from encaisse.web.files import file_answer
from encaisse.web.payer.counting import count_choice, count_opening, is_payer
from encaisse.web.payer.device import payer_of, remember_device
from encaisse.web.payer.door import Visit, allow_forms_to, payer_page
from encaisse.web.payer.language import remember_payer
from encaisse.web.payer.page import PaymentPage, colours, read_payment_page

_METHODS = {"card": Method.CARD, "bank": Method.INSTANT_TRANSFER}


@require_GET
@payer_page(HandleKind.PAYMENT_REQUEST)
def show(request: HttpRequest, visit: Visit) -> HttpResponse:
    page = _read(visit)
    canceled = "canceled" in request.GET and page.can_pay and page.notice is None
    if page.can_pay:
        count_opening(request, visit)
    context = {"w": visit.words, "page": page, "visit": visit, "came_back": canceled}
    response = render(request, "payer/payment.html", context)
    return allow_forms_to(response, page.checkout_host)


@require_POST
@payer_page(HandleKind.PAYMENT_REQUEST)
def pay(request: HttpRequest, visit: Visit) -> HttpResponse:
    remember_payer(visit)
    try:
        url = _start(request, visit)
    except DomainError as error:
        context = {"w": visit.words, "page": _read(visit), "visit": visit, "error": error}
        context["message"] = visit.words.of_error(error)
        return render(request, "payer/failed.html", context, status=error.status)
    response = HttpResponseRedirect(url)
    response.status_code = 303
    remember_device(request, response)
    return response


@require_GET
@payer_page(HandleKind.PAYMENT_REQUEST)
def come_back(request: HttpRequest, visit: Visit) -> HttpResponse:  # noqa: ARG001  a page's shape
    """Ask the provider what happened while the payer waits, then show it."""
    _learn_what_happened(visit)
    response = HttpResponseRedirect(reverse("payer_payment", args=[visit.token]))
    response.status_code = 303
    return response


@require_GET
@payer_page(HandleKind.PAYMENT_REQUEST)
def transfer(request: HttpRequest, visit: Visit) -> HttpResponse:
    page = _read(visit)
    if page.account is None or not page.can_pay:
        return HttpResponseRedirect(reverse("payer_payment", args=[visit.token]))
    # Opened by a mail scanner or by the firm's own people, it says nothing of the payer.
    if is_payer(request, visit):
        count_choice(visit, Method.TRANSFER)
        if visit.is_language_chosen:
            remember_payer(visit)
    context = {
        "w": visit.words,
        "page": page,
        "visit": visit,
        "iban": Iban.parse(page.account.iban).grouped,
        "epc": _epc_qr(page.account, page.amount, page.creditor_reference),
    }
    return render(request, "payer/transfer.html", context)


@require_GET
@payer_page(HandleKind.PAYMENT_REQUEST)
def document(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Give the invoice this request is about, as the mail carried it."""
    organization_id = visit.organization_id
    with acting_for(organization_id):
        row = payment_request(organization_id=organization_id, request_id=visit.target_id)
        if row.reference_kind != "invoice" or row.reference_id is None:
            raise NotFound
        file_id = invoice_pdf(
            organization_id=organization_id,
            invoice=invoice_by_id(organization_id=organization_id, invoice_id=row.reference_id),
            now=business_now(),
            language=printed_in(request, visit),
        )
        return file_answer(organization_id=organization_id, file_id=file_id, is_kept=False)


@require_GET
@payer_page(HandleKind.PAYMENT_REQUEST)
def verify(request: HttpRequest, visit: Visit) -> HttpResponse:
    context = {
        "w": visit.words,
        "page": _read(visit),
        "visit": visit,
        "host": settings.PUBLIC_URL.split("://")[1],
    }
    return render(request, "payer/verify.html", context)


@require_GET
@payer_page(HandleKind.PAYMENT_REQUEST)
def fraud(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Tell the payer what is shared between firms, and how to contest it."""
    page = _read(visit)
    if not page.shares_reports:
        raise NotFound
    context = {"w": visit.words, "page": page, "visit": visit}
    return render(request, "payer/fraud.html", context)


@require_GET
@payer_page(HandleKind.PAYMENT_REQUEST)
def stylesheet(request: HttpRequest, visit: Visit) -> HttpResponse:  # noqa: ARG001  a page's shape
    return firm_stylesheet(visit)


@require_GET
@payer_page(HandleKind.PAYMENT_REQUEST)
def logo(request: HttpRequest, visit: Visit) -> HttpResponse:  # noqa: ARG001  a page's shape
    return firm_logo(visit)


def printed_in(request: HttpRequest, visit: Visit) -> Language:
    """Print in the page's language, unless the French original is asked for."""
    return Language.FRENCH if "original" in request.GET else visit.words.language


def firm_stylesheet(visit: Visit) -> HttpResponse:
    with acting_for(visit.organization_id):
        css = colours(profile(organization_id=visit.organization_id))
    response = HttpResponse(css, content_type="text/css")
    response["Cache-Control"] = "private, max-age=300"
    return response


def firm_logo(visit: Visit) -> HttpResponse:
    with acting_for(visit.organization_id):
        file_id = profile(organization_id=visit.organization_id).logo_file_id
        if file_id is None:
            return HttpResponse(status=404)
        response = file_answer(
            organization_id=visit.organization_id, file_id=file_id, is_kept=False
        )
    response["Cache-Control"] = "private, max-age=300"
    return response


def _read(visit: Visit) -> PaymentPage:
    with acting_for(visit.organization_id):
        return read_payment_page(
            organization_id=visit.organization_id,
            request_id=visit.target_id,
            now=business_now(),
            words=visit.words,
        )


def _start(request: HttpRequest, visit: Visit) -> str:
    method = _METHODS.get(request.POST.get("method", ""))
    if method is None:
        raise PaymentMethodUnavailable
    payee = None
    if method is Method.INSTANT_TRANSFER:
        with acting_for(visit.organization_id):
            account = collecting_account(organization_id=visit.organization_id)
        payee = Payee(account.holder_name, account.iban)
    here = settings.PUBLIC_URL + reverse("payer_payment", args=[visit.token])
    back = reverse("payer_return", args=[visit.token])
    choice = PayerChoice(
        method=method,
        # A bank's application may come back in another browser: the language comes along.
        return_url=f"{settings.PUBLIC_URL}{back}?lang={visit.words.language}",
        cancel_url=f"{here}?canceled&lang={visit.words.language}",
        locale=visit.words.language,
        payee=payee,
        payer=payer_of(request),
    )
    url = start_payment(
        organization_id=visit.organization_id,
        request_id=visit.target_id,
        choice=choice,
        now=business_now(),
    )
    count_choice(visit, method)
    return url


def _learn_what_happened(visit: Visit) -> None:
    organization_id = visit.organization_id
    with acting_for(organization_id):
        attempt = latest_attempt(organization_id=organization_id, request_id=visit.target_id)
    if attempt is None:
        return
    now = business_now()
    try:
        resolve_attempt(organization_id=organization_id, attempt_id=attempt.id, now=now)
        capture_attempt(organization_id=organization_id, attempt_id=attempt.id, now=now)
    except DomainError:
        # The webhook, the queued job and the sweep will tell; the page says "being verified".
        return


def _epc_qr(account: CollectingAccount, amount: Money, reference: str) -> str:
    """Return the EPC069-12 code as an image address (SVG)."""
    lines = ["BCD", "002", "1", "SCT", "", account.holder_name[:70], account.iban]
    lines += [f"EUR{amount.as_decimal_text()}", "", reference]
    code = segno.make("\n".join(lines), error="m", boost_error=False, encoding="utf-8")
    return str(code.svg_data_uri(border=4, scale=4))
