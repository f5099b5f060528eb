"""What happened that should be known: listed, read, marked as seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from encaisse.organizations.core import Permission, allows
from encaisse.organizations.queries import members
from encaisse.security import queries
from encaisse.security.core import RULES, AlertState, Kind
from encaisse.security.models import Alert
from encaisse.security.raising import see
from encaisse.web.access import MemberRequest, member_page
from encaisse.web.paging import slice_of

# Every role opens this page; which alerts stand on it is the role's, and one's own.
_EVERYBODY = Permission.DASHBOARD_READ


@dataclass(frozen=True, slots=True)
class Line:
    """One alert, in words."""

    row: Alert
    told: queries.Told


@require_GET
@member_page(_EVERYBODY)
def index(request: MemberRequest) -> HttpResponse:
    rows = queries.alerts(reader=_reader(request))
    if request.GET.get("etat") != "toutes":
        rows = rows.exclude(state=AlertState.CLOSED)
    found = slice_of(request, rows)
    context = {"slice": found, "lines": _lines(found.rows, request)}
    return render(request, "security/alerts.html", context)


@require_GET
@member_page(_EVERYBODY)
def show(request: MemberRequest, alert_id: UUID) -> HttpResponse:
    row = queries.alert(reader=_reader(request), alert_id=alert_id)
    (line,) = _lines([row], request)
    return render(
        request,
        "security/alert.html",
        {"line": line, "row": row, "freeze_url": _freeze_url(row, request)},
    )


@require_POST
@member_page(_EVERYBODY)
def mark_seen(request: MemberRequest, alert_id: UUID) -> HttpResponse:
    row = queries.alert(reader=_reader(request), alert_id=alert_id)
    see(
        organization_id=request.organization_id,
        alert_id=row.id,
        user_id=request.user.id,
        real_now=timezone.now(),
    )
    messages.success(request, "Cette alerte est marquée comme vue.")
    return redirect("alerts")


def _freeze_url(row: Alert, request: MemberRequest) -> str:
    """Return where the account it is about can be frozen, for whoever may."""
    if (
        row.about_id is None
        or row.about is None
        or row.about.frozen_at
        or not RULES[Kind(row.kind)].can_freeze
    ):
        return ""
    if row.about_id == request.user.id:
        return reverse("freeze_mine")
    found = members(organization_id=request.organization_id).filter(user_id=row.about_id).first()
    can = found is not None and allows(request.role, Permission.MEMBERS_MANAGE)
    return reverse("member_freeze", args=[found.id]) if found is not None and can else ""


def _lines(rows: Sequence[Alert], request: MemberRequest) -> list[Line]:
    return [Line(row, queries.told(row, reader_id=request.user.id)) for row in rows]


def _reader(request: MemberRequest) -> queries.Reader:
    return queries.Reader(
        organization_id=request.organization_id, user_id=request.user.id, role=request.role
    )
