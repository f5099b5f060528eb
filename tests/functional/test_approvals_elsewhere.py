"""An agreement opens the browser that asked for it, for what it asked, and nothing else."""

import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from encaisse.identity.access import reopen
from encaisse.identity.approvals import waiting_for
from encaisse.identity.freezing import freeze
from encaisse.web.access import SESSION_CONFIRM, SESSION_ORGANIZATION
from functional.door import FIREFOX, Person, is_in
from functional.telephones import telephone_of

DOOR = reverse("entrance") + "?par=accord"
CONFIRM = reverse("confirm") + "?par=accord"


@pytest.fixture
def person():
    return Person()


@pytest.fixture
def telephone(person):
    return telephone_of(person.user)


def at_the_door(person):
    client = Client(headers={"user-agent": FIREFOX})
    person.types_password(client)
    return client


def asked_at(client, telephone, address=DOOR):
    client.post(address, {"envoyer": "1"})
    return waiting_for(telephone.approver, real_now=timezone.now())[0]


def number_at(client, address=DOOR):
    found = re.search(r'class="match"[^>]*>(\d\d)<', client.get(address).content.decode())
    return found and found[1]


def shows_spare_code(person, client):
    code = person.factor.recovery_codes.pop()
    client.post(reverse("entrance") + "?par=code", {"code": code})
    assert is_in(client)


def must_confirm(client):
    """Have this session owe a second proof, as before something sensitive."""
    session = client.session
    session[SESSION_CONFIRM] = {
        "level": "reinforced",
        "organization": session.get(SESSION_ORGANIZATION),
    }
    session.save()


def test_whoever_has_the_password_too_enters_by_nobody_else_s_agreement(person, telephone):
    asker, thief = at_the_door(person), at_the_door(person)
    asked = asked_at(asker, telephone)

    assert number_at(asker) == asked.number
    assert number_at(thief) is None
    telephone.agrees(asked)
    thief.post(DOOR)
    assert not is_in(thief)
    asker.post(DOOR)
    assert is_in(asker)


def test_what_was_agreed_at_the_door_confirms_nothing_inside(person, telephone):
    client = at_the_door(person)
    telephone.agrees(asked_at(client, telephone))
    shows_spare_code(person, client)
    must_confirm(client)

    assert client.post(CONFIRM).status_code == 422
    assert client.get(CONFIRM).status_code == 200


def test_what_is_agreed_inside_says_so_and_confirms(person, telephone):
    client = at_the_door(person)
    shows_spare_code(person, client)
    must_confirm(client)

    asked = asked_at(client, telephone, CONFIRM)
    telephone.agrees(asked)

    assert "connexion" not in asked.question.said
    assert client.post(CONFIRM).status_code == 302


def test_a_door_left_ajar_closes_where_the_password_changes(person, telephone):
    client = at_the_door(person)
    asked = asked_at(client, telephone)
    telephone.agrees(asked)
    person.user.set_password("une autre phrase, bien plus longue")
    person.user.save()

    client.post(DOOR)

    assert not is_in(client)


def test_a_door_left_ajar_closes_where_the_account_is_frozen(person, telephone):
    client = at_the_door(person)
    telephone.agrees(asked_at(client, telephone))
    freeze(user_id=person.user.id, by=person.user.id, real_now=timezone.now())

    client.post(DOOR)
    client.post(reverse("entrance") + "?par=code", {"code": person.factor.recovery_codes.pop()})
    reopen(user_id=person.user.id, by_user_id=None, real_now=timezone.now())

    assert not is_in(client)


def test_another_site_cannot_make_a_telephone_answer(telephone, person):
    asked = asked_at(at_the_door(person), telephone)
    browser = Client(enforce_csrf_checks=True)
    browser.cookies[settings.DEVICE_COOKIE_NAME] = telephone.token

    answer = browser.post(reverse("approval", args=[asked.id]), {"decision": "non"})

    assert answer.status_code == 403
    assert waiting_for(telephone.approver, real_now=timezone.now()) == [asked]
