"""Sessions that somebody chose for another, or that outlive what opened them."""

import subprocess
import sys

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from encaisse.identity.models import Session, session_place
from encaisse.identity.sessions import stored_key
from encaisse.kit.crypto import unseal
from functional.door import Person, is_in
from functional.web_people import PASSWORD


@pytest.fixture
def person():
    return Person()


def key_of(client):
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def holding(key):
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = key
    return thief


def test_a_key_invented_by_somebody_else_is_never_taken_up(person):
    planted = "a" * 32
    victim = holding(planted)

    person.types_password(victim)
    person.shows_spare_code(victim)

    assert is_in(victim)
    assert key_of(victim) != planted
    assert not is_in(holding(planted))


def test_each_proof_changes_the_key_and_the_ones_before_are_worth_nothing(person):
    victim = Client()
    victim.get(reverse("account_login"))
    keys = []
    person.types_password(victim)
    keys.append(key_of(victim))
    person.shows_spare_code(victim)
    keys.append(key_of(victim))

    assert is_in(victim)
    assert len(set(keys)) == 2
    assert not is_in(holding(keys[0]))


def test_proving_oneself_again_changes_the_key(person):
    victim = Client()
    person.types_password(victim)
    person.shows_spare_code(victim)
    before = key_of(victim)
    ends = Session.objects.get(session_key=stored_key(before)).ends_at

    answer = victim.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    assert answer.status_code == 302
    assert is_in(victim)
    assert key_of(victim) != before
    assert not is_in(holding(before))
    kept = Session.objects.get(session_key=stored_key(key_of(victim)))
    assert (kept.ends_at, kept.user_id) == (ends, person.user.id)
    assert unseal(kept.address_sealed, session_place(kept.session_key, "address")) == person.home


def test_a_wrong_password_proves_nothing_and_changes_nothing(person):
    victim = Client()
    person.types_password(victim)
    person.shows_spare_code(victim)
    before = key_of(victim)

    victim.post(reverse("account_reauthenticate"), {"password": "x" * 20})

    assert key_of(victim) == before


def test_signing_out_ends_it_for_whoever_kept_a_copy(person):
    victim = Client()
    person.types_password(victim)
    person.shows_spare_code(victim)
    copy = holding(key_of(victim))
    assert is_in(copy)

    victim.post(reverse("account_logout"))

    assert not is_in(copy)


def test_over_https_every_cookie_belongs_to_the_host_alone():
    """Read by another process: what cookies are called is settled when the settings are."""
    asked = (
        "from django.conf import settings as s;"
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.DEVICE_COOKIE_NAME,"
        " s.PAYER_LANGUAGE_COOKIE_NAME, s.NOTICES_COOKIE_NAME,"
        " s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY,"
        " s.CSRF_COOKIE_HTTPONLY, s.SESSION_COOKIE_DOMAIN, s.CSRF_COOKIE_DOMAIN,"
        " s.SESSION_COOKIE_PATH, s.CSRF_COOKIE_PATH, s.SESSION_COOKIE_SAMESITE)"
    )
    told = subprocess.run(
        [sys.executable, "-c", asked],
        env={
            "DJANGO_SETTINGS_MODULE": "encaisse.config.settings",
            "ENCAISSE_PUBLIC_URL": "https://encaisse.exemple.test",
        },
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip

    assert told == [
        "__Host-encaisse", "__Host-csrf", "__Host-device", "__Host-payer-language",
        "__Host-notices", "True", "True", "True", "True", "None", "None", "/", "/", "Lax",
    ]  # fmt: skip


def test_over_https_notices_are_of_this_host_alone():
    """Set by another process, as a browser would receive them."""
    asked = (
        "import django; django.setup();"
        "from django.http import HttpRequest, HttpResponse;"
        "from encaisse.web.notices import Notices;"
        "answer, request = HttpResponse(), HttpRequest(); request.session = {};"
        "notices = Notices(request);"
        "notices.add(20, 'Fait.'); notices.update(answer);"
        "print(answer.cookies.output(header=''))"
    )
    told = subprocess.run(
        [sys.executable, "-c", asked],
        env={
            "DJANGO_SETTINGS_MODULE": "encaisse.config.settings",
            "ENCAISSE_PUBLIC_URL": "https://encaisse.exemple.test",
        },
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip

    assert told.startswith("__Host-notices=")
    assert_of_this_host_alone(told)


def test_over_https_the_language_of_a_payer_is_of_this_host_alone(settings):
    settings.PAYER_LANGUAGE_COOKIE_NAME = "__Host-payer-language"
    settings.SESSION_COOKIE_SECURE = True
    client = Client()

    chosen = client.get("/p/AbCdEfGhIjKlMnOpQrStUvWx?lang=en")
    again = client.get("/p/AbCdEfGhIjKlMnOpQrStUvWx", secure=True)

    assert_of_this_host_alone(chosen.cookies["__Host-payer-language"].OutputString())
    assert again.context["w"].language == "en"


def assert_of_this_host_alone(cookie: str) -> None:
    marks = {mark.strip().lower() for mark in cookie.split(";")[1:]}
    assert {"httponly", "secure", "path=/", "samesite=lax"} <= marks
    assert not any(mark.startswith("domain") for mark in marks)


def test_every_cookie_is_out_of_reach_of_scripts_and_other_sites(person):
    client = Client()
    client.get(reverse("account_login"))
    person.types_password(client)
    person.shows_spare_code(client)

    loose = [
        name for name, cookie in client.cookies.items()
        if not cookie["httponly"] or cookie["samesite"] != "Lax" or cookie["path"] != "/"
        or cookie["domain"]
    ]  # fmt: skip
    assert loose == []
