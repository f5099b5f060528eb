"""Forms sent twice, pieces of several payments, proofs and confirmations that serve elsewhere."""

from datetime import timedelta
from itertools import count
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from encaisse.kernel.actor import Actor, ActorKind
from encaisse.kernel.money import Money
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations import signatures
from encaisse.organizations.api_keys import rotate_api_key
from encaisse.organizations.at_once import do_now
from encaisse.organizations.core import OperationState, Role
from encaisse.organizations.errors import OperationChanged, SignatureOver
from encaisse.organizations.models import ApiKey, Operation, Signature
from encaisse.organizations.team import add_member
from encaisse.payments.models import PaymentIntent
from encaisse.payments.services.signed import refund_draft
from factories.organizations import NOW, Firm
from factories.payments import PayableFirm
from functional.asking import card_payment, choose, marked, refund, refunds, state_of
from functional.keys import answers_at_once
from functional.signing import Signer, asked, words
from functional.test_api import Program, eur
from functional.web_people import MODEL_BACKEND, prove, roles_of, show_code_too
from plugins.world import eventually


@pytest.fixture
def firm(world):
    return PayableFirm(world)


@pytest.fixture
def owner(firm):
    return Signer(firm, firm.owner)


@pytest.fixture
def payments(firm):
    """Three payments of 150 euros by card."""
    for _number in range(3):
        firm.pay(firm.request(15_000))

    def captured():
        with acting_for(firm.id):
            rows = list(PaymentIntent.objects.filter(state="captured"))
        return rows if len(rows) == 3 else None

    return eventually(captured)


def drafted(firm, payment, euros: int):
    return refund_draft(
        organization_id=firm.id, intent_id=payment.id, amount=Money(euros * 100), reason=""
    )


def done(firm, actor, draft):
    return do_now(
        organization_id=firm.id, actor=actor, draft=draft, now=business_now(),
        real_now=timezone.now(),
    )  # fmt: skip


def at_once(firm, payment, euros: int):
    return done(firm, firm.actor, drafted(firm, payment, euros))


