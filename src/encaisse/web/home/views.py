"""Aujourd’hui."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from encaisse.kit.clock import business_now, paris_date
from encaisse.organizations.core import Permission
from encaisse.web.access import MemberRequest, member_page
from encaisse.web.home.today import read_today
from encaisse.web.welcome.readiness import readiness


@require_GET
@member_page(Permission.DASHBOARD_READ)
def home(request: MemberRequest) -> HttpResponse:
    found = readiness(organization_id=request.organization_id, user_id=request.user.id)
    left = len(found.steps) - found.done
    context = {
        "readiness": found,
        "now": read_today(
            organization_id=request.organization_id,
            role=request.role,
            today=paris_date(business_now()),
            set_up_left=left,
        ),
    }
    return render(request, "home/home.html", context)
