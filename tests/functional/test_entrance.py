"""At the door: what is asked, of whom, and what happens to whoever should not be there."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from encaisse.identity.access import past_of, reopen
from encaisse.identity.devices import devices
from encaisse.identity.factors import lose_factors
from encaisse.identity.models import User
from encaisse.identity.proofs import Outcome
from encaisse.kit.crypto import blind_index, forget_keys, is_index_of
from encaisse.kit.keyring import KeyRing, create_keyset_file, read_keyset, replace_keyset_file
from encaisse.organizations.safeguards import Rules, set_rules
from encaisse.risk.presets import Level, Preset
from factories.organizations import NOW
from functional.door import FIREFOX, Person, is_in, same_device
from functional.web_people import audited


@pytest.fixture
def person():
    return Person()


def test_a_device_nobody_knows_is_asked_for_a_second_factor(person):
    client = Client(headers={"user-agent": FIREFOX})

    answer = person.types_password(client)

    assert answer["Location"] == reverse("entrance")
    assert not is_in(client)
    assert person.shows_spare_code(client).status_code == 302
    assert is_in(client)


def test_a_known_device_at_home_enters_with_the_password(person):
    known = same_device(person.lives_here())

    person.types_password(known)

    assert is_in(known)
    latest = person.accesses()[0]
    assert (latest.level, latest.agent, latest.country) == (
        Level.SIMPLIFIED,
        "Firefox sur Windows",
        "FR",
    )


def test_the_token_of_somebody_else_s_device_is_worth_nothing(person):
    other = Person()
    client = same_device(other.lives_here())
    person.lives_here()

    person.types_password(client)

    assert not is_in(client)


def test_from_a_new_country_two_proofs_are_asked(person):
    person.lives_here()
    client = Client()
    with time_machine.travel(timezone.now() + timedelta(days=3)):
        person.types_password(client, address=person.there)
        person.shows_spare_code(client, address=person.there)
        assert not is_in(client)

        page = client.get(reverse("entrance") + "?par=mail", REMOTE_ADDR=person.there)
        client.post(reverse("entrance") + "?par=mail", {"envoyer": "1"}, REMOTE_ADDR=person.there)
        code = mail.outbox[-1].subject.rpartition(" ")[2]
        client.post(reverse("entrance") + "?par=mail", {"code": code}, REMOTE_ADDR=person.there)

        assert "Recevoir un code" in page.content.decode()
        assert is_in(client)
        passed = person.accesses()[0]
    assert (passed.outcome, passed.level) == (Outcome.PASSED, Level.REINFORCED)
    assert set(passed.proofs) >= {"password", "recovery_code", "email"}
    assert any("ce pays" in reason["sentence"] for reason in passed.reasons)


class TestAnImpossibleTravel:
    @pytest.fixture
    def refused(self, person):
        person.browser = person.lives_here()
        thief = Client()
        for _try in range(3):
            person.types_password(thief, address=person.there, password="x" * 20)
        person.answer = person.types_password(thief, address=person.there)
        person.thief = thief
        return person

    def test_after_failures_from_an_unknown_device_it_is_refused(self, refused):
        assert refused.answer.status_code == 403
        assert "access_refused" in refused.answer.content.decode()
        assert not is_in(refused.thief)
        assert "access:refused" in audited(refused.firm)

    def test_no_new_device_enters_any_more_but_the_known_one_does(self, refused):
        elsewhere, known = Client(), same_device(refused.browser)

        assert refused.types_password(elsewhere).status_code == 403
        refused.types_password(known)
        if not is_in(known):
            refused.shows_spare_code(known)
        assert is_in(known)

    def test_an_owner_opens_it_again(self, refused):
        now = timezone.now()
        assert reopen(user_id=refused.user.id, by_user_id=refused.user.id, real_now=now)
        assert not reopen(user_id=refused.user.id, by_user_id=refused.user.id, real_now=now)

        client = Client()
        assert refused.types_password(client).status_code == 302
        assert User.objects.get(id=refused.user.id).locked_at is None
        assert "access:reopened" in audited(refused.firm)


def test_a_firm_chooses_its_policy_and_the_chain_says_so(person):
    set_rules(
        organization_id=person.firm.id,
        actor=person.firm.actor,
        rules=Rules(preset=Preset.STRICT),
        now=NOW,
    )
    known = same_device(person.lives_here())

    person.types_password(known)

    assert not is_in(known)
    assert person.accesses()[0].policy == Preset.STRICT
    assert "safeguards:set" in audited(person.firm)


def test_failures_do_not_push_habits_out_of_memory(person):
    person.lives_here(days=3)
    event = person.accesses()[0]
    event.outcome = Outcome.FAILED
    for _time in range(150):
        event.pk = None
        event.save(force_insert=True)

    past = past_of(user_id=person.user.id, real_now=timezone.now())

    assert sum(access.passed for access in past) == 4
    assert sum(access.failed for access in past) == 100


def test_whoever_lost_their_factors_leaves_nothing_open_behind(person):
    lost = person.lives_here()

    lose_factors(user_id=person.user.id)

    assert not is_in(lost)
    assert not devices(user_id=person.user.id).exists()


def test_a_code_made_before_the_keys_were_renewed_still_counts(settings, tmp_path):
    settings.ENCAISSE_KEYSET, path = "", tmp_path / "keyset.json"
    settings.ENCAISSE_KEYSET_FILE = path
    create_keyset_file(path)
    made = blind_index("row|123456", purpose="one-time-code")

    ring = KeyRing.parse(read_keyset(path))
    replace_keyset_file(path, ring.renewed(timezone.now()))
    forget_keys()

    assert is_index_of(made, "row|123456", purpose="one-time-code")
    assert not is_index_of(made, "row|123457", purpose="one-time-code")
    assert blind_index("row|123456", purpose="one-time-code") != made