class TestPiecesOfSeveralPayments:
    def test_are_signed_as_soon_as_together_they_pass_the_ceiling(self, firm, owner, payments):
        refund(owner, payments[0], "150,00")
        page = words(
            owner.client.get(reverse("payment_refund", args=[payments[1].id])).content.decode()
        )
        answer = refund(owner, payments[1], "60,00")

        assert "Vous avez remboursé 150" in page
        assert "depuis hier ; au-delà de 200" in page
        assert answer["Location"].startswith("/a-signer/")
        assert refunds(firm) == [15_000]

    def test_say_before_the_last_button_that_it_is_signed(self, firm, owner, payments):
        refund(owner, payments[0], "150,00")
        page = owner.client.post(
            reverse("payment_refund", args=[payments[1].id]), marked(amount="60,00")
        )

        assert "une fois signé" in words(page.content.decode())

    def test_of_somebody_else_are_not_theirs(self, firm, owner, payments):
        manager = Signer(firm, role=Role.MANAGER)
        refund(owner, payments[0], "150,00")

        refund(manager, payments[1], "60,00")

        assert sorted(refunds(firm)) == [6_000, 15_000]

    def test_are_forgotten_after_a_day(self, firm, owner, payments):
        refund(owner, payments[0], "150,00")
        with acting_for(firm.id):
            Operation.objects.update(asked_at=timezone.now() - timedelta(hours=24, minutes=1))

        refund(owner, payments[1], "60,00")

        assert sorted(refunds(firm)) == [6_000, 15_000]

    def test_signed_ones_do_not_count(self, firm, owner, payments):
        refund(owner, payments[0], "150,00")
        refund(owner, payments[1], "60,00")
        owner.sign(asked(firm))

        refund(owner, payments[2], "50,00")

        assert sorted(refunds(firm)) == [5_000, 6_000, 15_000]

    def test_asked_by_twenty_hands_at_once_stay_under_the_ceiling(self, firm, owner, payments):
        hands = count()

        answers = answers_at_once(20, lambda: at_once(firm, payments[next(hands) % 3], 90))

        assert len(answers) == 20
        assert sum(refunds(firm)) == 18_000

    def test_asked_by_twenty_hands_at_once_are_four_in_an_hour(self, firm, owner, payments):
        hands = count()

        answers = answers_at_once(20, lambda: at_once(firm, payments[next(hands) % 3], 5))

        assert len(answers) == 20
        assert refunds(firm) == [500] * 4

    def test_of_one_payment_by_two_people_at_the_same_moment_are_added_up(self, firm):
        payment = card_payment(firm, 40_000)
        manager = Signer(firm, role=Role.MANAGER)
        drafts = [drafted(firm, payment, 150) for _person in range(2)]
        done(firm, firm.actor, drafts[0])

        with pytest.raises(OperationChanged):
            done(firm, Actor(ActorKind.MEMBER, manager.user.id), drafts[1])

        assert refunds(firm) == [15_000]

    def test_asked_by_a_program_are_signed_by_a_person(self, firm, payments):
        program = Program(firm)
        answers = [
            program.post("/refunds", {"payment_id": str(one.id), "amount": eur(9_000)})
            for one in payments
        ]

        assert [answer.status_code for answer in answers] == [201, 201, 202]
        assert sum(refunds(firm)) == 18_000

    def test_asked_by_a_program_add_up_with_those_of_the_key_it_replaced(self, firm, payments):
        old = Program(firm)
        refund_of = [{"payment_id": str(one.id), "amount": eur(12_000)} for one in payments]
        first = old.post("/refunds", refund_of[0])
        made = rotate_api_key(
            organization_id=firm.id,
            actor=firm.actor,
            key_id=old.key_id,
            real_now=timezone.now(),
            now=business_now(),
        )
        new = Program(firm)
        new.headers = {"Authorization": f"Bearer {made.secret}"}

        second = new.post("/refunds", refund_of[1])
        third = old.post("/refunds", refund_of[2])

        assert [one.status_code for one in (first, second, third)] == [201, 202, 202]
        assert sum(refunds(firm)) == 12_000

    def test_asked_by_new_keys_of_one_person_add_up_with_theirs(self, firm, owner, payments):
        refund(owner, payments[0], "90,00")
        first, second = Program(firm), Program(firm)
        bodies = [{"payment_id": str(one.id), "amount": eur(9_000)} for one in payments[1:]]

        answers = [first.post("/refunds", bodies[0]), second.post("/refunds", bodies[1])]
        last = refund(owner, payments[2], "90,00")

        assert [answer.status_code for answer in answers] == [201, 202]
        assert last["Location"].startswith("/a-signer/")
        assert sum(refunds(firm)) == 18_000

    def test_asked_by_keys_of_old_are_each_a_hand(self, firm, owner, payments):
        first, second = Program(firm), Program(firm)
        with acting_for(firm.id):
            ApiKey.objects.update(issued_at=timezone.now() - timedelta(hours=25))
        bodies = [{"payment_id": str(one.id), "amount": eur(15_000)} for one in payments[:2]]

        answers = [first.post("/refunds", bodies[0]), second.post("/refunds", bodies[1])]
        refund(owner, payments[2], "150,00")

        assert [answer.status_code for answer in answers] == [201, 201]
        assert sum(refunds(firm)) == 45_000


class TestAFormSentTwice:
    def test_refunds_once(self, firm, owner, payments):
        mark = str(uuid4())
        refund(owner, payments[0], "100,00", once=mark)
        again = refund(owner, payments[0], "100,00", once=mark)
        page = words(owner.client.get(again["Location"]).content.decode())

        assert refunds(firm) == [10_000]
        assert again["Location"].startswith("/a-signer/")
        assert "C’est fait" in page
        assert "Rien n’a été fait deux fois" in page

    def test_asks_for_one_signature(self, firm, owner, payments):
        choose(firm, refund_ceiling=Money(0))
        mark = str(uuid4())
        first = refund(owner, payments[0], "150,00", once=mark)
        again = refund(owner, payments[0], "150,00", once=mark)

        assert first["Location"] == again["Location"]
        with acting_for(firm.id):
            assert Operation.objects.count() == 1

    def test_by_ten_hands_at_once_refunds_once(self, firm, owner, payments):
        mark = str(uuid4())

        def act():
            client = Client()
            client.cookies.update(owner.client.cookies)
            return client.post(
                reverse("payment_refund", args=[payments[0].id]),
                {"amount": "10,00", "confirm": "1", "once": mark},
            ).status_code

        answers = answers_at_once(10, act)

        assert answers == [302] * 10
        assert refunds(firm) == [1_000]

    def test_without_a_mark_refunds_nothing(self, firm, owner, payments):
        answer = refund(owner, payments[0], "100,00", once="")

        assert answer.status_code == 422
        assert refunds(firm) == []

    def test_corrected_after_a_refusal_still_serves(self, firm, owner, payments):
        mark = str(uuid4())
        refused = refund(owner, payments[0], "151,00", once=mark)
        refund(owner, payments[0], "15,00", once=mark)

        assert refused.status_code == 422
        assert mark in refused.content.decode()
        assert refunds(firm) == [1_500]


