"""Somebody removed while they make a key or an invitation leaves neither behind."""

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connections
from django.utils import timezone

from encaisse.kernel.actor import Actor, ActorKind
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.api_keys import create_api_key
from encaisse.organizations.core import Permission, Role
from encaisse.organizations.errors import NoLongerMember, PermissionDenied
from encaisse.organizations.invitations import invite_member, resend_invitation
from encaisse.organizations.models import ApiKey, Invitation
from encaisse.organizations.team import add_member, change_role, remove_member
from factories.organizations import Firm, make_user


@pytest.fixture
def firm():
    return Firm()


@pytest.fixture
def other(firm):
    """Return a second owner."""
    user = make_user()
    add_member(
        organization_id=firm.id,
        actor=firm.actor,
        user_id=user.id,
        role=Role.OWNER,
        now=business_now(),
    )
    return Actor(ActorKind.MEMBER, user.id)


def make_key(firm, actor):
    return create_api_key(
        organization_id=firm.id,
        actor=actor,
        name="Caisse",
        scopes=[Permission.PAYMENTS_READ],
        expires_at=None,
        now=business_now(),
    )


def invite(firm, actor):
    return invite_member(
        organization_id=firm.id,
        actor=actor,
        invited_by=actor.id,
        email=f"{uuid4()}@example.test",
        role=Role.OWNER,
        real_now=timezone.now(),
        now=business_now(),
    )


def resend(firm, actor):
    with acting_for(firm.id):
        waiting = Invitation.objects.get(state="pending")
    return resend_invitation(
        organization_id=firm.id,
        actor=actor,
        invitation_id=waiting.id,
        invited_by=actor.id,
        real_now=timezone.now(),
        now=business_now(),
    )


def while_leaving(firm, leave, act):
    """Run `act` in another thread while `leave` is done and not yet committed."""

    def in_thread():
        try:
            started.set()
            return act()
        finally:
            connections.close_all()

    started = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        with acting_for(firm.id):
            leave()
            running = pool.submit(in_thread)
            started.wait(5)
            threading.Event().wait(0.3)
        return running.result(10)


class TestRemovedMeanwhile:
    @pytest.mark.parametrize("act", [make_key, invite, resend])
    def test_nothing_is_left_behind(self, firm, other, act):
        invite(firm, firm.actor)

        def leave():
            remove_member(
                organization_id=firm.id, actor=firm.actor, user_id=other.id, now=business_now()
            )

        with pytest.raises(NoLongerMember):
            while_leaving(firm, leave, lambda: act(firm, other))

        with acting_for(firm.id):
            assert not ApiKey.objects.exists()
            assert list(Invitation.objects.values_list("invited_by_id", flat=True)) == [
                firm.owner.id
            ]

    @pytest.mark.parametrize("act", [make_key, invite])
    def test_a_lesser_role_makes_neither(self, firm, other, act):
        def leave():
            change_role(
                organization_id=firm.id,
                actor=firm.actor,
                user_id=other.id,
                role=Role.MANAGER,
                now=business_now(),
            )

        with pytest.raises(PermissionDenied):
            while_leaving(firm, leave, lambda: act(firm, other))
