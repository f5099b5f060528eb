"""The database adds reports up as the pure rules say, whatever firms and appeals there are."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from encaisse.fraud.core.shared import (
    Appeal,
    Asker,
    Ending,
    Report,
    ReportReason,
    SharedHit,
    weigh_reports,
)
from encaisse.fraud.models import SharedAppeal, SharedReport, Vigilance
from encaisse.fraud.services.memory import vigilance_of
from encaisse.fraud.services.shared_reading import weights
from encaisse.kit.clock import business_now
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Role
from encaisse.organizations.models import Membership
from factories.organizations import Firm

NOW = business_now()
days_ago = st.integers(1, 120)
told = st.fixed_dictionaries(
    {
        "weight": st.sampled_from([0, 50, 100, 100]),
        "shared": st.none() | days_ago,
        "reason": st.sampled_from(ReportReason),
        "created": days_ago,
        "lasts": st.integers(1, 240),
        "upheld": st.none() | days_ago,
        "is_ended": st.booleans(),
    }
)


@pytest.fixture(scope="module")
def firms(django_db_setup, django_db_blocker):
    """
    Eight firms: the first one asks, and somebody of it owns the last one too; 4 and 5 have one
    owner, 6 that one and another.
    """
    found = [Firm() for _ in range(8)]
    with acting_for(found[5].id):
        Membership.objects.update(user=found[4].owner)
    for number, owner in ((6, found[4].owner), (7, found[0].owner)):
        with acting_for(found[number].id):
            Membership.objects.create(
                organization_id=found[number].id, user=owner, role=Role.OWNER, created_at=NOW
            )
    for firm in found:
        with acting_for(firm.id):
            vigilance_of(organization_id=firm.id, now=NOW)
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(said=st.lists(told, min_size=8, max_size=8), contested=st.none() | days_ago)
def test_the_database_says_what_the_rules_say(firms, said, contested):
    mark = new_id().hex
    reports = [_told(firm, mark, one) for firm, one in zip(firms, said, strict=True)]
    appeals = [] if contested is None else [_appeal(firms[2], mark, contested)]
    with acting_for(firms[0].id):
        Vigilance.objects.update(sharing_since=NOW)

        found = weights([mark], NOW).get(mark, SharedHit())

    assert found == weigh_reports(
        Asker(firms[0].id, _owners(firms[0])), mark, reports, appeals, NOW
    )


def _told(firm, mark, one) -> Report:
    since, upheld = _before(one["shared"]), _before(one["upheld"])
    created, ends = _before(one["created"]), _before(one["created"] - one["lasts"])
    ended = NOW if one["is_ended"] else None
    with acting_for(firm.id):
        Vigilance.objects.update(sharing_since=since, sharing_weight=one["weight"])
        SharedReport.objects.create(
            organization_id=firm.id, kind="email", mark="" if ended else mark, key_id=1,
            reason=one["reason"], passage_id=new_id(), expires_at=ends, upheld_at=upheld,
            ended_at=ended, ended_why=Ending.MISTAKE if ended else "", created_at=created,
        )  # fmt: skip
    return Report(
        mark=mark, reporter=firm.id, owners=_owners(firm),
        reason=one["reason"], weight=one["weight"],
        since=since, created_at=created, expires_at=ends, upheld_at=upheld, ended_at=ended,
    )  # fmt: skip


def _owners(firm) -> frozenset:
    with acting_for(firm.id):
        return frozenset(Membership.objects.values_list("user_id", flat=True))


def _appeal(firm, mark, days) -> Appeal:
    at = _before(days)
    with acting_for(firm.id):
        SharedAppeal.objects.create(
            organization_id=firm.id, kind="email", mark=mark, key_id=1, passage_id=new_id(),
            created_at=at,
        )  # fmt: skip
    return Appeal(mark, at)


def _before(days):
    return None if days is None else NOW - timedelta(days=days)
