"""A program's key: where it opens from, until when, replaced without a gap, seen at each use."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from encaisse.kit import events
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.api_key_places import REFUSALS_APART, forget_old_places
from encaisse.organizations.api_keys import (
    authenticate_api_key,
    revoke_api_key,
)
from encaisse.organizations.errors import (
    ApiKeyAddressRefused,
    ApiKeyInvalid,
)
from encaisse.organizations.events import ApiKeyUsedFromNewAddress
from encaisse.organizations.models import ApiKey, ApiKeyRange
from factories.organizations import Firm
from functional.keys import ELSEWHERE, HOME, OFFICE, all_at_once, make, opens, rotate, stored
from functional.web_people import audited, signed_in

HOME_V6, ELSEWHERE_V6 = "2a01:e0a:1:2::7", "2804:14c::1"


@pytest.fixture
def firm():
    return Firm()


@pytest.fixture
def heard(monkeypatch):
    """What is told of keys, to whoever listens."""
    told = []
    kind = ApiKeyUsedFromNewAddress
    monkeypatch.setitem(events._handlers, kind, [*events._handlers[kind], told.extend])
    return told


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

    def test_a_refusal_is_written_once_an_hour_for_each_network(self, firm):
        made = make(firm, addresses=HOME)
        start = timezone.now()

        for _time in range(3):
            call(made, address=ELSEWHERE)
            call(made, address="200.147.3.77")
        with time_machine.travel(start + REFUSALS_APART + timedelta(minutes=1)):
            call(made, address=ELSEWHERE)

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

        assert heard == []

        call(made, address=ELSEWHERE)

        assert [event.country for event in heard] == ["BR"]

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

        assert "Remplacer « <bdi>Site internet</bdi> »" in asked
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
