"""Somebody lost everything: their guardian, a day, and two halves of a way in."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from encaisse.identity import recovery
from encaisse.identity.core import (
    RECOVERY_DELAY,
    RECOVERY_MOVES,
    RECOVERY_PATIENCE,
    RECOVERY_PAUSE,
    RecoveryState,
)
from encaisse.identity.errors import RecoveryClosed
from encaisse.identity.factors import factors_of
from encaisse.identity.models import User
from encaisse.organizations.core import Role
from factories.organizations import NOW, Firm
from functional.test_web_enrolment import MODEL_BACKEND
from functional.wards import Ward, mailed, signed_in_person, state_of
from functional.web_people import (
    Newcomer,
    audited,
    person_at,
    signed_in,
)

CODE = re.compile(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}")


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

    def test_the_page_of_the_team_says_it_and_leads_to_where_it_is_stopped(self):
        ward = Ward()
        paul = signed_in_person(ward.firm.owner)
        before = paul.get(reverse("members")).content.decode()
        row = ward.ask()

        page = paul.get(reverse("members")).content.decode()

        assert "tout perdu" not in before
        assert f'href="{reverse("recovery", args=[row.id])}"' in page

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


def test_every_end_is_final():
    ends = {
        RecoveryState.DONE,
        RecoveryState.CANCELLED,
        RecoveryState.REFUSED,
        RecoveryState.EXPIRED,
    }

    assert {state for state, moves in RECOVERY_MOVES.items() if not moves} == ends
    assert all(RecoveryState.CANCELLED in moves for moves in RECOVERY_MOVES.values() if moves)
