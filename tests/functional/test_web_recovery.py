"""Somebody lost everything: their guardian, a day, and two halves of a way in."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import sync_playwright
from procrastinate.contrib.django.models import ProcrastinateJob

from encaisse.identity import guardians, recovery
from encaisse.identity.core import (
    RECOVERY_DELAY,
    RECOVERY_MOVES,
    RECOVERY_PATIENCE,
    RECOVERY_PAUSE,
    RecoveryState,
)
from encaisse.identity.errors import GuardianRefused, RecoveryClosed, RecoveryWrong
from encaisse.identity.factors import factors_of
from encaisse.identity.models import Recovery, User
from encaisse.kernel.errors import NotFound
from encaisse.organizations.core import Role
from encaisse.organizations.team import add_member
from factories.organizations import NOW, Firm, make_user
from functional.test_web_enrolment import MODEL_BACKEND
from functional.web_people import (
    PASSWORD,
    Newcomer,
    audited,
    client_of,
    person_at,
    prove,
    signed_in,
)
from plugins.world import eventually

CODE = re.compile(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}")


class Ward:
    """Anne, owner with Paul of a firm of two, and the accountant who vouches for her."""

    def __init__(self, *, agreed=True) -> None:
        self.firm = Firm()
        self.anne = person_at(Newcomer().email)
        self.anne.set_password(PASSWORD)
        self.anne.save()
        add_member(
            organization_id=self.firm.id, actor=self.firm.actor, user_id=self.anne.id,
            role=Role.OWNER, now=NOW,
        )  # fmt: skip
        self.accountant = person_at(Newcomer().email)
        self.start = timezone.now()
        row = guardians.name_guardian(
            user_id=self.anne.id, email=self.accountant.email.upper(), now=NOW
        )
        if agreed:
            guardians.accept(user_id=self.accountant.id, guardianship_id=row.id, now=NOW)

    def ask(self, at=None):
        return recovery.open_recovery(email=self.anne.email, now=NOW, real_now=at or self.start)

    def approve(self, row, at=None):
        return recovery.approve(
            recovery_id=row.id, guardian_id=self.accountant.id, now=NOW,
            real_now=at or self.start,
        )  # fmt: skip

    def wait(self, duration=RECOVERY_DELAY):
        return recovery.advance(now=NOW, real_now=self.start + duration)

    def due(self):
        """Go as far as both halves: the mailed link's secret and the guardian's code."""
        row = self.ask()
        code = self.approve(row)
        self.wait()
        row.refresh_from_db()
        return row, recovery.mailed_token(row), code

    def redeem(self, token, code, at=None):
        return recovery.redeem(
            token=token, code=code, now=NOW, real_now=at or self.start + RECOVERY_DELAY
        )


def mailed(world, address, words):
    def find():
        letters = world.control(f"/mail?to={address}", method="GET")["data"]
        return next((one["text"] for one in letters if words in one["text"]), None)

    return eventually(find)


def state_of(row):
    return Recovery.objects.get(id=row.id).state


class TestTheWholeStory:
    def test_anne_enters_again_after_a_day_with_both_halves(self, world):
        ward = Ward()
        stranger, guardian = Client(), signed_in_person(ward.accountant)
        answer = stranger.post(reverse("recovery_ask"), {"email": ward.anne.email})
        assert "Regardez vos messages" in answer.content.decode()
        mailed(world, ward.accountant.email, "vous êtes son garant")
        (row,) = recovery.recoveries_to_answer(guardian_id=ward.accountant.id)
        assert "Répondre" in guardian.get(reverse("guardianships")).content.decode()

        page = guardian.post(reverse("recovery_approve", args=[row.id])).content.decode()
        code = CODE.search(page)[0]
        # An alert says it too: this is the mail that leads to where it is stopped.
        told = mailed(world, ward.firm.owner.email, f"/recuperations/{row.id}/")
        assert "perdu tous ses moyens de connexion" in told
        assert recovery.advance(now=NOW, real_now=timezone.now() + RECOVERY_DELAY) >= 1
        letter = mailed(world, ward.anne.email, "de vive voix. Il")
        token = re.search(r"http\S+/recuperation/(\S+)/", letter)[1]
        url = reverse("recovery_open", args=[token])
        with time_machine.travel(timezone.now() + RECOVERY_DELAY + timedelta(minutes=1)):
            wrong = stranger.post(url, {"code": "2222-2222-2222"})
            entered = stranger.post(url, {"code": code})

            assert wrong.status_code == 422
            assert entered["Location"] == reverse("enrol")
            assert stranger.get(reverse("home"))["Location"] == reverse("enrol")
        assert User.objects.get(id=ward.anne.id).must_enrol
        lines = [line for line in audited(ward.firm) if line.startswith(("recovery", "guardian"))]
        assert sorted(set(lines)) == [
            "guardian:accepted", "guardian:named", "recovery:approved", "recovery:done",
            "recovery:due", "recovery:requested",
        ]  # fmt: skip

    def test_what_was_lost_goes_with_the_first_new_factor(self):
        ward = Ward()
        signed_in_person(ward.anne)
        (lost,) = factors_of(user_id=ward.anne.id)
        _row, token, code = ward.due()
        ward.redeem(token, code)
        assert [one.id for one in factors_of(user_id=ward.anne.id)] == [lost.id]

        client = Client()
        client.force_login(User.objects.get(id=ward.anne.id), backend=MODEL_BACKEND)
        session = client.session
        session["signed_in_at"] = timezone.now().timestamp()
        session.save()
        page = client.get(reverse("mfa_activate_totp")).content.decode()
        secret = re.search(r'id="secret" type="text" value="([A-Z2-7]+)"', page)[1]
        client.post(reverse("mfa_activate_totp"), {"code": Newcomer.totp(secret)})

        (kept,) = factors_of(user_id=ward.anne.id)
        assert kept.id != lost.id
        assert not User.objects.get(id=ward.anne.id).must_enrol


class TestAsking:
    def test_every_address_is_answered_alike(self):
        answers = [
            Client().post(reverse("recovery_ask"), {"email": email})
            for email in (Ward().anne.email, Ward(agreed=False).anne.email, Newcomer().email)
        ]

        pages = [re.sub(r'nonce="[^"]*"', "", answer.content.decode()) for answer in answers]
        assert {answer.status_code for answer in answers} == {200}
        assert len(set(pages)) == 1

    def test_without_a_guardian_who_agreed_nothing_begins(self):
        assert Ward(agreed=False).ask() is None
        assert recovery.open_recovery(
            email=person_at(Newcomer().email).email, now=NOW, real_now=timezone.now()
        ) is None  # fmt: skip
        assert recovery.open_recovery(
            email=Newcomer().email, now=NOW, real_now=timezone.now()
        ) is None  # fmt: skip

    def test_one_at_a_time_and_not_again_at_once(self):
        ward = Ward()
        row = ward.ask()
        assert ward.ask() is None
        recovery.cancel(recovery_id=row.id, by=ward.anne.id, now=NOW, real_now=ward.start)

        assert ward.ask() is None
        assert ward.ask(at=ward.start + RECOVERY_PAUSE + timedelta(seconds=1)) is not None

    def test_the_address_stands_in_no_job(self, world):
        ward = Ward()
        recovery.ask(email=ward.anne.email)

        job = ProcrastinateJob.objects.filter(task_name="identity.open_recovery").last()
        assert ward.anne.email not in str(job.args)


class TestTheDay:
    def test_it_cannot_be_shortened(self):
        ward = Ward()
        row = ward.ask()
        ward.approve(row)

        ward.wait(RECOVERY_DELAY - timedelta(seconds=1))
        assert state_of(row) == RecoveryState.APPROVED
        ward.wait()
        assert state_of(row) == RecoveryState.DUE

    def test_nothing_is_mailed_before_it_is_over(self):
        ward = Ward()
        row = ward.ask()
        ward.approve(row)
        row.refresh_from_db()

        assert row.token_digest is None

    @pytest.mark.parametrize("who", ["anne", "owner"])
    def test_it_is_stopped_in_one_click(self, who):
        ward = Ward()
        row = ward.ask()
        ward.approve(row)
        client = signed_in_person(ward.anne) if who == "anne" else signed_in(ward.firm)

        client.post(reverse("recovery", args=[row.id]))
        ward.wait()

        assert state_of(row) == RecoveryState.CANCELLED
        assert "recovery:cancelled" in audited(ward.firm)

    def test_whoever_it_does_not_concern_sees_and_stops_nothing(self):
        ward = Ward()
        row = ward.ask()
        manager = signed_in(ward.firm, Role.MANAGER)
        elsewhere = signed_in(Firm())

        for client in (manager, elsewhere, signed_in_person(ward.accountant)):
            assert client.get(reverse("recovery", args=[row.id])).status_code == 404
            assert client.post(reverse("recovery", args=[row.id])).status_code == 404
        assert state_of(row) == RecoveryState.REQUESTED

    def test_the_guardian_may_still_refuse(self):
        ward = Ward()
        row = ward.ask()
        ward.approve(row)

        signed_in_person(ward.accountant).post(reverse("recovery_refuse", args=[row.id]))

        assert state_of(row) == RecoveryState.REFUSED

    def test_a_request_nobody_answers_ends(self):
        ward = Ward()
        row = ward.ask()

        ward.wait(RECOVERY_PATIENCE)

        assert state_of(row) == RecoveryState.EXPIRED

    def test_a_way_in_nobody_takes_closes(self):
        ward = Ward()
        row, token, code = ward.due()
        late = ward.start + RECOVERY_DELAY + RECOVERY_PATIENCE

        with pytest.raises(RecoveryClosed):
            ward.redeem(token, code, at=late)
        recovery.advance(now=NOW, real_now=late)

        assert state_of(row) == RecoveryState.EXPIRED


class TestBothHalves:
    def test_neither_opens_alone(self):
        ward = Ward()
        _row, token, code = ward.due()

        with pytest.raises(RecoveryWrong):
            ward.redeem(token, "")
        with pytest.raises(NotFound):
            ward.redeem("a" * 32, code)

    def test_it_opens_once(self):
        ward = Ward()
        _row, token, code = ward.due()
        ward.redeem(token, code)

        with pytest.raises(RecoveryClosed):
            ward.redeem(token, code)

    def test_guessing_ends_after_ten_tries(self):
        ward = Ward()
        _row, token, code = ward.due()
        for _try in range(10):
            with pytest.raises(RecoveryWrong):
                ward.redeem(token, "2222-2222-2222")

        with pytest.raises(RecoveryClosed):
            ward.redeem(token, code)

    def test_neither_is_stored_as_it_is(self):
        row, token, code = Ward().due()

        stored = b"".join(
            bytes(part) for part in (row.code_digest, row.token_sealed, row.token_digest)
        )
        assert token.encode() not in stored
        assert code.encode() not in stored


class TestGuardians:
    def test_nobody_vouches_for_themselves(self):
        person = person_at(Newcomer().email)

        with pytest.raises(GuardianRefused):
            guardians.name_guardian(user_id=person.id, email=person.email, now=NOW)

    def test_naming_one_asks_who_one_is_and_writes_to_them(self, world):
        firm, guardian = Firm(), Newcomer()
        assert (
            signed_in(firm)
            .get(reverse("guardian"))["Location"]
            .startswith("/compte/reauthenticate/")
        )

        signed_in(firm, proven=True).post(reverse("guardian"), {"email": guardian.email})

        assert reverse("guardianships") in mailed(world, guardian.email, "compte sur vous")

    def test_only_the_address_that_was_asked_accepts(self):
        ward = Ward(agreed=False)
        row = guardians.guardian_of(user_id=ward.anne.id)

        with pytest.raises(NotFound):
            guardians.accept(user_id=make_user().id, guardianship_id=row.id, now=NOW)

    def test_one_agrees_then_withdraws_on_their_own_page(self):
        ward = Ward(agreed=False)
        client = signed_in_person(ward.accountant, proven=True)
        row = guardians.guardian_of(user_id=ward.anne.id)
        assert ward.anne.email in client.get(reverse("guardianships")).content.decode()

        client.post(reverse("guardianship_accept", args=[row.id]))
        assert guardians.guardian_of(user_id=ward.anne.id).guardian_id == ward.accountant.id
        client.post(reverse("guardianship_end", args=[row.id]))

        assert guardians.guardian_of(user_id=ward.anne.id) is None

    def test_a_guardian_answers_for_their_own_wards_only(self):
        ward, other = Ward(), Ward()
        row = ward.ask()

        for act in (recovery.approve, recovery.refuse):
            with pytest.raises(NotFound):
                act(recovery_id=row.id, guardian_id=other.accountant.id, now=NOW,
                    real_now=ward.start)  # fmt: skip

    def test_agreeing_asks_who_one_is(self):
        ward = Ward()
        row = ward.ask()
        client = signed_in_person(ward.accountant, proven=False)

        answer = client.post(reverse("recovery_approve", args=[row.id]))

        assert answer["Location"].startswith("/compte/reauthenticate/")
        assert state_of(row) == RecoveryState.REQUESTED

    def test_the_address_asked_is_sealed(self):
        ward = Ward(agreed=False)
        row = guardians.guardian_of(user_id=ward.anne.id)

        assert ward.accountant.email.encode() not in bytes(row.email_sealed) + bytes(
            row.email_index
        )


def test_every_end_is_final():
    ends = {
        RecoveryState.DONE,
        RecoveryState.CANCELLED,
        RecoveryState.REFUSED,
        RecoveryState.EXPIRED,
    }

    assert {state for state, moves in RECOVERY_MOVES.items() if not moves} == ends
    assert all(RecoveryState.CANCELLED in moves for moves in RECOVERY_MOVES.values() if moves)


def signed_in_person(user, *, proven=True):
    client = client_of(user)
    if proven:
        prove(client, user)
    return client


def test_the_mailed_link_takes_the_code_in_a_real_browser(world, monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # the browser keeps a loop running
    _row, token, _code = Ward().due()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        tab = browser.new_page()
        tab.goto(world.url + reverse("recovery_open", args=[token]))
        tab.get_by_label("Code donné par votre garant").fill("2222-2222-2222")
        with tab.expect_navigation() as answer:
            tab.keyboard.press("Enter")
        status, page = answer.value.status, tab.inner_text("main")
        browser.close()

    assert status == 422
    assert "recovery_wrong" in page
