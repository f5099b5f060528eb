"""Aujourd’hui."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from encaisse.organizations.core import Permission
from encaisse.web.access import MemberRequest, member_page
from encaisse.web.welcome.readiness import readiness


@require_GET
@member_page(Permission.DASHBOARD_READ)
def home(request: MemberRequest) -> HttpResponse:
    found = readiness(organization_id=request.organization_id, user_id=request.user.id)
    return render(request, "home/home.html", {"readiness": found})
