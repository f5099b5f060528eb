"""Who works here: members, their roles, the people invited."""

from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter as account_adapter
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from encaisse.identity.access import accesses_of
from encaisse.identity.access import reopen as reopen_account
from encaisse.identity.proofs import Outcome
from encaisse.identity.recovery import open_recoveries_of
from encaisse.kernel.errors import NotFound
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import (
    ROLE_WORDS,
    InvitationState,
    Permission,
    Role,
    allows,
    gives_more,
    may_sign,
)
from encaisse.organizations.emergency import issue_emergency_code
from encaisse.organizations.invitations import (
    invite_member,
    invited_address,
    resend_invitation,
    revoke_invitation,
)
from encaisse.organizations.models import Invitation, Membership
from encaisse.organizations.queries import invitation as invitation_by_id
from encaisse.organizations.queries import keys_made_by, members, open_invitations
from encaisse.organizations.signed import invited_signer_draft, signer_draft
from encaisse.organizations.team import change_role, remove_member
from encaisse.web.access import (
    MemberRequest,
    asking_page,
    member_page,
    proven_for,
    proven_for_factors,
)
from encaisse.web.firm.people_forms import InvitationForm, RoleForm
from encaisse.web.forms import show_form
from encaisse.web.operations.asking import ask_signature


