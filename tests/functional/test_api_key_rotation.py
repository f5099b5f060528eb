"""Keys of programs replaced by another, with an overlap."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from encaisse.kernel.actor import Actor, ActorKind
from encaisse.kernel.errors import DomainError, Invalid
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.api_keys import (
    create_api_key,
    revoke_api_key,
)
from encaisse.organizations.core import Permission, Role
from encaisse.organizations.errors import (
    ApiKeyNotReplaceable,
)
from encaisse.organizations.models import ApiKey
from encaisse.organizations.team import add_member, remove_member
from factories.organizations import NOW, Firm, make_user
from functional.keys import HOME, all_at_once, make, opens, rotate, stored
from functional.web_people import audited


@pytest.fixture
def firm():
    return Firm()


class TestRotation:
    def test_both_open_until_the_end_of_the_overlap(self, firm):
        old = make(firm)

        new = rotate(firm, old)

        assert new.secret != old.secret
        assert opens(old, after=timedelta(days=6, hours=23))
        assert not opens(old, after=timedelta(days=7, minutes=1))
        assert opens(new, after=timedelta(days=700))
        assert "api_key:rotated" in audited(firm)

    def test_without_overlap_the_old_one_stops_at_once(self, firm):
        old = make(firm)

        rotate(firm, old, overlap=timedelta(0))

        assert not opens(old)

    def test_the_new_one_may_do_the_same_from_the_same_places_as_long(self, firm):
        old = make(firm, addresses=f"{HOME} 2a01:e0a:1::/48", life=timedelta(days=90))

        with time_machine.travel(timezone.now() + timedelta(days=60)):
            new = stored(firm, rotate(firm, old))
            lifetime = new.expires_at - timezone.now()

        kept = stored(firm, old)
        assert (new.name, new.scopes, new.networks) == (kept.name, kept.scopes, kept.networks)
        assert timedelta(days=89, hours=23) < lifetime <= timedelta(days=90)

    def test_a_demonstration_s_clock_lengthens_no_life(self, firm):
        old = create_api_key(
            organization_id=firm.id, actor=firm.actor, name="x",
            scopes=[Permission.CUSTOMERS_READ], expires_at=timezone.now() + timedelta(days=90),
            now=business_now() - timedelta(days=400),
        )  # fmt: skip

        new = stored(firm, rotate(firm, old))

        assert new.expires_at - timezone.now() <= timedelta(days=90)

    def test_an_overlap_does_not_carry_the_old_one_past_its_own_end(self, firm):
        old = make(firm, life=timedelta(days=3))

        rotate(firm, old, overlap=timedelta(days=30))

        assert not opens(old, after=timedelta(days=3))

    @pytest.mark.parametrize("days", [-1, 31])
    def test_an_overlap_is_thirty_days_at_most(self, firm, days):
        with pytest.raises(Invalid):
            rotate(firm, make(firm), overlap=timedelta(days=days))

    def test_a_key_is_replaced_once_and_its_successor_in_its_turn(self, firm):
        first = make(firm)
        second = rotate(firm, first)

        with pytest.raises(ApiKeyNotReplaceable):
            rotate(firm, first)
        assert opens(rotate(firm, second))

    def test_a_key_that_opens_nothing_is_not_replaced(self, firm):
        gone, late = make(firm), make(firm, life=timedelta(minutes=1))
        revoke_api_key(
            organization_id=firm.id, actor=firm.actor, key_id=gone.key.id, now=business_now()
        )

        with pytest.raises(ApiKeyNotReplaceable):
            rotate(firm, gone)
        with (
            time_machine.travel(timezone.now() + timedelta(minutes=2)),
            pytest.raises(ApiKeyNotReplaceable),
        ):
            rotate(firm, late)

    def test_revoking_during_the_overlap_ends_the_old_one_alone(self, firm):
        old = make(firm)
        new = rotate(firm, old)

        revoke_api_key(
            organization_id=firm.id, actor=firm.actor, key_id=old.key.id, now=business_now()
        )

        assert not opens(old)
        assert opens(new)

    def test_many_replacements_at_once_make_one_successor(self, firm):
        old = make(firm)

        refused = all_at_once(8, lambda: rotate(firm, old))

        assert [type(error) for error in refused] == [ApiKeyNotReplaceable] * 7
        with acting_for(firm.id):
            assert ApiKey.objects.filter(replaces_id=old.key.id).count() == 1

    def test_another_firm_s_key_does_not_exist(self, firm):
        theirs = make(Firm())

        with pytest.raises(DomainError) as refused:
            rotate(firm, theirs)

        assert refused.value.code == "not_found"

    @pytest.mark.parametrize("made_it", [True, False], ids=["made both", "replaced another's"])
    def test_whoever_leaves_takes_their_keys_and_their_replacements_along(self, firm, made_it):
        person = make_user()
        add_member(
            organization_id=firm.id, actor=firm.actor, user_id=person.id, role=Role.OWNER, now=NOW
        )
        theirs = Actor(ActorKind.MEMBER, person.id)
        old = make(firm, actor=theirs if made_it else firm.actor)
        new = rotate(firm, old, actor=theirs)

        remove_member(organization_id=firm.id, actor=firm.actor, user_id=person.id, now=NOW)

        assert not opens(new)
        assert opens(old) is not made_it
