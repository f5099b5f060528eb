"""A program's key: where it opens from, until when, replaced without a gap, seen at each use."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from encaisse.kernel.actor import Actor, ActorKind
from encaisse.kernel.errors import DomainError, Invalid
from encaisse.kit import events
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.api_key_places import REFUSALS_APART, forget_old_places
from encaisse.organizations.api_keys import (
    authenticate_api_key,
    create_api_key,
    revoke_api_key,
    rotate_api_key,
)
from encaisse.organizations.core import Permission, Role
from encaisse.organizations.errors import (
    ApiKeyAddressRefused,
    ApiKeyInvalid,
    ApiKeyNotReplaceable,
)
from encaisse.organizations.events import ApiKeyRefused, ApiKeyUsedFromNewAddress
from encaisse.organizations.models import ApiKey, ApiKeyRange
from encaisse.organizations.team import add_member, remove_member
from factories.organizations import NOW, Firm, make_user
from functional.web_people import audited, signed_in

HOME, OFFICE, ELSEWHERE = "82.64.10.1", "82.65.20.1", "200.147.3.1"
HOME_V6, ELSEWHERE_V6 = "2a01:e0a:1:2::7", "2804:14c::1"


@pytest.fixture
def firm():
    return Firm()


@pytest.fixture
def heard(monkeypatch):
    """What is told of keys, to whoever listens."""
    told = []
    for kind in (ApiKeyUsedFromNewAddress, ApiKeyRefused):
        monkeypatch.setitem(events._handlers, kind, [*events._handlers[kind], told.extend])
    return told


def make(firm, *, actor=None, addresses="", life=None):
    return create_api_key(
        organization_id=firm.id,
        actor=actor or firm.actor,
        name="Site internet",
        scopes=[Permission.CUSTOMERS_READ],
        addresses=addresses,
        expires_at=timezone.now() + life if life else None,
        now=business_now(),
    )


def rotate(firm, made, *, actor=None, **values):
    return rotate_api_key(
        organization_id=firm.id,
        actor=actor or firm.actor,
        key_id=made.key.id,
        real_now=timezone.now(),
        now=business_now(),
        **values,
    )


def opens(made, *, address=HOME, after=timedelta(0)):
    try:
        authenticate_api_key(secret=made.secret, address=address, real_now=timezone.now() + after)
    except ApiKeyInvalid:
        return False
    return True


def stored(firm, made):
    with acting_for(firm.id):
        return ApiKey.objects.get(organization_id=firm.id, id=made.key.id)


def call(made, *, address=HOME, **headers):
    return Client().get(
        "/api/v1/customers",
        headers={"authorization": f"Bearer {made.secret}"} | headers,
        REMOTE_ADDR=address,
    )


class TestEnds:
    def test_an_expired_key_opens_nothing(self, firm):
        made = make(firm, life=timedelta(days=90))

        assert opens(made, after=timedelta(days=89))
        assert not opens(made, after=timedelta(days=90))

    def test_a_revoked_key_opens_nothing(self, firm):
        made = make(firm)
        revoke_api_key(
            organization_id=firm.id, actor=firm.actor, key_id=made.key.id, now=business_now()
        )

        assert not opens(made)


class TestAddresses:
    @pytest.mark.parametrize(
        ("allowed", "address", "status"),
        [("", ELSEWHERE, 200), (HOME, HOME, 200), (HOME, OFFICE, 403),
         ("82.64.0.0/16", HOME, 200), ("82.64.0.0/16", OFFICE, 403),
         ("2a01:e0a:1::/48", HOME_V6, 200), ("2a01:e0a:1::/48", ELSEWHERE_V6, 403),
         ("2a01:e0a:1::/48", HOME, 403), (HOME, f"::ffff:{HOME}", 200)],
    )  # fmt: skip
    def test_a_key_opens_from_its_own_addresses_only(self, firm, allowed, address, status):
        answer = call(make(firm, addresses=allowed), address=address)

        assert answer.status_code == status
        if status == 403:
            assert answer.json()["code"] == "api_key_address_refused"

    def test_whoever_writes_an_address_in_a_header_is_not_believed(self, firm, settings):
        made = make(firm, addresses=HOME)

        assert call(made, address=ELSEWHERE, **{"x-forwarded-for": HOME}).status_code == 403
        settings.ENCAISSE_TRUSTED_PROXIES = 1
        spoofed = f"{HOME}, {ELSEWHERE}"
        assert call(made, address="127.0.0.1", **{"x-forwarded-for": spoofed}).status_code == 403
        honest = f"{ELSEWHERE}, {HOME}"
        assert call(made, address="127.0.0.1", **{"x-forwarded-for": honest}).status_code == 200

    @pytest.mark.parametrize("said", ["", HOME, f"{HOME}, x", f"{HOME}, {HOME}:80", ", ,"])
    def test_a_header_shorter_than_our_proxies_or_made_up_is_not_believed(
        self, firm, settings, said
    ):
        settings.ENCAISSE_TRUSTED_PROXIES = 2 if said == HOME else 1
        made = make(firm, addresses=HOME)

        assert call(made, address="127.0.0.1", **{"x-forwarded-for": said}).status_code == 403

    def test_a_refusal_is_told_and_written_once_an_hour_for_each_network(self, firm, heard):
        made = make(firm, addresses=HOME)
        start = timezone.now()

        for _time in range(3):
            call(made, address=ELSEWHERE)
            call(made, address="200.147.3.77")
        with time_machine.travel(start + REFUSALS_APART + timedelta(minutes=1)):
            call(made, address=ELSEWHERE)

        assert [type(event) for event in heard] == [ApiKeyRefused, ApiKeyRefused]
        assert heard[0].country == "BR"
        assert audited(firm).count("api_key:refused") == 2

    def test_what_is_no_address_is_refused_beside_its_field(self, firm):
        answer = signed_in(firm, proven=True).post(
            reverse("api_key_new"),
            {"name": "Site", "days": 90, "scopes": ["customers:read"], "addresses": "chez moi"},
        )

        assert answer.status_code == 422
        assert "n’est ni une adresse ni une plage" in answer.content.decode()

    def test_no_address_is_kept_in_clear(self, firm):
        made = make(firm, addresses=HOME)
        call(made, address=HOME)
        call(made, address=ELSEWHERE)

        with acting_for(firm.id):
            rows = [*ApiKey.objects.values(), *ApiKeyRange.objects.values()]
        kept = " ".join(
            bytes(value).decode("latin-1") if isinstance(value, memoryview) else str(value)
            for row in rows
            for value in row.values()
        )
        assert HOME not in kept
        assert ELSEWHERE not in kept
        assert stored(firm, made).networks == (HOME,)


class TestPlaces:
    def test_the_first_use_from_each_network_is_told_once(self, firm, heard):
        made = make(firm)

        for address in (HOME, "82.64.10.200", ELSEWHERE, HOME_V6, "2a01:e0a:1:9::1", HOME):
            assert opens(made, address=address)

        assert [(event.country, event.is_first_use) for event in heard] == [
            ("FR", True), ("BR", False), ("FR", False),
        ]  # fmt: skip

    def test_a_network_once_refused_is_told_when_it_is_let_in(self, firm, heard):
        made = make(firm, addresses=HOME)
        call(made, address=ELSEWHERE)
        with acting_for(firm.id):
            key = ApiKey.objects.get(id=made.key.id)
            key.addresses = ""
            key.save()

        call(made, address=ELSEWHERE)

        assert [type(event) for event in heard] == [ApiKeyRefused, ApiKeyUsedFromNewAddress]

    def test_a_key_that_replaces_another_is_known_where_it_was(self, firm, heard):
        made = make(firm)
        opens(made, address=HOME)
        successor = rotate(firm, made)
        heard.clear()

        opens(successor, address=HOME)
        opens(successor, address=ELSEWHERE)

        assert [(event.country, event.is_first_use) for event in heard] == [("BR", False)]

    def test_twenty_first_uses_at_once_are_told_once(self, firm, heard):
        made = make(firm)

        refused = all_at_once(20, lambda: opens(made, address=ELSEWHERE))

        assert refused == []
        assert len(heard) == 1

    def test_the_last_use_says_when_and_in_which_country(self, firm):
        made = make(firm)
        opens(made, address=ELSEWHERE)

        key = stored(firm, made)

        assert key.last_used_country == "BR"
        assert timezone.now() - key.last_used_at < timedelta(minutes=1)

    def test_networks_unseen_for_six_months_are_forgotten(self, firm):
        made = make(firm)
        opens(made, address=HOME)
        half_a_year = timezone.now() + timedelta(days=181)

        assert forget_old_places(organization_id=firm.id, real_now=timezone.now()) == 0
        with acting_for(firm.id):
            assert forget_old_places(organization_id=firm.id, real_now=half_a_year) == 1


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


class TestPages:
    def test_a_key_is_made_for_some_addresses_and_shown_once(self, firm):
        client = signed_in(firm, proven=True)

        made = client.post(
            reverse("api_key_new"),
            {"name": "Boutique", "days": 90, "scopes": ["customers:read", "payments:request"],
             "addresses": f"{HOME}\n2a01:e0a:1::/48"},
        ).content.decode()  # fmt: skip
        listed = client.get(reverse("api_keys")).content.decode()

        assert "ek_" in made
        assert "ek_" not in listed
        for words in (HOME, "2a01:e0a:1::/48", "lire les clients, demander des paiements"):
            assert words in listed

    def test_the_page_says_when_and_where_a_key_was_last_used(self, firm):
        opens(make(firm), address=ELSEWHERE)

        listed = signed_in(firm).get(reverse("api_keys")).content.decode()

        assert "Brésil" in listed

    def test_a_key_is_replaced_on_its_page(self, firm):
        old = make(firm)
        client = signed_in(firm, proven=True)
        url = reverse("api_key_rotate", args=[old.key.id])

        asked = client.get(url).content.decode()
        made = client.post(url, {"days": 1}).content.decode()
        listed = client.get(reverse("api_keys")).content.decode()

        assert "Remplacer « <bdi>Site internet</bdi> »" in asked
        assert "ek_" in made
        assert "ouvre encore jusqu’au" in made
        assert "Remplacée, encore ouverte" in listed
        assert not opens(old, after=timedelta(days=1, minutes=1))
        assert client.get(url).status_code == 409

    def test_an_overlap_that_the_page_does_not_offer_is_refused(self, firm):
        old = make(firm)

        answer = signed_in(firm, proven=True).post(
            reverse("api_key_rotate", args=[old.key.id]), {"days": 365}
        )

        assert answer.status_code == 422
        assert stored(firm, old).retires_at is None

    def test_replacing_asks_for_a_proof_again(self, firm):
        answer = signed_in(firm).get(reverse("api_key_rotate", args=[make(firm).key.id]))

        assert answer["Location"].startswith("/compte/reauthenticate/")


def test_a_refused_address_does_not_tell_an_unknown_key_from_a_wrong_one(firm):
    with pytest.raises(ApiKeyInvalid):
        authenticate_api_key(secret="ek_unknown", address=ELSEWHERE, real_now=timezone.now())
    with pytest.raises(ApiKeyAddressRefused):
        authenticate_api_key(
            secret=make(firm, addresses=HOME).secret, address=ELSEWHERE, real_now=timezone.now()
        )


def all_at_once(number, action):
    """Run the action in as many threads at the same moment; return what was refused."""
    start, refused = threading.Barrier(number), []

    def run():
        start.wait()
        try:
            action()
        except DomainError as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return refused
