"""How strong what we hand out and keep is: lengths, ciphers, costs; and what is never left open."""

import json
from datetime import UTC, datetime

import httpx
import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import Client
from django.urls import reverse

from encaisse.config import settings as shipped
from encaisse.identity.sessions import SessionStore
from encaisse.kit.keyring import KeyRing
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.handles import new_token
from encaisse.providers.queries import active_connection
from factories.organizations import Firm
from factories.payments import PayableFirm
from functional.web_people import MODEL_BACKEND, PASSWORD, protected, signed_in

LETTERS_AND_DIGITS = 5.17  # bits in each


class TestWhatIsHandedOut:
    def test_a_session_key_cannot_be_guessed(self):
        keys = set()
        for _ in range(50):
            store = SessionStore()
            store.create()
            keys.add(store.session_key)

        assert len(keys) == 50
        assert min(len(key) for key in keys) * LETTERS_AND_DIGITS >= 128

    def test_a_link_holds_128_random_bits(self):
        tokens = {new_token() for _ in range(1_000)}

        assert len(tokens) == 1_000
        assert min(len(token) for token in tokens) * 6 >= 128


class TestWhatIsKept:
    def test_columns_are_sealed_with_aes_256_gcm_and_found_with_hmac_sha_256(self):
        ring = KeyRing.new(datetime.now(UTC))

        kinds = {
            name: part["key"][0]["keyData"]["typeUrl"].rpartition(".")[2]
            for name, part in ring.parts.items()
        }

        assert kinds == {
            "sealing": "AesGcmKey", "backup": "AesGcmKey", "indexing": "HmacPrfKey",
            "signing": "Ed25519PrivateKey", "sharing": "HmacPrfKey",
        }  # fmt: skip
        # A 256-bit key in its envelope: at least 32 bytes of material.
        assert len(json.dumps(ring.parts["sealing"])) > 32

    def test_passwords_cost_what_argon2_asks(self):
        chosen = Argon2PasswordHasher()

        assert shipped.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]
        # OWASP's least is 19 MiB in two passes (Password Storage Cheat Sheet).
        assert chosen.memory_cost >= 19 * 1024
        assert chosen.time_cost >= 2


class TestWhatIsNeverOpen:
    def test_nothing_is_explained_to_strangers_when_something_breaks(self):
        assert shipped.DEBUG is False
        assert settings.DEBUG is False

    @pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND"])
    def test_a_request_is_not_repeated_to_whoever_sent_it(self, world, method):
        answer = httpx.request(
            method, f"{world.url}/compte/login/", headers={"X-Marked": "marked-4711"}, timeout=30
        )

        assert "marked-4711" not in answer.text

    @pytest.mark.parametrize("path", ["/compte/login/", "/p/AbCdEfGhIjKlMnOpQrStUvWx"])
    def test_no_page_may_be_given_another_base(self, world, path):
        policy = httpx.get(f"{world.url}{path}", timeout=30).headers["Content-Security-Policy"]

        assert "base-uri 'none'" in policy or "base-uri 'self'" in policy

    def test_another_site_is_told_nothing_of_an_answer(self, world):
        answer = httpx.get(
            f"{world.url}/api/v1/customers", headers={"Origin": "https://voleur.test"}, timeout=30
        )

        assert "Access-Control-Allow-Origin" not in answer.headers


class TestAnAddress:
    """Another address could be asked for another password: it takes a proof."""

    def test_is_not_added_without_proving_oneself_again(self):
        client, firm = Client(), Firm()
        client.force_login(protected(firm.owner), backend=MODEL_BACKEND)

        answer = client.post(
            reverse("account_email"), {"action_add": "", "email": "voleur@example.test"}
        )

        assert answer.status_code == 302
        assert answer["Location"].startswith("/compte/reauthenticate/")
        assert not firm.owner.emailaddress_set.filter(email="voleur@example.test").exists()

    def test_is_added_by_whoever_has_just_proven_it(self):
        firm = Firm()
        client = signed_in(firm, proven=True)

        answer = client.post(
            reverse("account_email"), {"action_add": "", "email": "autre@example.test"}
        )

        assert answer.status_code == 302
        assert not answer["Location"].startswith("/compte/reauthenticate/")


class TestAPassword:
    @pytest.mark.parametrize("other", [PASSWORD.upper(), f" {PASSWORD}", PASSWORD[:-1]])
    def test_opens_only_exactly_as_it_was_chosen(self, other):
        user = Firm().owner
        user.set_password(PASSWORD)

        assert user.check_password(PASSWORD)
        assert not user.check_password(other)

    def test_of_a_hundred_signs_is_kept_whole(self):
        user = Firm().owner
        user.set_password("é" * 100)

        assert not user.check_password("é" * 99)


class TestTheProvider:
    def test_is_not_replaced_without_proving_oneself_again(self, world):
        firm = PayableFirm(world)
        other = world.control("/accounts", {"name": "Voleur"})

        answer = signed_in(firm).post(reverse("provider"), {"api_key": other["api_key"]})

        assert answer["Location"].startswith("/compte/reauthenticate/")
        with acting_for(firm.id):
            assert active_connection(organization_id=firm.id).id == firm.connection.id
