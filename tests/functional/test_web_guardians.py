"""Guardians, the two halves of a recovery, and its link in a real browser."""

import pytest
from django.urls import reverse

from encaisse.identity import guardians, recovery
from encaisse.identity.core import (
    RecoveryState,
)
from encaisse.identity.errors import GuardianRefused, RecoveryClosed, RecoveryWrong
from encaisse.kernel.errors import NotFound
from factories.organizations import NOW, Firm, make_user
from functional.wards import Ward, mailed, signed_in_person, state_of
from functional.web_people import (
    Newcomer,
    person_at,
    signed_in,
)


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


def test_the_mailed_link_takes_the_code_in_a_real_browser(world, chromium):
    _row, token, _code = Ward().due()
    tab = chromium.new_page()
    tab.goto(world.url + reverse("recovery_open", args=[token]))
    tab.get_by_label("Code donné par votre garant").fill("2222-2222-2222")
    with tab.expect_navigation() as answer:
        tab.keyboard.press("Enter")
    status, page = answer.value.status, tab.inner_text("main")
    tab.close()

    assert status == 422
    assert "recovery_wrong" in page
