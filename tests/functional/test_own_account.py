"""One's own account: what is open elsewhere is seen, ended, and never without a proof."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from attacks.walk import addresses
from encaisse.identity.models import Device, Session, User
from encaisse.identity.open_sessions import MOST_AT_ONCE
from functional.door import FIREFOX, Person, is_in, same_device
from functional.telephones import telephone_of
from functional.web_people import PASSWORD, prove, signed_in

NEW_PASSWORD = "une vanne à bille de laiton"


@pytest.fixture
def person():
    return Person()


def enters(person):
    client = Client(headers={"user-agent": FIREFOX})
    person.types_password(client)
    person.shows_spare_code(client)
    return client


class TestEndingWhatIsOpen:
    @pytest.mark.parametrize("what", ["one", "others", "device"])
    def test_asks_who_is_there_when_the_last_proof_is_old(self, person, what):
        lost, here = enters(person), enters(person)
        path = path_of(here, person, what)

        with time_machine.travel(timezone.now() + timedelta(minutes=20)):
            asked = here.post(path)

            assert asked.status_code == 302
            assert asked["Location"].startswith(reverse("account_reauthenticate"))
            assert is_in(lost)
            assert Device.objects.filter(user=person.user, forgotten_at=None).count() == 2

    def test_goes_on_once_proven(self, person):
        lost, here = enters(person), enters(person)

        with time_machine.travel(timezone.now() + timedelta(minutes=20)):
            asked = here.post(reverse("sessions_end"))
            here.post(asked["Location"], {"password": PASSWORD}, follow=True)

            assert not is_in(lost)
            assert is_in(here)

    def test_takes_one_step_right_after_signing_in(self, person):
        lost, here = enters(person), enters(person)

        assert here.post(reverse("sessions_end"))["Location"] == reverse("activity")
        assert not is_in(lost)


def path_of(client, person, what):
    page = client.get(reverse("activity")).context
    if what == "one":
        [other] = [row for row in page["sessions"] if not row.is_this_one]
        return reverse("session_end", args=[other.name])
    if what == "device":
        return reverse("device_forget", args=[page["devices"][0].id])
    return reverse("sessions_end")


def test_the_twenty_first_session_ends_the_oldest(person):
    start = timezone.now()
    client = person.lives_here(days=0)
    clients = [client]
    for number in range(MOST_AT_ONCE):
        again = same_device(client)
        with time_machine.travel(start + timedelta(minutes=1 + number)):
            person.types_password(again)
            clients.append(again)

    assert Session.objects.filter(user=person.user).count() == MOST_AT_ONCE
    with time_machine.travel(start + timedelta(minutes=30)):
        assert [is_in(one) for one in clients] == [False] + [True] * MOST_AT_ONCE


class TestAChangedPassword:
    def test_asks_for_the_former_one_and_ends_every_other_session(self, person):
        lost, here = enters(person), enters(person)

        refused = change(here, former="x" * 20)
        changed = change(here, former=PASSWORD)

        assert "oldpassword" in refused.context["form"].errors
        assert changed["Location"] == reverse("mfa_index")
        assert is_in(here)
        assert not is_in(lost)
        assert Session.objects.filter(user=person.user).count() == 1
        assert person.types_password(Client(), password=PASSWORD).status_code == 200
        assert person.types_password(Client(), password=NEW_PASSWORD).status_code == 302

    def test_may_be_a_long_one_with_spaces_and_signs_of_any_alphabet(self, person):
        here = enters(person)
        long = "Éclipse à l’aube — 銅の管, ключ 🔧 et vingt coudes de cuivre rouge soudés"
        assert len(long) >= 64

        assert change(here, former=PASSWORD, wanted=long).status_code == 302
        assert person.types_password(Client(), password=long).status_code == 302

    def test_still_opens_years_later(self, person):
        with time_machine.travel(timezone.now() + timedelta(days=5 * 365)):
            answer = person.types_password(Client())

            assert answer.status_code == 302
            assert answer["Location"] == reverse("entrance")


def change(client, *, former, wanted=NEW_PASSWORD):
    return client.post(
        reverse("account_change_password"),
        {"oldpassword": former, "password1": wanted, "password2": wanted},
    )


class TestAfterAFactorChanges:
    def test_the_page_offers_to_end_the_other_sessions(self, person):
        lost, here = enters(person), enters(person)
        here.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        telephone = telephone_of(person.user)

        path = reverse("approver_remove", args=[telephone.approver.id])
        page = here.post(path, follow=True).content.decode()

        assert "ne répond plus pour vous" in page
        assert "Fermer mes autres sessions" in page
        assert f'action="{reverse("sessions_end")}"' in page
        here.post(reverse("sessions_end"))
        assert not is_in(lost)
        assert "Fermer mes autres sessions" not in here.get(reverse("mfa_index")).content.decode()


OF_ONESELF = sorted(
    address.name for address in addresses()
    if address.route.startswith("compte/") and not address.parameters
    and hasattr(address.view, "is_for_signed_in") and address.name != "totp_image"
)  # fmt: skip


@pytest.mark.parametrize("name", [*OF_ONESELF, "account_email", "account_change_password"])
def test_every_page_of_one_s_own_account_shows_the_way_out(person, name):
    client = signed_in(person.firm, proven=True)
    prove(client, person.user)

    answer = client.get(reverse(name), follow=True)

    if answer["Content-Type"].startswith("text/html") and answer.status_code == 200:
        assert f'href="{reverse("account_logout")}"' in answer.content.decode(), name


def test_the_walk_sees_one_s_own_pages():
    assert {"activity", "mfa_index", "alert_settings", "guardian"} <= set(OF_ONESELF)


def test_signing_out_empties_what_was_kept_of_pages_but_not_who_the_device_is(person):
    client = person.lives_here(days=0)

    answer = client.post(reverse("account_logout"))

    # Neither cookies nor storage: the device stays known, its key for agreements stays its own.
    assert answer["Clear-Site-Data"] == '"cache"'
    assert settings.DEVICE_COOKIE_NAME not in answer.cookies
    assert not is_in(client)


def mailed_code(letters):
    return re.search(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", letters[-1].body, re.MULTILINE)[0]


class TestAForgottenPassword:
    def test_is_replaced_by_a_mailed_code_and_the_second_factor_is_still_asked(self, mailoutbox):
        person = Person()
        lost, stranger = enters(person), Client()
        stranger.post(reverse("account_reset_password"), {"email": person.user.email})
        stranger.post(
            reverse("account_confirm_password_reset_code"), {"code": mailed_code(mailoutbox)}
        )

        done = stranger.post(
            reverse("account_complete_password_reset"),
            {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
        )

        assert done.status_code == 302
        assert not is_in(stranger)
        assert not is_in(lost)
        answer = person.types_password(stranger, password=NEW_PASSWORD)
        assert answer["Location"] == reverse("entrance")
        assert not is_in(stranger)
        person.shows_spare_code(stranger)
        assert is_in(stranger)

    def test_has_no_hint_and_no_secret_question(self):
        columns = {field.name for field in User._meta.get_fields()}
        page = Client().get(reverse("account_reset_password")).content.decode()

        assert not [name for name in columns if "hint" in name or "question" in name]
        assert set(re.findall(r'<input[^>]*name="(\w+)"', page)) <= {"csrfmiddlewaretoken", "email"}


class TestPasswordFields:
    def test_let_paste_and_let_keepers_of_passwords_fill_them(self, person):
        client = signed_in(person.firm, proven=True)
        pages = {
            name: (client if name == "account_change_password" else Client()).get(reverse(name))
            for name in ("account_login", "account_signup", "account_change_password")
        }
        fields = {
            name: re.findall(r'<input[^>]*type="password"[^>]*>', page.content.decode())
            for name, page in pages.items()
        }

        assert {name: len(found) for name, found in fields.items()} == {
            "account_login": 1, "account_signup": 1, "account_change_password": 3,
        }  # fmt: skip
        for page in pages.values():
            assert "onpaste" not in page.content.decode()
        for found in (one for several in fields.values() for one in several):
            assert re.search(r'autocomplete="(current|new)-password"', found)
            assert "maxlength" not in found
            assert "readonly" not in found

    def test_no_script_of_ours_listens_to_pasting(self):
        folder = Path(finders.find("web/web.js")).parent

        assert not [path.name for path in folder.glob("*.js") if "paste" in path.read_text()]
