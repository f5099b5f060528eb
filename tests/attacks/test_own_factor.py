"""Whoever has the password and a known device, and no factor, brings none of their own."""

import pytest
from django.test import Client
from django.urls import reverse

from encaisse.identity.factors import factors_of, recovery_codes_left
from encaisse.identity.services import enrol_second_factor
from encaisse.kit.identifiers import new_id
from encaisse.organizations.core import Role
from encaisse.organizations.team import add_member
from factories.organizations import NOW, Firm, make_user
from functional.signing import Signer
from functional.web_people import MODEL_BACKEND, prove

CHANGES = [
    "mfa_add_webauthn", "phone_add", "phone_confirm", "phone_resend", "approver_add",
    "mfa_generate_recovery_codes", "account_email", "guardian",
]  # fmt: skip


def is_asked_more(answer) -> bool:
    return answer.status_code == 302 and answer["Location"].startswith(reverse("confirm"))


@pytest.fixture
def thief():
    """On a device that the person uses, with their password given a moment ago."""
    firm = Firm()
    client = Client()
    client.firm, client.user = firm, firm.owner
    client.factor = enrol_second_factor(user=firm.owner)
    client.force_login(firm.owner, backend=MODEL_BACKEND)
    prove(client, firm.owner)
    return client


@pytest.mark.parametrize("name", CHANGES)
def test_no_factor_changes_for_a_password_alone(thief, name):
    assert is_asked_more(thief.post(reverse(name)))


def test_no_factor_is_taken_away_for_a_password_alone(thief):
    (factor,) = factors_of(user_id=thief.user.id)

    answer = thief.post(reverse("factor_remove", args=[factor.kind, factor.id]))

    assert is_asked_more(answer)
    assert len(factors_of(user_id=thief.user.id)) == 1


def test_nobody_is_let_in_without_their_factors_for_a_password_alone(thief):
    firm, partner = thief.firm, make_user()
    row = add_member(
        organization_id=firm.id, actor=firm.actor, user_id=partner.id, role=Role.OWNER, now=NOW
    )

    issued = thief.post(reverse("member_emergency", args=[row.id]))
    agreed = thief.post(reverse("recovery_approve", args=[new_id()]))

    assert is_asked_more(issued)
    assert is_asked_more(agreed)


def test_no_new_recovery_codes_are_shown_to_sign_with(thief):
    before = recovery_codes_left(user_id=thief.user.id)

    answer = thief.post(reverse("mfa_generate_recovery_codes"), follow=True)

    assert answer.request["PATH_INFO"] == reverse("confirm")
    assert recovery_codes_left(user_id=thief.user.id) == before
    assert not answer.context.get("codes")


def test_the_person_shows_a_factor_and_goes_on():
    firm = Firm()
    person = Signer(firm, firm.owner)
    asked = person.client.post(reverse("mfa_generate_recovery_codes"))

    answer = person.client.post(asked["Location"], {"code": person.code()}, follow=True)

    assert answer.request["PATH_INFO"] == reverse("mfa_view_recovery_codes")
    assert len(answer.context["codes"]) == 10
