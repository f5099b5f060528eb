"""A question put to a telephone: agreed once, by its key, with the number shown, for that only."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from encaisse.identity.approvals import (
    agree,
    last_asked,
    refuse,
    ring,
    use_approval,
    waiting_for,
)
from encaisse.identity.approvers import (
    LARGEST_NUMBER,
    Browser,
    add_approver,
    approver_at,
    approvers_of,
    remove_approver,
)
from encaisse.identity.core import CODE_LIFE, ApprovalState
from encaisse.identity.devices import forget, remember
from encaisse.identity.errors import (
    ApprovalDenied,
    ApprovalOver,
    ApprovalWaiting,
    ApproverRefused,
    NoApprover,
    NoFactor,
    NumberWrong,
    TooManyCodes,
)
from encaisse.identity.freezing import freeze
from encaisse.identity.models import Approval, Approver
from encaisse.kernel.errors import NotFound
from encaisse.kit.clock import business_now
from encaisse.kit.p256 import new_key, point, to_base64
from factories.organizations import make_user
from functional.keys import all_at_once
from functional.telephones import SAID, asked_of, pushed_to, telephone_of

PURPOSE = "sign_in:push"


@pytest.fixture
def telephone():
    return telephone_of()


def use(user, **changes):
    use_approval(**({"user_id": user.id, "purpose": PURPOSE, "real_now": timezone.now()} | changes))


class TestAgreeing:
    def test_opens_once_what_was_asked(self, telephone):
        asked = asked_of(telephone.user)
        with pytest.raises(ApprovalWaiting):
            use(telephone.user)

        telephone.agrees(asked)

        use(telephone.user)
        with pytest.raises(ApprovalOver):
            use(telephone.user)

    def test_is_bound_to_what_was_shown(self, telephone):
        telephone.agrees(asked_of(telephone.user, binding="1800|dupont", about="one"))

        for other in ({"binding": "9900|dupont", "about": "one"}, {"binding": "1800|dupont"}):
            with pytest.raises(ApprovalOver):
                use(telephone.user, **other)
        use(telephone.user, binding="1800|dupont", about="one")

    def test_another_number_ends_the_question(self, telephone):
        asked = asked_of(telephone.user)
        wrong = f"{(int(asked.number) + 1) % 100:02d}"

        with pytest.raises(NumberWrong):
            telephone.agrees(asked, number=wrong)

        with pytest.raises(ApprovalOver):
            telephone.agrees(asked)
        with pytest.raises(ApprovalDenied):
            use(telephone.user)

    def test_without_the_key_of_the_telephone_nothing_is_agreed(self, telephone):
        asked = asked_of(telephone.user)
        other = asked_of(telephone.user, purpose="operation:push")
        stolen = telephone.signature(asked, asked.number, key=new_key())

        for signature in (stolen, "", "é", "AAAA", telephone.signature(other, asked.number)):
            with pytest.raises(ApproverRefused):
                telephone.agrees(asked, signature=signature)
        assert waiting_for(telephone.approver, real_now=timezone.now()) != []

    def test_the_browser_that_asks_does_not_answer(self, telephone):
        elsewhere = telephone_of(telephone.user)
        asked = asked_of(telephone.user, device_id=telephone.approver.device_id)

        assert waiting_for(telephone.approver, real_now=timezone.now()) == []
        with pytest.raises(ApprovalOver):
            telephone.agrees(asked)
        elsewhere.agrees(asked)

    def test_somebody_else_answers_nothing(self, telephone):
        asked = asked_of(telephone.user)
        stranger = telephone_of()

        with pytest.raises(NotFound):
            stranger.agrees(asked)
        with pytest.raises(NotFound):
            refuse(approver=stranger.approver, approval_id=asked.id, real_now=timezone.now())

    def test_five_minutes_are_all_there_is(self, telephone):
        asked = asked_of(telephone.user)
        agreed = asked_of(telephone.user, purpose="operation:push")
        telephone.agrees(agreed)

        with time_machine.travel(timezone.now() + CODE_LIFE + timedelta(seconds=1)):
            with pytest.raises(ApprovalOver):
                telephone.agrees(asked)
            with pytest.raises(ApprovalOver):
                use(telephone.user, purpose="operation:push")

    def test_twenty_uses_at_once_open_once(self, telephone):
        telephone.agrees(asked_of(telephone.user))

        refused = all_at_once(20, lambda: use(telephone.user))

        assert [type(one) for one in refused] == [ApprovalOver] * 19

    def test_twenty_answers_at_once_are_one(self, telephone):
        asked = asked_of(telephone.user)

        refused = all_at_once(20, lambda: telephone.agrees(asked))

        assert [type(one) for one in refused] == [ApprovalOver] * 19

    @pytest.mark.parametrize("lost", ["removed", "forgotten", "frozen", "replaced"])
    def test_opens_nothing_once_its_telephone_answers_no_more(self, telephone, lost):
        user, approver = telephone.user, telephone.approver
        telephone.agrees(asked_of(user))

        if lost == "removed":
            remove_approver(user_id=user.id, approver_id=approver.id, now=business_now())
        elif lost == "forgotten":
            forget(user_id=user.id, device_id=approver.device_id, real_now=timezone.now())
        elif lost == "frozen":
            freeze(user_id=user.id, by=user.id, real_now=timezone.now())
        else:
            add(user, device_id=approver.device_id)

        with pytest.raises(ApprovalOver):
            use(user)

    @pytest.mark.parametrize("taken_away", [False, True])
    def test_as_its_telephone_goes_away_is_said_to_be_over(self, telephone, taken_away):
        user, approver = telephone.user, telephone.approver
        asked = asked_of(user)

        def leave():
            if taken_away:
                remove_approver(user_id=user.id, approver_id=approver.id, now=business_now())
            else:
                add(user, device_id=approver.device_id)

        moves = iter([leave, *[lambda: telephone.agrees(asked)] * 3])

        def move():
            next(moves)()

        refused = all_at_once(4, move)

        assert all(isinstance(one, ApprovalOver) for one in refused)
        with pytest.raises((ApprovalOver, ApprovalWaiting)):
            use(user)


class TestRefusing:
    def test_closes_the_question_without_a_signature(self, telephone):
        asked = asked_of(telephone.user)

        refuse(approver=telephone.approver, approval_id=asked.id, real_now=timezone.now())

        with pytest.raises(ApprovalOver):
            telephone.agrees(asked)
        with pytest.raises(ApprovalDenied):
            use(telephone.user)


class TestAsking:
    def test_again_ends_the_former_question(self, telephone):
        first = asked_of(telephone.user)
        later = timezone.now() + timedelta(minutes=1)
        second = asked_of(telephone.user, at=later)

        with pytest.raises(ApprovalOver):
            telephone.agrees(first)
        telephone.agrees(second, real_now=later)

    def test_in_haste_waits(self, telephone):
        asked_of(telephone.user)

        with pytest.raises(TooManyCodes):
            asked_of(telephone.user)

    def test_needs_a_telephone_elsewhere(self, telephone):
        with pytest.raises(NoApprover):
            asked_of(make_user())
        with pytest.raises(NoApprover):
            asked_of(telephone.user, device_id=telephone.approver.device_id)

    def test_nothing_of_it_is_readable_in_the_table(self, telephone):
        asked = asked_of(telephone.user)

        row = Approval.objects.get(id=asked.id)
        assert SAID.encode() not in bytes(row.content_sealed)
        assert (
            last_asked(user_id=telephone.user.id, purpose=PURPOSE, real_now=timezone.now()).state
            is ApprovalState.OPEN
        )


class TestATelephone:
    def test_is_known_by_its_cookie_until_the_device_is_forgotten(self, telephone):
        assert approver_at(token=telephone.token) == telephone.approver
        assert approver_at(token="") is None
        assert approver_at(token="x" * 43) is None

        forget(
            user_id=telephone.user.id,
            device_id=telephone.approver.device_id,
            real_now=timezone.now(),
        )

        assert approver_at(token=telephone.token) is None
        assert not approvers_of(user_id=telephone.user.id).exists()

    def test_of_a_frozen_account_answers_nothing(self, telephone):
        freeze(user_id=telephone.user.id, by=telephone.user.id, real_now=timezone.now())

        assert approver_at(token=telephone.token) is None

    def test_removed_answers_no_more(self, telephone):
        remove_approver(
            user_id=telephone.user.id, approver_id=telephone.approver.id, now=business_now()
        )

        with pytest.raises(NoApprover):
            asked_of(telephone.user)
        with pytest.raises(NotFound):
            remove_approver(
                user_id=telephone.user.id, approver_id=telephone.approver.id, now=business_now()
            )

    def test_added_again_replaces_its_key(self, telephone):
        asked, old = asked_of(telephone.user), telephone.key
        again = add(telephone.user, device_id=telephone.approver.device_id)

        signature = telephone.signature(asked, asked.number, key=old)
        with pytest.raises(ApproverRefused):
            agree(
                approver=again,
                approval_id=asked.id,
                number=asked.number,
                signature=signature,
                real_now=timezone.now(),
            )

    def test_comes_beside_another_factor(self):
        with pytest.raises(NoFactor):
            add(make_user())

    def test_is_on_a_device_of_its_owner(self, telephone):
        for device_id in (None, telephone_of().approver.device_id):
            with pytest.raises(ApproverRefused):
                add(telephone.user, device_id=device_id)

    def test_is_one_of_a_few(self, telephone):
        for _number in range(LARGEST_NUMBER - 1):
            telephone_of(telephone.user)

        with pytest.raises(ApproverRefused):
            telephone_of(telephone.user)

    @pytest.mark.parametrize(
        "wrong",
        [{"public_key": "AAAA"}, {"public_key": to_base64(b"\x04" + b"\x02" * 64)},
         {"endpoint": "https://192.0.2.7/push"}, {"endpoint": "https://evil.example/push"},
         {"endpoint": "http://fcm.googleapis.com/push"},
         {"endpoint": "https://fcm.googleapis.com.evil.example/push"},
         {"endpoint": "https://user@fcm.googleapis.com@evil.example/"},
         {"endpoint": "https://[fcm.googleapis.com/x"},
         {"endpoint": "https://fcm.googleapis.com/x", "p256dh": "AAAA"}],
    )  # fmt: skip
    def test_is_reached_at_a_browser_s_push_service_only(self, telephone, wrong):
        keys = {"p256dh": to_base64(point(new_key())), "auth": to_base64(b"a" * 16)}

        with pytest.raises(ApproverRefused):
            add(telephone.user, **(keys | wrong))


class TestRinging:
    def test_says_what_and_where_from_to_the_telephone_alone(self, world):
        telephone, silent = (telephone := telephone_of(world=world)), telephone_of(telephone.user)
        asked = asked_of(telephone.user)

        reached = ring(
            asked,
            user_id=telephone.user.id,
            device_id=None,
            url="https://encaisse.example/compte/accords/1/",
            real_now=timezone.now(),
        )

        assert reached == 1
        assert silent.approver.subscription_sealed is None
        (told,) = pushed_to(world, telephone)
        assert told["body"] == f"{SAID}\nFirefox sur Windows, France"
        assert told["url"].endswith("/compte/accords/1/")
        assert told["ttl"] == CODE_LIFE.total_seconds()
        assert asked.number not in told["body"]

    def test_says_the_beginning_of_what_is_too_long_for_a_push_message(self, world):
        telephone = telephone_of(world=world)
        asked = asked_of(telephone.user, said="é" + "😀" * 4000)

        reached = ring(
            asked,
            user_id=telephone.user.id,
            device_id=None,
            url="https://encaisse.example/",
            real_now=timezone.now(),
        )

        assert reached == 1
        (told,) = pushed_to(world, telephone)
        assert told["body"].startswith("é😀😀")
        assert told["body"].endswith("…")

    def test_a_browser_that_withdrew_is_asked_no_more(self, world):
        telephone = telephone_of(world=world)
        world.control(f"/push/browsers/{telephone.browser_id}/withdraw", {})

        reached = ring(
            asked_of(telephone.user),
            user_id=telephone.user.id,
            device_id=None,
            url="https://encaisse.example/",
            real_now=timezone.now(),
        )

        assert reached == 0
        assert Approver.objects.get(id=telephone.approver.id).subscription_sealed is None


def add(user, *, device_id="new", **browser):
    if device_id == "new":
        device_id = remember(
            user_id=user.id, token="", agent="Safari sur iPhone", real_now=timezone.now()
        ).device_id
    given = {"public_key": to_base64(point(new_key()))} | browser
    return add_approver(
        user_id=user.id,
        device_id=device_id,
        name="Téléphone",
        browser=Browser(**given),
        now=business_now(),
        real_now=timezone.now(),
    )
