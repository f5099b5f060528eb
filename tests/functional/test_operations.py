"""Operations that are signed first: bound to what they say, by one person or two, done once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from encaisse.kernel.money import Money
from encaisse.kit.clock import business_now
from encaisse.kit.crypto import seal
from encaisse.kit.tenancy import acting_for
from encaisse.organizations import operations, signatures
from encaisse.organizations.core import OperationState, Role
from encaisse.organizations.errors import OperationChanged, SignatureOver
from encaisse.organizations.models import Operation, Signature
from encaisse.organizations.operations import Draft, carry_out
from encaisse.organizations.team import remove_member
from encaisse.risk.presets import Preset
from factories.payments import PayableFirm
from functional.asking import card_payment, choose, refund, refunds, state_of
from functional.signing import Signer, asked, words
from functional.web_people import audited


@pytest.fixture
def firm(world):
    return PayableFirm(world)


@pytest.fixture
def owner(firm):
    return Signer(firm, firm.owner)


@pytest.fixture
def payment(firm):
    """450 euros taken by card."""
    return card_payment(firm, 45_000)


class TestARefund:
    def test_under_the_ceiling_is_asked_at_once(self, firm, owner, payment):
        answer = refund(owner, payment, "100,00")

        assert answer["Location"] == reverse("payment", args=[payment.id])
        assert refunds(firm) == [10_000]
        assert asked(firm) is None

    def test_over_the_ceiling_waits_for_a_signature_that_names_amount_and_payee(
        self, firm, owner, payment
    ):
        answer = refund(owner, payment, "250,00")
        operation = asked(firm)
        page = words(owner.page_of(operation))

        assert answer["Location"] == reverse("operation", args=[operation.id])
        assert refunds(firm) == []
        assert "250" in page
        assert firm.customer.name in page

        signed = owner.sign(operation)

        assert signed["Location"] == reverse("payment", args=[payment.id])
        assert refunds(firm) == [25_000]
        assert state_of(operation) == OperationState.DONE
        assert {"operation:asked", "operation:signed", "operation:done"} <= set(audited(firm))

    def test_cut_in_pieces_is_signed_as_soon_as_they_pass_the_ceiling(self, firm, owner, payment):
        refund(owner, payment, "100,00")
        refund(owner, payment, "100,00")
        answer = refund(owner, payment, "1,00")

        assert answer["Location"].startswith("/a-signer/")
        assert refunds(firm) == [10_000, 10_000]

    def test_that_could_not_be_made_is_refused_before_anybody_signs(self, firm, owner, payment):
        answer = refund(owner, payment, "451,00")

        assert answer.status_code == 422
        assert asked(firm) is None

    def test_from_a_person_the_firm_thinks_twice_about_is_signed_whatever_its_amount(
        self, firm, owner, payment
    ):
        choose(firm, preset=Preset.STRICT)

        refund(owner, payment, "10,00")

        assert refunds(firm) == []
        assert asked(firm).state == OperationState.OPEN


class TestASignature:
    def test_with_five_wrong_codes_refuses_the_operation_for_good(self, firm, owner, payment):
        refund(owner, payment, "250,00")
        operation = asked(firm)

        answers = [owner.sign(operation, "000000").status_code for _ in range(5)]
        late = owner.sign(operation)

        assert answers == [422, 422, 422, 422, 409]
        assert refunds(firm) == []
        assert state_of(operation) == OperationState.REFUSED
        assert "Refusé" in late.content.decode()

    def test_tried_by_thirty_hands_at_once_allows_five_tries(self, firm, owner, payment):
        refund(owner, payment, "250,00")
        operation = asked(firm)
        owner.page_of(operation)
        with acting_for(firm.id):
            signature = Signature.objects.get()
        allowed = []

        def guess():
            try:
                signatures.spend_try(
                    organization_id=firm.id, signature_id=signature.id,
                    begun_in=signature.begun_in, real_now=timezone.now(),
                )  # fmt: skip
                allowed.append(1)
            except SignatureOver:
                pass
            finally:
                connection.close()

        threads = [threading.Thread(target=guess) for _ in range(30)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)

        assert len(allowed) == 5

    def test_is_worth_nothing_after_five_minutes(self, firm, owner, payment):
        refund(owner, payment, "250,00")
        operation = asked(firm)
        owner.page_of(operation)
        with acting_for(firm.id):
            signature = Signature.objects.get()
        late = timezone.now() + timedelta(minutes=6)

        with pytest.raises(SignatureOver):
            signatures.spend_try(
                organization_id=firm.id, signature_id=signature.id,
                begun_in=signature.begun_in, real_now=late,
            )  # fmt: skip

    def test_of_another_amount_signs_nothing(self, firm, owner, payment):
        refund(owner, payment, "250,00")
        operation = asked(firm)
        owner.page_of(operation)
        draft = operations.read(operation)
        more = Draft(
            kind=draft.kind, title=draft.title, payee=draft.payee, amount=Money(44_000),
            content={**draft.content, "amount_minor": 44_000}, beneficiary=draft.beneficiary,
        )  # fmt: skip
        with acting_for(firm.id):
            Operation.objects.filter(id=operation.id).update(
                content_sealed=seal(operations.written(more), operation.place())
            )

        answer = owner.sign(operation)

        assert answer.status_code == OperationChanged.status
        assert refunds(firm) == []

    def test_by_a_code_for_another_operation_is_refused(self, firm, owner, payment):
        refund(owner, payment, "250,00")
        first = asked(firm)
        owner.page_of(first)
        refund(owner, payment, "260,00")
        second = asked(firm)
        owner.page_of(second)
        with acting_for(firm.id):
            begun = {row.operation_id: row for row in Signature.objects.all()}

        challenges = {
            signatures.challenge_of(begun[first.id], first),
            signatures.challenge_of(begun[second.id], second),
            signatures.challenge_of(begun[first.id], second),
        }

        assert len(challenges) == 3

    def test_serves_once_whatever_is_posted_again(self, firm, owner, payment):
        refund(owner, payment, "250,00")
        operation = asked(firm)

        owner.sign(operation)
        again = owner.sign(operation)
        carry_out(
            organization_id=firm.id, operation_id=operation.id, now=business_now(),
            real_now=timezone.now(),
        )  # fmt: skip

        assert "C’est fait" in again.content.decode()
        assert refunds(firm) == [25_000]

    def test_of_ten_at_once_does_it_once(self, firm, owner, payment):
        refund(owner, payment, "250,00")
        operation = asked(firm)
        owner.page_of(operation)
        with acting_for(firm.id):
            Signature.objects.update(state="given")

        def act():
            carry_out(
                organization_id=firm.id, operation_id=operation.id, now=business_now(),
                real_now=timezone.now(),
            )  # fmt: skip
            connection.close()

        threads = [threading.Thread(target=act) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)

        assert refunds(firm) == [25_000]

    def test_of_somebody_who_lost_the_right_meanwhile_does_nothing(self, firm, payment):
        manager = Signer(firm, role=Role.MANAGER)
        refund(manager, payment, "250,00")
        operation = asked(firm)
        remove_member(
            organization_id=firm.id, actor=firm.actor, user_id=manager.user.id, now=business_now()
        )

        answer = manager.sign(operation)

        assert answer.status_code in {302, 403}
        assert refunds(firm) == []

    def test_by_a_stranger_finds_no_such_operation(self, firm, owner, payment, world):
        refund(owner, payment, "250,00")
        operation = asked(firm)
        elsewhere = PayableFirm(world)
        stranger = Signer(elsewhere, elsewhere.owner)

        assert stranger.sign(operation).status_code == 404
        assert refunds(firm) == []


def test_what_was_signed_when_a_process_stopped_is_done_later(firm, owner, payment):
    refund(owner, payment, "250,00")
    operation = asked(firm)
    owner.page_of(operation)
    with acting_for(firm.id):
        Signature.objects.update(state="given")

    operations.close_expired_operations(
        organization_id=firm.id, now=business_now(), real_now=timezone.now()
    )

    assert refunds(firm) == [25_000]


def test_what_nobody_signs_in_time_is_over(firm, owner, payment):
    refund(owner, payment, "250,00")
    operation = asked(firm)

    operations.close_expired_operations(
        organization_id=firm.id, now=business_now(), real_now=timezone.now() + timedelta(hours=1)
    )

    assert state_of(operation) == OperationState.EXPIRED
    assert owner.sign(operation).status_code == 200
    assert refunds(firm) == []


def test_what_a_person_asked_stops_with_their_account(firm, owner, payment):
    refund(owner, payment, "250,00")
    operation = asked(firm)

    operations.cancel_asked_by(
        organization_id=firm.id, user_id=firm.owner.id, now=business_now(), at=timezone.now()
    )

    assert state_of(operation) == OperationState.CANCELLED
    owner.sign(operation)
    assert refunds(firm) == []
