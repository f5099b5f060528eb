"""Operations that take two people, and rules that are loosened by signature."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from encaisse.identity.freezing import freeze
from encaisse.kernel.money import Money
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import OperationState, Permission, Role
from encaisse.organizations.errors import FourEyesImpossible
from encaisse.organizations.queries import members
from encaisse.organizations.safeguards import rules_of
from encaisse.organizations.team import change_role, remove_member
from encaisse.risk.presets import Preset
from factories.payments import PayableFirm
from functional.asking import card_payment, choose, marked, refund, refunds, state_of
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
    return card_payment(firm, 45_000)


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

    def test_are_not_asked_for_where_one_of_two_is_frozen(self, firm):
        manager = Signer(firm, role=Role.MANAGER)
        freeze(user_id=manager.user.id, by=manager.user.id, real_now=timezone.now())

        with pytest.raises(FourEyesImpossible):
            choose(firm, four_eyes=frozenset({Permission.PAYMENTS_REFUND}))

    def test_who_is_frozen_may_be_parted_with(self, firm):
        manager = Signer(firm, role=Role.MANAGER)
        choose(firm, four_eyes=frozenset({Permission.PAYMENTS_REFUND}))
        freeze(user_id=manager.user.id, by=manager.user.id, real_now=timezone.now())

        remove_member(
            organization_id=firm.id, actor=firm.actor, user_id=manager.user.id, now=business_now()
        )

        assert manager.user.id not in roles_of(firm)

    def test_remain_or_the_rule_is_refused_when_both_change_at_once(self, firm):
        for _round in range(4):
            manager = Signer(firm, role=Role.MANAGER)
            outcomes = both_at_once(
                lambda: choose(firm, four_eyes=frozenset({Permission.PAYMENTS_REFUND})),
                lambda who=manager: remove_member(
                    organization_id=firm.id, actor=firm.actor, user_id=who.user.id,
                    now=business_now(),
                ),
            )  # fmt: skip
            with acting_for(firm.id):
                rules = rules_of(organization_id=firm.id)

            assert outcomes.count("refused") == 1
            assert bool(rules.four_eyes) == (manager.user.id in roles_of(firm))
            choose(firm)
            if manager.user.id in roles_of(firm):
                remove_member(
                    organization_id=firm.id, actor=firm.actor, user_id=manager.user.id,
                    now=business_now(),
                )  # fmt: skip

    def test_are_both_needed_to_do_without_the_second(self, firm, owner):
        manager = Signer(firm, role=Role.MANAGER)
        choose(firm, four_eyes=frozenset({Permission.PAYMENTS_REFUND}))
        owner.client.post(
            reverse("safeguards_set"), marked(preset="equilibre", refund_ceiling="200,00")
        )
        operation = asked(firm)

        owner.sign(operation)
        with acting_for(firm.id):
            between = rules_of(organization_id=firm.id)
        manager.sign(operation)

        assert between.four_eyes
        with acting_for(firm.id):
            assert not rules_of(organization_id=firm.id).four_eyes


def both_at_once(*acts):
    """Do them in as many hands, and tell how each ended."""
    gate = threading.Barrier(len(acts))

    def run(act):
        try:
            gate.wait()
            act()
        except FourEyesImpossible:
            return "refused"
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


class TestRights:
    def test_an_owner_is_named_by_a_signature(self, firm, owner):
        second = Signer(firm, role=Role.MANAGER)
        with acting_for(firm.id):
            row = members(organization_id=firm.id).get(user_id=second.user.id)

        answer = owner.client.post(reverse("member_role", args=[row.id]), marked(role="owner"))
        before = roles_of(firm)[second.user.id]
        owner.sign(asked(firm))

        assert answer["Location"].startswith("/a-signer/")
        assert before == Role.MANAGER
        assert roles_of(firm)[second.user.id] == Role.OWNER

    def test_a_manager_who_could_sign_is_invited_and_named_by_a_signature_too(self, firm, owner):
        helper = Signer(firm, role=Role.COLLECTOR)
        with acting_for(firm.id):
            row = members(organization_id=firm.id).get(user_id=helper.user.id)

        named = owner.client.post(reverse("member_role", args=[row.id]), marked(role="manager"))
        invited = owner.client.post(
            reverse("member_invite"), marked(email="moi.encore@example.test", role="manager")
        )

        assert named["Location"].startswith("/a-signer/")
        assert invited["Location"].startswith("/a-signer/")
        assert roles_of(firm)[helper.user.id] == Role.COLLECTOR
        assert "member:invited" not in audited(firm)

    def test_a_second_signer_is_named_by_two_people_where_anything_takes_two(self, firm, owner):
        Signer(firm, role=Role.MANAGER)
        choose(firm, four_eyes=frozenset({Permission.PAYMENTS_REFUND}))

        owner.client.post(
            reverse("member_invite"), marked(email="moi.encore@example.test", role="manager")
        )
        owner.sign(asked(firm))

        assert asked(firm).state == OperationState.OPEN
        assert "member:invited" not in audited(firm)

    def test_an_owner_is_invited_by_a_signature(self, firm, owner):
        owner.client.post(
            reverse("member_invite"), marked(email="associe@example.test", role="owner")
        )
        before = audited(firm).count("member:invited")
        owner.sign(asked(firm))

        assert before == 0
        assert audited(firm).count("member:invited") == 1

    def test_asking_for_more_needs_no_signature_and_asking_for_less_does(self, firm, owner):
        url = reverse("safeguards_set")

        more = owner.client.post(url, marked(preset="strict", refund_ceiling="50,00"))
        less = owner.client.post(url, marked(preset="souple", refund_ceiling="50,00"))

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
            reverse("safeguards_set"), marked(preset="souple", refund_ceiling="200,00")
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
