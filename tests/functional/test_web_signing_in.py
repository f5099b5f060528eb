"""Passwords, headers, signs of life: what needs no browser to be checked."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.utils import OperationalError
from django.test import Client
from django.urls import reverse

from encaisse.web.errors import broken
from factories.organizations import Firm, make_user
from functional.web_people import PASSWORD, Newcomer
from plugins.world import eventually


@pytest.mark.parametrize("password", ["plomberie44", "quatorze signe", "a" * 14])
def test_a_short_password_is_refused(password):
    with pytest.raises(ValidationError) as refused:
        validate_password(password, make_user())

    assert "password_too_short" in {error.code for error in refused.value.error_list}


def test_a_long_phrase_needs_nothing_else():
    validate_password(PASSWORD, make_user())


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("motdepasse20262026", "password_common"),
        ("azertyuiopqsdfghj", "password_repeats"),
        ("Zinguerie-Lavoir-1", "password_personal"),
    ],
)
def test_what_thieves_try_first_is_refused_without_any_network(password, code, settings):
    settings.ENCAISSE_BREACH_URL = "http://127.0.0.1:9/range"
    firm = Firm(name="Zinguerie du Lavoir")

    with pytest.raises(ValidationError) as refused:
        validate_password(password, firm.owner)

    assert code in {error.code for error in refused.value.error_list}


def test_a_list_that_does_not_answer_stops_nobody(settings):
    settings.ENCAISSE_BREACH_URL = "http://127.0.0.1:9/range"

    validate_password(PASSWORD, make_user())


def test_signing_up_with_a_known_address_looks_the_same():
    known = make_user()
    EmailAddress.objects.create(user=known, email=known.email, verified=True, primary=True)

    answers = [
        Client().post(
            reverse("account_signup"),
            {"full_name": "Nadia Martin", "email": email, "password1": PASSWORD},
        )
        for email in (known.email, Newcomer().email)
    ]

    assert {answer.status_code for answer in answers} == {302}
    assert len({answer["Location"] for answer in answers}) == 1


def test_an_unknown_address_and_a_wrong_password_are_told_alike(client):
    user = make_user()
    user.set_password(PASSWORD)
    user.save()

    wrong = client.post(reverse("account_login"), {"login": user.email, "password": "x" * 20})
    unknown = client.post(
        reverse("account_login"), {"login": Newcomer().email, "password": "x" * 20}
    )

    assert wrong.context["form"].errors == unknown.context["form"].errors


def ready(answer):
    return answer if answer.json()["status"] == "ok" and answer.status_code == 200 else None


def test_the_instance_says_whether_it_can_work(client, world):
    answer = eventually(lambda: ready(client.get(reverse("readyz"))))

    assert set(answer.json()["checks"]) == {"database", "migrations", "worker", "keys"}


def test_every_page_carries_its_protection(client):
    answer = client.get(reverse("account_login"))

    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["X-Frame-Options"] == "DENY"
    assert "style=" not in answer.content.decode()


def test_an_address_that_leads_nowhere_says_so_in_french(client):
    answer = client.get("/nulle-part/")

    assert answer.status_code == 404
    assert "not_found" in answer.content.decode()


def gone():
    raise OperationalError("the connection is gone")


def test_while_the_database_restarts_people_are_told_to_wait(rf):
    try:
        gone()
    except OperationalError:
        answer = broken(rf.get("/"))

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "restarting" in answer.content.decode()