class TestASignatureBegunElsewhere:
    def test_is_not_finished_in_another_session(self, firm, owner, payments):
        choose(firm, refund_ceiling=Money(0))
        refund(owner, payments[0], "150,00")
        operation = asked(firm)
        owner.page_of(operation)
        thief = Client()
        thief.force_login(owner.user, backend=MODEL_BACKEND)
        prove(thief, owner.user)

        answer = thief.post(reverse("operation", args=[operation.id]), {"code": owner.code()})
        page = thief.get(answer["Location"]).content.decode()

        assert "commencée ailleurs" in page
        assert refunds(firm) == []
        assert state_of(operation) == OperationState.OPEN

    def test_is_over_where_it_was_begun_once_another_session_begins_again(
        self, firm, owner, payments
    ):
        choose(firm, refund_ceiling=Money(0))
        refund(owner, payments[0], "150,00")
        operation = asked(firm)
        owner.page_of(operation)
        elsewhere = Client()
        elsewhere.force_login(owner.user, backend=MODEL_BACKEND)
        elsewhere.get(reverse("operation", args=[operation.id]))

        owner.give(operation)

        assert refunds(firm) == []

    def test_spends_no_try_of_the_session_it_was_begun_in(self, firm, owner, payments):
        choose(firm, refund_ceiling=Money(0))
        refund(owner, payments[0], "150,00")
        owner.page_of(asked(firm))
        with acting_for(firm.id):
            signature = Signature.objects.get()

        with pytest.raises(SignatureOver):
            signatures.spend_try(
                organization_id=firm.id, signature_id=signature.id, begun_in="another",
                real_now=timezone.now(),
            )  # fmt: skip


def test_the_proofs_of_a_signature_prove_nothing_else(firm, owner, payments):
    choose(firm, refund_ceiling=Money(0))
    refund(owner, payments[0], "150,00")
    before = owner.client.session["account_authentication_methods"]

    owner.sign(asked(firm))

    assert refunds(firm) == [15_000]
    assert owner.client.session["account_authentication_methods"] == before


class TestWhatWaitsForAConfirmation:
    @pytest.fixture
    def two_firms(self, firm, owner):
        other = Firm()
        add_member(
            organization_id=other.id, actor=other.actor, user_id=owner.user.id, role=Role.OWNER,
            now=NOW,
        )  # fmt: skip
        return firm, other

    def suspended(self, owner, firm, other):
        """Ask to invite into the first firm, from a device nobody knows."""
        client = owner.client
        client.post(reverse("places"), {"organization": str(firm.id)})
        client.cookies.pop("device", None)
        answer = client.post(
            reverse("member_invite"), marked(email="lea@example.test", role=Role.COLLECTOR)
        )
        assert answer["Location"].startswith(reverse("confirm"))
        return answer["Location"]

    def invited(self, firm):
        from encaisse.organizations.models import Invitation  # noqa: PLC0415

        with acting_for(firm.id):
            return Invitation.objects.count()

    def test_is_not_done_in_another_firm(self, owner, two_firms):
        firm, other = two_firms
        address = self.suspended(owner, firm, other)
        owner.client.post(reverse("places"), {"organization": str(other.id)})

        show_code_too(owner.client)
        owner.client.get(address, follow=True)
        owner.client.post(address, {"code": owner.code()}, follow=True)

        assert (self.invited(firm), self.invited(other)) == (0, 0)

    def test_is_not_done_even_if_the_session_moved_by_itself(self, owner, two_firms):
        firm, other = two_firms
        address = self.suspended(owner, firm, other)
        session = owner.client.session
        session["organization_id"] = str(other.id)
        session.save()

        page = owner.client.post(address, {"code": owner.code()}, follow=True)

        assert "changé d’entreprise" in page.content.decode()
        assert (self.invited(firm), self.invited(other)) == (0, 0)

    def test_is_done_in_its_own(self, owner, two_firms):
        firm, other = two_firms
        address = self.suspended(owner, firm, other)

        owner.client.post(address, {"code": owner.code()})

        assert (self.invited(firm), self.invited(other)) == (1, 0)
        assert len(roles_of(firm)) == 1
