"""Counting how far payers go on their pages: robots and the firm's own people are left out."""

from django.http import HttpRequest

from encaisse.kit.tenancy import acting_for
from encaisse.organizations.queries import roles_of
from encaisse.payments.core import Method
from encaisse.reporting.figures import on_chosen, on_opened
from encaisse.reporting.funnel import device_of, is_robot
from encaisse.web.payer.door import Visit

# What browsers say when they only prepare for a page that may never be looked at.
_PREPARING = ("Purpose", "Sec-Purpose", "X-Moz")


def count_opening(request: HttpRequest, visit: Visit) -> None:
    """Count a payer who sees the ways to pay, once for each link."""
    if not is_payer(request, visit):
        return
    with acting_for(visit.organization_id):
        on_opened(
            organization_id=visit.organization_id,
            request_id=visit.target_id,
            device=device_of(_agent(request)),
        )


def count_choice(visit: Visit, method: Method) -> None:
    with acting_for(visit.organization_id):
        on_chosen(organization_id=visit.organization_id, request_id=visit.target_id, method=method)


def is_payer(request: HttpRequest, visit: Visit) -> bool:
    """Tell whether a page is read by whom it is for: no robot, nobody of the firm."""
    is_seen = not (is_robot(_agent(request)) or _is_prepared(request))
    return is_seen and not _is_ours(request, visit)


def _agent(request: HttpRequest) -> str:
    return request.headers.get("User-Agent", "")


def _is_prepared(request: HttpRequest) -> bool:
    return request.method == "HEAD" or any(name in request.headers for name in _PREPARING)


def _is_ours(request: HttpRequest, visit: Visit) -> bool:
    """Tell whether somebody of the firm looks at what their customer will see."""
    user = request.user
    return user.is_authenticated and visit.organization_id in roles_of(user_id=user.id)
