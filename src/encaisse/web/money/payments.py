"""Payments: list, read with their whole story, refund, give to a request."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from encaisse.kernel.money import Money
from encaisse.kit.clock import business_now, paris_date
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.at_once import moved_at_once, weighed
from encaisse.organizations.core import OperationKind, Permission, allows
from encaisse.payments.core import IntentState, Method, RequestState
from encaisse.payments.models import PaymentIntent
from encaisse.payments.queries import advances, requests, to_allocate
from encaisse.payments.queries import payment as payment_by_id
from encaisse.payments.services.receipts import allocate_receipt
from encaisse.payments.services.signed import refund_draft
from encaisse.reporting.story.queries import people, story_of
from encaisse.web.access import MemberRequest, asking_page, member_page, recently_proven
from encaisse.web.forms import show_form
from encaisse.web.live import draw_again, is_asking_again, mark_of, nothing_new
from encaisse.web.money.filters import days_asked, filtered
from encaisse.web.money.forms import AllocateForm, RefundForm
from encaisse.web.money.green_light import light_of
from encaisse.web.money.story import page_of
from encaisse.web.operations.asking import ask_or_do, asked_before
from encaisse.web.paging import slice_of
from encaisse.web.states import METHODS

_OPEN_CHOICES = 300


@require_GET
@member_page(Permission.PAYMENTS_READ)
def index(request: MemberRequest) -> HttpResponse:
    state = request.GET.get("etat", "")
    days = days_asked(request)
    found = slice_of(request, filtered(request, state, days))
    mark = mark_of((row.id, row.state, row.refunded_minor) for row in found.rows)
    if (same := nothing_new(request, mark)) is not None:
        return same
    context = {
        "slice": found,
        "mark": mark,
        "state": state,
        "days": days,
        "waiting": to_allocate(organization_id=request.organization_id).count(),
        "methods": METHODS,
    }
    is_fragment = request.headers.get("HX-Target") == "paiements"
    return render(
        request, "money/_followed.html" if is_fragment else "money/payments.html", context
    )


@require_GET
@member_page(Permission.PAYMENTS_READ)
def show(request: MemberRequest, intent_id: UUID) -> HttpResponse:
    organization_id = request.organization_id
    row = payment_by_id(organization_id=organization_id, intent_id=intent_id)
    mark = mark_of((row.state, row.refunded_minor, row.disputed_minor, row.credited_account))
    if is_asking_again(request):
        return nothing_new(request, mark) or draw_again()
    is_waiting = to_allocate(organization_id=organization_id).filter(id=row.id).exists()
    is_waiting = is_waiting or _is_advance(organization_id, row)
    today = paris_date(business_now())
    told = story_of(organization_id=organization_id, intent_id=intent_id, today=today)
    names = people(organization_id=organization_id)
    context = {
        "payment": row,
        "mark": mark,
        "method": METHODS[row.method],
        "story": page_of(told, people=names, role=request.role, today=today),
        "light": light_of(row, today=today),
        "is_waiting": is_waiting,
        "can_refund": _can_refund(row) and allows(request.role, Permission.PAYMENTS_REFUND),
        "can_allocate": is_waiting and allows(request.role, Permission.PAYMENTS_ALLOCATE),
    }
    return render(request, "money/payment.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@recently_proven
@asking_page(Permission.PAYMENTS_REFUND)
def refund(request: MemberRequest, intent_id: UUID) -> HttpResponse:
    """Choose an amount, read the consequence on the button, then only ask for the refund."""
    with acting_for(request.organization_id):
        row = payment_by_id(organization_id=request.organization_id, intent_id=intent_id)
        payer = row.request.counterparty if row.request else None
    context: dict[str, object] = {"payment": row, "to": payer.name if payer else "ce client"}
    form = RefundForm(request.POST or None, initial={"amount": row.refundable})
    if form.is_valid() and "confirm" in request.POST:
        answer = asked_before(request) or form.submit(
            lambda values: _refund(request, intent_id, values)
        )
        if answer is not None:
            return answer
    amount = form.cleaned_data.get("amount") if form.is_bound else None
    context |= {"amount": amount or row.refundable, **_added_up(request, row, amount)}
    return show_form(request, "money/refund.html", form, **context)


def _added_up(
    request: MemberRequest, row: PaymentIntent, amount: Money | None
) -> dict[str, object]:
    """Say what this person gave back since yesterday, and whether this amount is signed."""
    since_yesterday, rules = moved_at_once(
        organization_id=request.organization_id,
        actor=request.actor,
        kind=OperationKind.REFUND,
        real_now=timezone.now(),
    )
    stake = max(since_yesterday, Money(row.refunded_minor, row.amount.currency))
    return {
        "since_yesterday": since_yesterday if since_yesterday.minor else None,
        "ceiling": rules.refund_ceiling,
        "is_signed": amount is not None and stake + amount > rules.refund_ceiling,
        "cautions": _cautions(request, row, amount),
    }


def _cautions(request: MemberRequest, row: PaymentIntent, amount: Money | None) -> tuple[str, ...]:
    """Say why the fraud engine would have this refund signed, before the last button."""
    if amount is None or not _can_refund(row) or amount > row.refundable:
        return ()
    draft = refund_draft(
        organization_id=request.organization_id, intent_id=row.id, amount=amount, reason=""
    )
    caution = weighed(
        organization_id=request.organization_id,
        actor=request.actor,
        draft=draft,
        now=business_now(),
        real_now=timezone.now(),
        is_kept=False,
    ).caution
    return caution.sentences if caution else ()


def _refund(request: MemberRequest, intent_id: UUID, values: dict[str, Any]) -> HttpResponse:
    draft = refund_draft(organization_id=request.organization_id, intent_id=intent_id, **values)
    signed_first = ask_or_do(request, draft)
    if signed_first is not None:
        return signed_first
    messages.success(request, f"Le remboursement de {values['amount']} est demandé au prestataire.")
    return redirect("payment", intent_id=intent_id)


@require_http_methods(["GET", "HEAD", "POST"])
@member_page(Permission.PAYMENTS_ALLOCATE)
def allocate(request: MemberRequest, intent_id: UUID) -> HttpResponse:
    organization_id = request.organization_id
    row = payment_by_id(organization_id=organization_id, intent_id=intent_id)
    takers = requests(organization_id=organization_id).filter(state=RequestState.OPEN)
    if row.is_counted:
        takers = takers.filter(counterparty_id=row.request.counterparty_id).exclude(
            reference_kind=""
        )
    form = AllocateForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        given = form.submit(
            lambda values: allocate_receipt(
                organization_id=organization_id,
                actor=request.actor,
                intent_id=intent_id,
                request_id=values["request"],
                now=business_now(),
            )
        )
        if given is not None:
            messages.success(request, f"{row.amount} affectés. Vos livres sont à jour.")
            return redirect("payment", intent_id=intent_id)
    able = [taker for taker in takers[:_OPEN_CHOICES] if row.amount <= taker.remaining]
    return show_form(request, "money/allocate.html", form, payment=row, takers=able)


def _is_advance(organization_id: UUID, row: PaymentIntent) -> bool:
    """Whether the money was paid ahead and may still go to an invoice of its customer."""
    if row.request is None or row.request.counterparty_id is None:
        return False
    customer = row.request.counterparty_id
    ahead = advances(organization_id=organization_id, counterparty_id=customer)
    return ahead.filter(id=row.id).exists()


def _can_refund(row: PaymentIntent) -> bool:
    return (
        row.state == IntentState.CAPTURED and row.method != Method.TRANSFER and bool(row.refundable)
    )