@require_GET
@member_page(Permission.MEMBERS_READ)
def index(request: MemberRequest) -> HttpResponse:
    can_manage = allows(request.role, Permission.MEMBERS_MANAGE)
    rows = list(members(organization_id=request.organization_id))
    lost = open_recoveries_of(user_ids=[row.user_id for row in rows]) if can_manage else {}
    invitations = open_invitations(organization_id=request.organization_id) if can_manage else []
    context = {
        "members": [(row, ROLE_WORDS[Role(row.role)], lost.get(row.user_id)) for row in rows],
        "invitations": [_told(row) for row in invitations],
        "can_manage": can_manage,
    }
    return render(request, "people/members.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@proven_for("member:invite")
@member_page(Permission.MEMBERS_MANAGE)
def invite(request: MemberRequest) -> HttpResponse:
    if request.method != "POST":
        return show_form(
            request, "people/invite.html", InvitationForm(initial={"role": Role.COLLECTOR})
        )
    form = InvitationForm(request.POST)
    if form.is_valid() and may_sign(Role(form.cleaned_data["role"])):
        role = Role(form.cleaned_data["role"])
        return ask_signature(request, invited_signer_draft(form.cleaned_data["email"], role))
    invited = form.submit(lambda values: _invite(request, values))
    if invited is None:
        return show_form(request, "people/invite.html", form)
    messages.success(request, f"L’invitation part vers {invited_address(invited)}.")
    return redirect("members")


@require_http_methods(["GET", "HEAD", "POST"])
@proven_for("account:reopen")
@asking_page(Permission.MEMBERS_MANAGE)
def reopen(request: MemberRequest, membership_id: UUID) -> HttpResponse:
    """Let a member's new devices in again: every firm of theirs is told, outside of this one's."""
    with acting_for(request.organization_id):
        row = _member(request, membership_id)
    if request.method != "POST":
        last = accesses_of(user_id=row.user_id).filter(outcome=Outcome.REFUSED).first()
        return render(request, "people/reopen.html", {"member": row, "refused": last})
    reopen_account(user_id=row.user_id, by_user_id=request.user.id, real_now=timezone.now())
    messages.success(request, f"{row.user} peut de nouveau se connecter d’un appareil inconnu.")
    return redirect("members")


@require_http_methods(["GET", "HEAD", "POST"])
@proven_for("member:role")
@member_page(Permission.MEMBERS_MANAGE)
def change(request: MemberRequest, membership_id: UUID) -> HttpResponse:
    row = _member(request, membership_id)
    if request.method == "POST":
        form = RoleForm(request.POST)
        if form.is_valid() and gives_more(Role(row.role), Role(form.cleaned_data["role"])):
            role = Role(form.cleaned_data["role"])
            return ask_signature(request, signer_draft(row, role))
        changed = form.submit(lambda values: _change(request, row, Role(values["role"])))
        if changed is not None:
            messages.success(request, f"{row.user} : {ROLE_WORDS[Role(changed.role)]}.")
            return redirect("home" if row.user_id == request.user.id else "members")
    else:
        form = RoleForm(initial={"role": row.role})
    return show_form(request, "people/role.html", form, member=row, keys=_keys(row))


@require_http_methods(["GET", "HEAD", "POST"])
@proven_for("member:remove")
@member_page(Permission.MEMBERS_MANAGE)
def remove(request: MemberRequest, membership_id: UUID) -> HttpResponse:
    row = _member(request, membership_id)
    if request.method != "POST":
        return render(request, "people/member_remove.html", {"member": row, "keys": _keys(row)})
    remove_member(
        organization_id=request.organization_id,
        actor=request.actor,
        user_id=row.user_id,
        now=business_now(),
    )
    messages.success(request, f"{row.user} ne fait plus partie de l’équipe.")
    return redirect("home" if row.user_id == request.user.id else "members")


@require_http_methods(["GET", "HEAD", "POST"])
@proven_for_factors
@proven_for("emergency_code:issue")
@asking_page(Permission.MEMBERS_MANAGE)
def emergency(request: MemberRequest, membership_id: UUID) -> HttpResponse:
    """Make a code for a member who lost their factors: shown here once, told to them by mail."""
    with acting_for(request.organization_id):
        row = _member(request, membership_id)
    code = ""
    if request.method == "POST":
        code = issue_emergency_code(
            organization_id=request.organization_id,
            owner_id=request.user.id,
            member_id=row.user_id,
            now=business_now(),
            real_now=timezone.now(),
        )
        account_adapter(request).send_notification_mail(
            "mfa/email/emergency_issued",
            row.user,
            {"owner": request.user, "firm": request.place.name},
        )
    return render(request, "people/emergency.html", {"member": row, "code": code})


@require_POST
@proven_for("member:invite")
@member_page(Permission.MEMBERS_MANAGE)
def resend(request: MemberRequest, invitation_id: UUID) -> HttpResponse:
    """Send a new link; where it gives the right to sign and is over, it is signed again."""
    former = invitation_by_id(organization_id=request.organization_id, invitation_id=invitation_id)
    is_over = former.state == InvitationState.EXPIRED or former.expires_at <= timezone.now()
    if is_over and may_sign(Role(former.role)):
        return ask_signature(
            request, invited_signer_draft(invited_address(former), Role(former.role))
        )
    sent = resend_invitation(
        organization_id=request.organization_id,
        actor=request.actor,
        invitation_id=invitation_id,
        invited_by=request.user.id,
        real_now=timezone.now(),
        now=business_now(),
    )
    messages.success(
        request, f"Un nouveau lien part vers {invited_address(sent)} ; le précédent n’ouvre plus."
    )
    return redirect("members")


@require_POST
@member_page(Permission.MEMBERS_MANAGE)
def revoke(request: MemberRequest, invitation_id: UUID) -> HttpResponse:
    revoke_invitation(
        organization_id=request.organization_id,
        actor=request.actor,
        invitation_id=invitation_id,
        now=business_now(),
    )
    messages.success(request, "L’invitation est annulée : son lien n’ouvre plus rien.")
    return redirect("members")


def _told(row: Invitation) -> dict[str, object]:
    is_over = row.expires_at <= timezone.now()
    return {
        "row": row,
        "address": invited_address(row),
        "role": ROLE_WORDS[Role(row.role)],
        "state": InvitationState.EXPIRED if is_over else row.state,
    }


def _member(request: MemberRequest, membership_id: UUID) -> Membership:
    row = members(organization_id=request.organization_id).filter(id=membership_id).first()
    if row is None:
        raise NotFound
    return row


def _keys(row: Membership) -> list[str]:
    made = keys_made_by(organization_id=row.organization_id, user_id=row.user_id)
    return list(made.values_list("name", flat=True))


def _invite(request: MemberRequest, values: dict[str, Any]) -> Invitation:
    return invite_member(
        organization_id=request.organization_id,
        actor=request.actor,
        invited_by=request.user.id,
        email=values["email"],
        role=Role(values["role"]),
        real_now=timezone.now(),
        now=business_now(),
    )


def _change(request: MemberRequest, row: Membership, role: Role) -> Membership:
    return change_role(
        organization_id=request.organization_id,
        actor=request.actor,
        user_id=row.user_id,
        role=role,
        now=business_now(),
    )
