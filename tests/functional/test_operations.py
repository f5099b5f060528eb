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
from encaisse.organizations.core import OperationState, Permission, Role
from encaisse.organizations.errors import FourEyesImpossible, OperationChanged, SignatureOver
from encaisse.organizations.models import Operation, Signature
from encaisse.organizations.operations import Draft, carry_out
from encaisse.organizations.queries import members
from encaisse.organizations.safeguards import Rules, rules_of, set_rules
from encaisse.organizations.team import change_role, remove_member
from encaisse.payments.models import PaymentIntent, Refund
from encaisse.risk.presets import Preset
from factories.payments import PayableFirm
from functional.signing import Signer, asked, words
from functional.web_people import audited, roles_of
from plugins.world import eventually


@pytest.fixture
def firm(world):
    return PayableFirm(world)


@pytest.fixture
def owner(firm):
    return Signer(firm, firm.owner)


@pytest.fixture
def payment(firm):
    """450 euros taken by card."""
    firm.pay(firm.request(45_000))

    def captured():
        with acting_for(firm.id):
            return PaymentIntent.objects.filter(state="captured").first()

    return eventually(captured)


def refund(who, payment, euros: str):
    return who.client.post(
        reverse("payment_refund", args=[payment.id]), {"amount": euros, "confirm": "1"}
    )


def refunds(firm) -> list[int]:
    with acting_for(firm.id):
        return list(Refund.objects.values_list("amount_minor", flat=True))


def state_of(operation) -> str:
    with acting_for(operation.organization_id):
        return Operation.objects.get(id=operation.id).state


def choose(firm, **values):
    set_rules(organization_id=firm.id, actor=firm.actor, rules=Rules(**values), now=business_now())


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
                    organization_id=firm.id, signature_id=signature.id, real_now=timezone.now()
                )
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
            signatures.spend_try(organization_id=firm.id, signature_id=signature.id, real_now=late)

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


class TestTwoPeople:
    def test_both_sign_before_anything_is_done(self, firm, owner, payment):
        manager = Signer(firm, role=Role.MANAGER)
        choose(firm, four_eyes=frozenset({Permission.PAYMENTS_REFUND}))
        refund(owner, payment, "20,00")
        operation = asked(firm)

        before = words(manager.page_of(operation))
        owner.sign(operation)
        after_one = refunds(firm)
        again = owner.sign(operation)
        manager.sign(operation)

        assert "doit signer d’abord" in before
        assert after_one == []
        assert "deuxième personne" in words(again.content.decode())
        assert refunds(firm) == [2_000]

    def test_are_told_by_mail_and_the_page_lists_it(self, firm, owner, payment, world):
        manager = Signer(firm, role=Role.MANAGER)
        choose(firm, four_eyes=frozenset({Permission.PAYMENTS_REFUND}))
        refund(owner, payment, "20,00")
        operation = asked(firm)
        owner.sign(operation)

        def find():
            letters = world.control(f"/mail?to={manager.user.email}", method="GET")["data"]
            return next((one for one in letters if "/a-signer/" in one["text"]), None)

        letter = eventually(find)
        listed = words(manager.client.get(reverse("operations")).content.decode())

        assert f"/a-signer/{operation.id}/" in letter["text"]
        assert firm.customer.name not in letter["text"]
        assert firm.customer.name in listed

    def test_one_may_refuse_what_the_other_signed(self, firm, owner, payment):
        manager = Signer(firm, role=Role.MANAGER)
        choose(firm, four_eyes=frozenset({Permission.PAYMENTS_REFUND}))
        refund(owner, payment, "20,00")
        operation = asked(firm)
        owner.sign(operation)

        manager.client.post(reverse("operation_stop", args=[operation.id]))
        late = manager.sign(operation)

        assert state_of(operation) == OperationState.REFUSED
        assert "Refusé" in late.content.decode()
        assert refunds(firm) == []

    def test_are_kept_while_the_rule_stands(self, firm, owner):
        manager = Signer(firm, role=Role.MANAGER)
        choose(firm, four_eyes=frozenset({Permission.PAYMENTS_REFUND}))

        with pytest.raises(FourEyesImpossible):
            remove_member(
                organization_id=firm.id, actor=firm.actor, user_id=manager.user.id,
                now=business_now(),
            )  # fmt: skip

    def test_are_both_needed_to_do_without_the_second(self, firm, owner):
        manager = Signer(firm, role=Role.MANAGER)
        choose(firm, four_eyes=frozenset({Permission.PAYMENTS_REFUND}))
        owner.client.post(
            reverse("safeguards_set"), {"preset": "equilibre", "refund_ceiling": "200,00"}
        )
        operation = asked(firm)

        owner.sign(operation)
        with acting_for(firm.id):
            between = rules_of(organization_id=firm.id)
        manager.sign(operation)

        assert between.four_eyes
        with acting_for(firm.id):
            assert not rules_of(organization_id=firm.id).four_eyes


