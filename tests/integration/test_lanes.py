"""What goes round every firm, and what is told to anybody, never stands in front of a payer."""

import pytest
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from encaisse.kit.events import publish
from encaisse.kit.gathering import gathered
from encaisse.kit.identifiers import new_id
from encaisse.kit.jobs import DEFAULT, MAIL, PROGRAMS, UPKEEP, enqueue
from encaisse.kit.tenancy import acting_for
from encaisse.payments.tasks import sweep_everyone
from encaisse.security.core import Channel, Kind
from encaisse.security.events import AlertDue
from encaisse.security.raising import raise_alert
from factories.organizations import Firm

BURST = 1_000


def lanes_of(firm) -> dict[str, str]:
    rows = ProcrastinateJob.objects.filter(args__organization_id=str(firm.id))
    return dict(rows.values_list("task_name", "queue_name"))


def capture(firm) -> None:
    with acting_for(firm.id):
        enqueue("payments.capture_attempt", organization_id=firm.id, attempt_id=new_id())


def next_in(lane: str) -> str:
    """Take the job that a worker of this lane would take now."""
    connector = app.job_manager.connector.get_sync_connector()
    row = connector.execute_query_one(
        query="SELECT task_name FROM procrastinate_fetch_job_v2(%(lanes)s, NULL)", lanes=[lane]
    )
    return row["task_name"]


@pytest.fixture
def alone():
    """A queue without any other job, nor any worker that sees ours: undone at the end."""
    with transaction.atomic():
        ProcrastinateJob.objects.filter(status="todo").update(status="cancelled")
        yield
        transaction.set_rollback(True)


def test_the_sweep_of_every_firm_leaves_the_lane_of_captures_free():
    firms = [Firm(), Firm()]
    sweep_everyone(timestamp=0)
    capture(firms[0])

    assert lanes_of(firms[0]) == {"payments.sweep": UPKEEP, "payments.capture_attempt": DEFAULT}
    assert lanes_of(firms[1]) == {"payments.sweep": UPKEEP}


class TestWhatIsTold:
    def test_an_alert_and_every_mail_have_a_lane_of_their_own(self):
        firm = Firm()
        raise_alert(
            organization_id=firm.id, kind=Kind.WEBHOOKS_FAILING, subject="connection:x",
            cause_id=new_id(), facts={}, real_now=timezone.now(),
        )  # fmt: skip
        with acting_for(firm.id):
            enqueue("messaging.send_mail", organization_id=firm.id, mail_id=new_id())
            enqueue("webhooks.deliver", organization_id=firm.id, delivery_id=new_id())

        assert lanes_of(firm) == {
            "notifications.send_alert": MAIL, "messaging.send_mail": MAIL,
            "webhooks.deliver": PROGRAMS,
        }  # fmt: skip

    def test_a_thousand_alerts_keep_no_capture_waiting(self, alone):
        firm = Firm()
        many_alerts(firm)
        capture(firm)

        assert next_in(DEFAULT) == "payments.capture_attempt"

    def test_a_thousand_alerts_keep_no_payer_s_mail_waiting(self, alone):
        firm = Firm()
        many_alerts(firm)
        with acting_for(firm.id):
            enqueue("messaging.send_mail", organization_id=firm.id, mail_id=new_id())

        assert next_in(MAIL) == "messaging.send_mail"


def many_alerts(firm) -> None:
    with acting_for(firm.id), gathered():
        for _alert in range(BURST):
            publish(AlertDue(organization_id=firm.id, delivery_id=new_id(), channel=Channel.EMAIL))
