"""What the firm says of itself."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from encaisse.kernel.errors import NotFound
from encaisse.kernel.identifiers import Siren
from encaisse.kernel.money import Money
from encaisse.kit.clock import business_now
from encaisse.kit.files import store_file
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Permission, allows
from encaisse.organizations.queries import profile
from encaisse.organizations.services import set_logo, update_profile
from encaisse.web.access import MemberRequest, member_page
from encaisse.web.files import file_answer
from encaisse.web.firm.forms import FullFirmForm, draft_from, initial_of
from encaisse.web.firm.preview import preview_of
from encaisse.web.forms import show_form
from encaisse.web.welcome.readiness import readiness


@require_http_methods(["GET", "HEAD", "POST"])
@member_page(Permission.SETTINGS_WRITE)
def edit(request: MemberRequest) -> HttpResponse:
    row = profile(organization_id=request.organization_id)
    if request.method != "POST":
        form = FullFirmForm(initial=initial_of(row))
        return show_form(
            request, "firm/edit.html", form, profile=row, preview=preview_of(form, row)
        )
    form = FullFirmForm(request.POST, request.FILES)
    saved = form.submit(
        lambda values: update_profile(
            organization_id=request.organization_id,
            actor=request.actor,
            draft=draft_from(values),
            now=business_now(),
        )
    )
    if saved is None:
        return show_form(
            request, "firm/edit.html", form, profile=row, preview=preview_of(form, row)
        )
    keep_logo(request.organization_id, form.cleaned_data["logo"])
    messages.success(request, "C’est enregistré. Vos documents déjà émis ne changent pas.")
    return redirect("firm")


@require_GET
@member_page(Permission.SETTINGS_READ)
def show(request: MemberRequest) -> HttpResponse:
    row = profile(organization_id=request.organization_id)
    context = {
        "profile": row,
        "siren": str(Siren(row.siren)),
        "capital": Money(row.capital_minor) if row.capital_minor is not None else None,
        "can_write": allows(request.role, Permission.SETTINGS_WRITE),
        "readiness": readiness(organization_id=request.organization_id, user_id=request.user.id),
    }
    return render(request, "firm/show.html", context)


@require_GET
@member_page(Permission.SETTINGS_READ)
def logo(request: MemberRequest) -> HttpResponse:
    row = profile(organization_id=request.organization_id)
    if row.logo_file_id is None:
        raise NotFound
    return file_answer(
        organization_id=request.organization_id, file_id=row.logo_file_id, is_kept=False
    )


def keep_logo(organization_id: UUID, content: bytes | None) -> None:
    """Show this picture as the firm's logo; where none was given, nothing changes."""
    if not content:
        return
    with acting_for(organization_id):
        stored = store_file(
            organization_id=organization_id,
            kind="logo",
            name="logo.png",
            media_type="image/png",
            content=content,
            now=business_now(),
        )
        set_logo(organization_id=organization_id, file_id=stored.id)
