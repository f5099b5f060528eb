"""What goes round every firm never stands in front of a payer."""

from procrastinate.contrib.django.models import ProcrastinateJob

from encaisse.kit.identifiers import new_id
from encaisse.kit.jobs import DEFAULT, UPKEEP, enqueue
from encaisse.kit.tenancy import acting_for
from encaisse.payments.tasks import sweep_everyone
from factories.organizations import Firm


def lanes_of(firm) -> dict[str, str]:
    rows = ProcrastinateJob.objects.filter(args__organization_id=str(firm.id))
    return dict(rows.values_list("task_name", "queue_name"))


def test_the_sweep_of_every_firm_leaves_the_lane_of_captures_free():
    firms = [Firm(), Firm()]
    sweep_everyone(timestamp=0)
    with acting_for(firms[0].id):
        enqueue("payments.capture_attempt", organization_id=firms[0].id, attempt_id=new_id())

    assert lanes_of(firms[0]) == {"payments.sweep": UPKEEP, "payments.capture_attempt": DEFAULT}
    assert lanes_of(firms[1]) == {"payments.sweep": UPKEEP}
