"""The foot of a document while it is being typed."""

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from encaisse.invoicing.core.amounts import Line, Totals, totals_of
from encaisse.kernel.errors import DomainError
from encaisse.organizations.core import Permission
from encaisse.web.access import MemberRequest, member_page
from encaisse.web.documents.forms import offer_of, posted_lines, readable_lines


@require_POST
@member_page(Permission.QUOTES_READ)
def totals(request: MemberRequest) -> HttpResponse:
    lines = posted_lines(request.POST, offer_of(request.organization_id))
    found = totals_or_none(readable_lines(lines))
    return render(request, "documents/_totals.html", {"totals": found})


def totals_or_none(lines: Sequence[Line]) -> Totals | None:
    """Return the totals, or nothing where the lines do not make a document yet."""
    try:
        return totals_of(lines)
    except DomainError:
        return None