class TestRights:
    def test_an_owner_is_named_by_a_signature(self, firm, owner):
        second = Signer(firm, role=Role.MANAGER)
        with acting_for(firm.id):
            row = members(organization_id=firm.id).get(user_id=second.user.id)

        answer = owner.client.post(reverse("member_role", args=[row.id]), {"role": "owner"})
        before = roles_of(firm)[second.user.id]
        owner.sign(asked(firm))

        assert answer["Location"].startswith("/a-signer/")
        assert before == Role.MANAGER
        assert roles_of(firm)[second.user.id] == Role.OWNER

    def test_a_manager_who_could_sign_is_invited_and_named_by_a_signature_too(self, firm, owner):
        helper = Signer(firm, role=Role.COLLECTOR)
        with acting_for(firm.id):
            row = members(organization_id=firm.id).get(user_id=helper.user.id)

        named = owner.client.post(reverse("member_role", args=[row.id]), {"role": "manager"})
        invited = owner.client.post(
            reverse("member_invite"), {"email": "moi.encore@example.test", "role": "manager"}
        )

        assert named["Location"].startswith("/a-signer/")
        assert invited["Location"].startswith("/a-signer/")
        assert roles_of(firm)[helper.user.id] == Role.COLLECTOR
        assert "member:invited" not in audited(firm)

    def test_a_second_signer_is_named_by_two_people_where_anything_takes_two(self, firm, owner):
        Signer(firm, role=Role.MANAGER)
        choose(firm, four_eyes=frozenset({Permission.PAYMENTS_REFUND}))

        owner.client.post(
            reverse("member_invite"), {"email": "moi.encore@example.test", "role": "manager"}
        )
        owner.sign(asked(firm))

        assert asked(firm).state == OperationState.OPEN
        assert "member:invited" not in audited(firm)

    def test_an_owner_is_invited_by_a_signature(self, firm, owner):
        owner.client.post(
            reverse("member_invite"), {"email": "associe@example.test", "role": "owner"}
        )
        before = audited(firm).count("member:invited")
        owner.sign(asked(firm))

        assert before == 0
        assert audited(firm).count("member:invited") == 1

    def test_asking_for_more_needs_no_signature_and_asking_for_less_does(self, firm, owner):
        url = reverse("safeguards_set")

        more = owner.client.post(url, {"preset": "strict", "refund_ceiling": "50,00"})
        less = owner.client.post(url, {"preset": "souple", "refund_ceiling": "50,00"})

        assert more["Location"] == reverse("safeguards")
        assert less["Location"].startswith("/a-signer/")
        with acting_for(firm.id):
            assert rules_of(organization_id=firm.id).preset is Preset.STRICT
        owner.sign(asked(firm))
        with acting_for(firm.id):
            assert rules_of(organization_id=firm.id).preset is Preset.SOUPLE


class TestRulesThatMoved:
    def loosening(self, firm, owner):
        choose(firm, preset=Preset.STRICT)
        owner.client.post(
            reverse("safeguards_set"), {"preset": "souple", "refund_ceiling": "200,00"}
        )
        return asked(firm)

    def test_a_loosening_asked_before_they_changed_undoes_nothing(self, firm, owner):
        operation = self.loosening(firm, owner)
        choose(firm, preset=Preset.STRICT, refund_ceiling=Money(5_000))

        owner.sign(operation)

        assert state_of(operation) == OperationState.FAILED
        with acting_for(firm.id):
            assert rules_of(organization_id=firm.id).refund_ceiling == Money(5_000)

    def test_two_people_are_needed_once_the_firm_asks_for_two(self, firm, owner):
        Signer(firm, role=Role.MANAGER)
        operation = self.loosening(firm, owner)
        choose(firm, four_eyes=frozenset({Permission.PAYMENTS_REFUND}))

        owner.sign(operation)

        assert state_of(operation) == OperationState.OPEN

    def test_what_changes_is_said_rule_by_rule(self, firm, owner):
        page = words(owner.page_of(self.loosening(firm, owner)))

        assert "vigilance strict → souple" in page

    def test_nobody_asks_for_less_who_lost_the_right_meanwhile(self, firm, owner):
        second = Signer(firm, role=Role.OWNER)
        operation = self.loosening(firm, second)
        change_role(
            organization_id=firm.id, actor=firm.actor, user_id=second.user.id,
            role=Role.MANAGER, now=business_now(),
        )  # fmt: skip

        answer = second.sign(operation)

        assert answer.status_code == 403
        assert state_of(operation) == OperationState.OPEN

    def test_a_ceiling_is_never_negative(self, owner):
        answer = owner.client.post(
            reverse("safeguards_set"), {"preset": "strict", "refund_ceiling": "-1"}
        )

        assert answer.status_code == 422


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
