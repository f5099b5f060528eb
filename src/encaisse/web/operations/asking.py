"""From a form to an operation: done at once where little is at stake, signed first otherwise."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from encaisse.identity.access import Operation as Weighed
from encaisse.kernel.errors import Invalid
from encaisse.kit.clock import business_now
from encaisse.organizations.at_once import do_now, must_be_signed, weighed
from encaisse.organizations.errors import AlreadyAsked, OperationChanged
from encaisse.organizations.models import Operation
from encaisse.organizations.operations import Draft, ask, asked_with
from encaisse.risk.presets import Level
from encaisse.web.access import MemberRequest
from encaisse.web.entrance.weighing import conclude, is_proven, weigh


def ask_signature(request: MemberRequest, draft: Draft) -> HttpResponse:
    """Write the operation down, and lead to the page where it is signed."""
    return ask_once(request, partial(ask, draft=draft))


def ask_once(request: MemberRequest, ask_it: Callable[..., Operation]) -> HttpResponse:
    """Ask what a form describes, and lead to the page where it is signed; a form does so once."""
    try:
        operation = ask_it(
            organization_id=request.organization_id,
            actor=request.actor,
            once=once_of(request),
            now=business_now(),
            real_now=timezone.now(),
        )
    except AlreadyAsked as error:
        return lead_to_first(request, error)
    return redirect("operation", operation.id)


def asked_before(request: MemberRequest) -> HttpResponse | None:
    """Lead to what the same form asked when it was sent first, before anything is checked again."""
    first = asked_with(organization_id=request.organization_id, once=once_of(request))
    return lead_to_first(request, AlreadyAsked(operation_id=first)) if first else None


def lead_to_first(request: MemberRequest, error: AlreadyAsked) -> HttpResponse:
    """Show what the same form asked when it was sent first."""
    messages.info(request, error.message)
    return redirect("operation", error.facts["operation_id"])


def once_of(request: MemberRequest) -> UUID:
    """
    Return the mark that the form was drawn with.

    :raises Invalid: it bears none: nothing would tell it from itself sent again
    """
    try:
        return UUID(request.POST.get("once", ""))
    except ValueError as error:
        raise Invalid(reason="cette page est incomplète : rechargez-la et recommencez") from error


def ask_or_do(request: MemberRequest, draft: Draft) -> HttpResponse | None:
    """
    Do it where the amount is under the ceiling, one person is enough, and what was shown of late
    is enough for the risk; otherwise lead to the signature. Outside any transaction.

    :raises AccessDenied: too much speaks against it
    """
    asked: dict[str, Any] = {"organization_id": request.organization_id, "actor": request.actor}
    draft = _cautious(request, draft)
    if must_be_signed(**asked, draft=draft, real_now=timezone.now()):
        return ask_signature(request, draft)
    event = weigh(request, request.user, access_to(draft))
    if not is_proven(request, request.user, Level(event.level)):
        return ask_signature(request, draft)
    try:
        do_now(
            **asked,
            draft=draft,
            once=once_of(request),
            now=business_now(),
            real_now=timezone.now(),
        )
    except OperationChanged:  # others of theirs were done meanwhile: together they are much
        return ask_signature(request, _cautious(request, draft))
    except AlreadyAsked as error:
        return lead_to_first(request, error)
    conclude(request, request.user, event.id)
    return None


def _cautious(request: MemberRequest, draft: Draft) -> Draft:
    return weighed(
        organization_id=request.organization_id,
        actor=request.actor,
        draft=draft,
        now=business_now(),
        real_now=timezone.now(),
    )


def access_to(draft: Draft) -> Weighed:
    """Say of an operation what its risk depends on."""
    minor = draft.amount.minor if draft.amount else 0
    return Weighed(draft.kind, amount_minor=minor, beneficiary=draft.beneficiary)
