"""From a form to an operation: done at once where little is at stake, signed first otherwise."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from encaisse.identity.access import Operation as Weighed
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.operations import Draft, ask, do_now, takes_a_signature
from encaisse.organizations.safeguards import rules_of
from encaisse.risk.presets import Level
from encaisse.web.access import MemberRequest
from encaisse.web.entrance.weighing import conclude, is_proven, weigh


def ask_signature(request: MemberRequest, draft: Draft) -> HttpResponse:
    """Write the operation down, and lead to the page where it is signed."""
    operation = ask(
        organization_id=request.organization_id,
        actor=request.actor,
        draft=draft,
        now=business_now(),
        real_now=timezone.now(),
    )
    return redirect("operation", operation.id)


def ask_or_do(request: MemberRequest, draft: Draft) -> HttpResponse | None:
    """
    Do it where the amount is under the ceiling, one person is enough, and what was shown of late
    is enough for the risk; otherwise lead to the signature. Outside any transaction.

    :raises AccessDenied: too much speaks against it
    """
    with acting_for(request.organization_id):
        rules = rules_of(organization_id=request.organization_id)
    if takes_a_signature(rules, draft):
        return ask_signature(request, draft)
    event = weigh(request, request.user, weighed(draft))
    if not is_proven(request, request.user, Level(event.level)):
        return ask_signature(request, draft)
    do_now(
        organization_id=request.organization_id,
        actor=request.actor,
        draft=draft,
        now=business_now(),
    )
    conclude(request, request.user, event.id)
    return None


def weighed(draft: Draft) -> Weighed:
    """Say of an operation what its risk depends on."""
    minor = draft.amount.minor if draft.amount else 0
    return Weighed(draft.kind, amount_minor=minor, beneficiary=draft.beneficiary)
