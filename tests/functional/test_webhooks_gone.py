"""A program that has taken nothing for days: its address closes by itself, and is opened again."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Role
from encaisse.security.core import AlertState, Kind
from encaisse.security.models import Alert
from encaisse.webhooks.core import (
    LARGEST_ATTEMPT_COUNT,
    STOPPED_AFTER,
    STOPPED_TRIES,
    DeliveryState,
    is_gone,
)
from encaisse.webhooks.endpoints import (
    MessageNotTaken,
    add_endpoint,
    deliver,
    open_again,
    open_endpoints,
    replay,
    try_endpoint,
)
from encaisse.webhooks.errors import EndpointStopped
from encaisse.webhooks.models import Endpoint
from factories.organizations import Firm
from factories.webhooks import make_delivery
from functional.test_webhooks_out import deliveries, promote, running_program
from functional.web_people import audited, signed_in
from plugins.world import eventually

REFUSALS = [500] * 100


@pytest.fixture
def program():
    with running_program() as program:
        yield program


@pytest.fixture
def firm(world):
    return Firm()


@pytest.fixture
def endpoint(firm, program):
    return add_endpoint(
        organization_id=firm.id, actor=firm.actor, url=program.url, now=business_now()
    ).endpoint


def waiting(endpoint, number=1):
    return [make_delivery(endpoint, state=DeliveryState.QUEUED) for _time in range(number)]


def give_up(firm, row, real_now) -> None:
    for _try in range(LARGEST_ATTEMPT_COUNT):
        with suppress(MessageNotTaken):
            deliver(organization_id=firm.id, delivery_id=row.id, real_now=real_now)


def gone(firm, endpoint, program, *, left=0):
    """Refuse everything for days: two messages are given up, others wait for their turn."""
    program.answers = list(REFUSALS)
    first, second, *others = waiting(endpoint, 2 + left)
    give_up(firm, first, timezone.now() - STOPPED_AFTER)
    give_up(firm, second, timezone.now())
    program.answers = []
    return others


def now_of(row):
    with acting_for(row.organization_id):
        return type(row).objects.get(id=row.id)


def alert_of(firm):
    with acting_for(firm.id):
        return Alert.objects.get(kind=Kind.ENDPOINT_STOPPED)


def alerts_of(firm) -> set[str]:
    with acting_for(firm.id):
        return set(Alert.objects.values_list("kind", flat=True))


def reopen(firm, endpoint) -> None:
    open_again(
        organization_id=firm.id, actor=firm.actor, endpoint_id=endpoint.id, now=business_now()
    )


class TestItCloses:
    def test_by_itself_after_days_without_one_message_taken(self, firm, endpoint, program):
        gone(firm, endpoint, program)

        assert now_of(endpoint).stopped_at is not None
        assert open_endpoints(organization_id=firm.id) == []
        assert "webhook_endpoint:stopped" in audited(firm)

    def test_and_the_firm_is_told_by_mail_of_the_host_alone(self, firm, endpoint, program, world):
        gone(firm, endpoint, program)

        where = f"/mail?to={firm.owner.email}"
        mail = eventually(lambda: world.control(where, method="GET")["data"])[0]
        assert alert_of(firm).facts == {"host": "127.0.0.1"}
        assert "de=encaisse" not in str(mail)
        assert "fermée d’elle-même" in str(mail)

    def test_what_waited_is_kept_as_not_delivered(self, firm, endpoint, program):
        [left] = gone(firm, endpoint, program, left=1)

        assert (now_of(left).state, now_of(left).outcome) == ("failed", "endpoint_stopped")

    def test_what_was_being_queued_meanwhile_does_not_leave(self, firm, endpoint, program):
        gone(firm, endpoint, program)
        heard, [late] = len(program.heard), waiting(endpoint)

        deliver(organization_id=firm.id, delivery_id=late.id, real_now=timezone.now())

        assert now_of(late).outcome == "endpoint_stopped"
        assert len(program.heard) == heard

    def test_nothing_new_is_queued_for_it(self, firm, endpoint, program):
        gone(firm, endpoint, program)
        before = {row.id for row in deliveries(firm)}

        promote(firm)

        eventually(lambda: alerts_of(firm) >= {Kind.NEW_ADMINISTRATOR})
        assert {row.id for row in deliveries(firm)} == before


class TestItStaysOpen:
    def test_when_it_took_one_message_in_between(self, firm, endpoint, program):
        program.answers = list(REFUSALS)
        first, taken, last = waiting(endpoint, 3)
        give_up(firm, first, timezone.now() - STOPPED_AFTER)
        program.answers = []
        deliver(organization_id=firm.id, delivery_id=taken.id, real_now=timezone.now())
        program.answers = list(REFUSALS)

        give_up(firm, last, timezone.now())

        assert now_of(endpoint).stopped_at is None

    def test_when_a_single_try_fails_long_after_the_others(self, firm, endpoint, program):
        program.answers = list(REFUSALS)
        first, second = waiting(endpoint, 2)
        give_up(firm, first, timezone.now() - STOPPED_AFTER)
        for _try in range(STOPPED_TRIES - LARGEST_ATTEMPT_COUNT):
            with pytest.raises(MessageNotTaken):
                deliver(organization_id=firm.id, delivery_id=second.id, real_now=timezone.now())

        assert now_of(endpoint).stopped_at is None

    @pytest.mark.parametrize(
        ("count", "after", "gone"),
        [
            (STOPPED_TRIES, STOPPED_AFTER, True),
            (STOPPED_TRIES - 1, STOPPED_AFTER, False),
            (STOPPED_TRIES * 9, STOPPED_AFTER - timedelta(seconds=1), False),
        ],
    )
    def test_before_so_many_tries_over_so_many_days(self, count, after, gone):
        since = timezone.now()

        assert is_gone(refused_since=since, refused_count=count, now=since + after) is gone


class TestItIsOpenedAgain:
    def test_and_told_of_what_happens(self, firm, endpoint, program):
        gone(firm, endpoint, program)
        reopen(firm, endpoint)
        heard = len(program.heard)

        promote(firm)

        eventually(lambda: len(program.heard) == heard + 1)
        assert alert_of(firm).state == AlertState.CLOSED
        assert "webhook_endpoint:reopened" in audited(firm)

    def test_starting_its_days_anew(self, firm, endpoint, program):
        gone(firm, endpoint, program)
        reopen(firm, endpoint)
        program.answers, [row] = list(REFUSALS), waiting(endpoint)

        give_up(firm, row, timezone.now())

        assert now_of(endpoint).stopped_at is None

    def test_twice_without_harm(self, firm, endpoint, program):
        gone(firm, endpoint, program)
        reopen(firm, endpoint)
        reopen(firm, endpoint)

        assert audited(firm).count("webhook_endpoint:reopened") == 1

    def test_and_what_waited_leaves_when_asked_in_order(self, firm, endpoint, program):
        left = gone(firm, endpoint, program, left=3)
        client = signed_in(firm, proven=True)
        client.post(reverse("endpoint_open", args=[endpoint.id]))
        heard = len(program.heard)

        client.post(reverse("endpoint_replay", args=[endpoint.id]))

        eventually(lambda: len(program.heard) == heard + 3)
        told = [headers["webhook-id"] for _path, headers, _body in program.heard[heard:]]
        assert told == [f"msg_{row.message_id.hex}" for row in left]

    def test_not_before(self, firm, endpoint, program):
        [left] = gone(firm, endpoint, program, left=1)

        with pytest.raises(EndpointStopped):
            replay(organization_id=firm.id, delivery_id=left.id)
        with pytest.raises(EndpointStopped):
            try_endpoint(organization_id=firm.id, endpoint_id=endpoint.id, now=business_now())


class TestThePage:
    def test_says_it_with_one_action(self, firm, endpoint, program):
        gone(firm, endpoint, program, left=2)

        page = signed_in(firm, proven=True).get(reverse("endpoints")).content.decode()

        assert "Fermée d’elle-même" in page
        assert "2 messages à lui renvoyer une fois ouverte" in page
        assert reverse("endpoint_open", args=[endpoint.id]) in page
        assert reverse("endpoint_try", args=[endpoint.id]) not in page
        assert reverse("endpoint_replay", args=[endpoint.id]) not in page

    def test_opens_it_for_whoever_proves_who_they_are(self, firm, endpoint, program):
        gone(firm, endpoint, program)
        address = reverse("endpoint_open", args=[endpoint.id])

        assert signed_in(firm, Role.MANAGER, proven=True).post(address).status_code == 403
        assert "reauthenticate" in signed_in(firm).post(address)["Location"]
        assert now_of(endpoint).stopped_at is not None
        signed_in(firm, proven=True).post(address)

        with acting_for(firm.id):
            assert Endpoint.objects.get().stopped_at is None
