"""What several firms' reports weigh: one never does, more never helps, withdrawing never harms."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encaisse.fraud.core.facts import restored
from encaisse.fraud.core.policy import policy_of, weigh
from encaisse.fraud.core.shared import (
    FULL_WEIGHT,
    HALF_WEIGHT,
    KIND_WORDS,
    NO_WEIGHT,
    NOBODY,
    REASON_WORDS,
    Appeal,
    Asker,
    Conduct,
    Report,
    ReportReason,
    SharedKind,
    report_ends_at,
    weigh_reports,
    weight_of,
)
from encaisse.fraud.core.starter_rules import REPORTED
from encaisse.fraud.core.verdicts import Verdict
from encaisse.risk.presets import Preset

NOW = datetime(2026, 11, 30, tzinfo=UTC)
FIRMS = [UUID(int=number) for number in range(6)]
OWNERS = [UUID(int=100 + number) for number in range(4)]
ASKER = UUID(int=99)
MARK = "aa"
moments = st.integers(-200, 10).map(lambda days: NOW + timedelta(days=days))
past = st.integers(-200, -1).map(lambda days: NOW + timedelta(days=days))
reports = st.builds(
    Report,
    mark=st.just(MARK),
    reporter=st.sampled_from(FIRMS),
    owners=st.frozensets(st.sampled_from(OWNERS), min_size=1, max_size=2),
    reason=st.sampled_from(ReportReason),
    weight=st.sampled_from([NO_WEIGHT, HALF_WEIGHT, FULL_WEIGHT]),
    since=st.none() | past,
    created_at=past,
    expires_at=moments,
    upheld_at=st.none() | past,
    ended_at=st.none() | past,
)
heard = st.lists(reports, max_size=8)
appeals = st.lists(st.builds(Appeal, mark=st.just(MARK), created_at=past), max_size=2)


def sound(number: int, **values: object) -> Report:
    known = {
        "mark": MARK, "reporter": FIRMS[number], "weight": FULL_WEIGHT,
        "owners": frozenset({OWNERS[number]}),
        "reason": ReportReason.REVIEWED, "since": NOW - timedelta(days=90),
        "created_at": NOW - timedelta(days=2), "expires_at": NOW + timedelta(days=88),
    }  # fmt: skip
    return Report(**{**known, **values})


def weighs(found, contested=(), asker=ASKER) -> int:
    return weigh_reports(Asker(asker), MARK, found, contested, NOW).reporters


class TestSeveralReports:
    @given(found=heard, firm=st.sampled_from(FIRMS))
    def test_of_one_firm_never_weigh_for_another(self, found, firm):
        alone = [replace(one, reporter=firm, owners=frozenset({OWNERS[0]})) for one in found]

        assert weighs(alone) == 0

    @given(found=heard, contested=appeals, more=reports)
    def test_weigh_no_less_with_one_more(self, found, contested, more):
        assert weighs([*found, more], contested) >= weighs(found, contested)

    @given(found=heard.filter(bool), contested=appeals, data=st.data())
    def test_weigh_no_more_once_one_is_withdrawn(self, found, contested, data):
        number = data.draw(st.integers(0, len(found) - 1))
        withdrawn = [*found]
        withdrawn[number] = replace(found[number], ended_at=NOW - timedelta(seconds=1))

        assert weighs(withdrawn, contested) <= weighs(found, contested)

    @given(found=heard, contested=appeals, more=past)
    def test_weigh_no_more_once_somebody_contests(self, found, contested, more):
        assert weighs(found, [*contested, Appeal(MARK, more)]) <= weighs(found, contested)

    @given(found=heard, contested=appeals, asker=st.sampled_from(FIRMS))
    def test_never_count_the_word_of_who_asks(self, found, contested, asker):
        others = [one for one in found if one.reporter != asker]

        assert weighs(found, contested, asker) == weighs(others, contested, asker)

    def test_of_two_firms_that_answer_for_theirs_weigh(self):
        hit = weigh_reports(Asker(ASKER), MARK, [sound(0), sound(1)], [], NOW)

        assert (hit.reporters, hit.reason) == (2, ReportReason.REVIEWED)

    def test_say_the_gravest_reason(self):
        found = [sound(0), sound(1, reason=ReportReason.DISPUTED)]

        assert weigh_reports(Asker(ASKER), MARK, found, [], NOW).reason is ReportReason.DISPUTED

    def test_of_firms_half_heard_take_four(self):
        found = [sound(number, weight=HALF_WEIGHT) for number in range(4)]

        assert weighs(found[:3]) == 0
        assert weighs(found) == 4

    def test_about_something_else_weigh_nothing(self):
        assert weigh_reports(Asker(ASKER), "bb", [sound(0), sound(1)], [], NOW) == NOBODY


class TestAWord:
    @given(
        payments=st.integers(0, 5_000), frauds=st.integers(0, 300), reported=st.integers(0, 300),
        overturned=st.integers(0, 300), more=st.integers(1, 50),
    )  # fmt: skip
    def test_weighs_no_more_after_more_frauds_or_more_overturned(
        self, payments, frauds, reported, overturned, more
    ):
        before = Conduct(payments=payments, frauds=frauds, reported=reported, overturned=overturned)

        assert weight_of(replace(before, frauds=frauds + more)) <= weight_of(before)
        assert weight_of(replace(before, overturned=overturned + more)) <= weight_of(before)

    @pytest.mark.parametrize(
        ("payments", "frauds", "overturned", "weight"),
        [
            (19, 0, 0, NO_WEIGHT),
            (20, 3, 0, FULL_WEIGHT),
            (20, 4, 0, HALF_WEIGHT),
            (20, 7, 0, NO_WEIGHT),
            (1_000, 20, 0, FULL_WEIGHT),
            (1_000, 50, 0, HALF_WEIGHT),
            (1_000, 51, 0, NO_WEIGHT),
            (1_000, 10, 1, FULL_WEIGHT),
            (1_000, 10, 2, HALF_WEIGHT),
            (1_000, 10, 3, NO_WEIGHT),
        ],
    )
    def test_weighs_what_its_firm_is_worth(self, payments, frauds, overturned, weight):
        conduct = Conduct(payments=payments, frauds=frauds, reported=frauds, overturned=overturned)

        assert weight_of(conduct) == weight


class TestTheVerdict:
    @given(reporters=st.integers(2, 500), preset=st.sampled_from(Preset))
    def test_is_a_proof_at_most_however_many_report(self, reporters, preset):
        decision = weigh(policy_of(preset), _facts(reporters))

        assert decision.verdict == Verdict.CHALLENGE
        assert [reason.code for reason in decision.reasons] == [REPORTED]

    @pytest.mark.parametrize("reporters", [None, 0, 1])
    def test_is_untouched_by_nobody_and_by_one(self, reporters):
        assert weigh(policy_of(Preset.STRICT), _facts(reporters)).verdict == Verdict.ALLOW


def _facts(reporters):
    calm = {
        "is_card": True, "stage": "answered", "euros": 80.0, "is_authenticated": True,
        "liability_shift": True, "device_known": True, "customer_known": True, "night": False,
        "listed_block": False, "listed_weak": False, "listed_allow": False, "hour": 10,
        "shared_reporters": reporters, "shared_what": KIND_WORDS[SharedKind.CARD],
        "shared_reason": REASON_WORDS[ReportReason.REVIEWED],
    }  # fmt: skip
    return restored(calm)


class TestTheEnd:
    @given(kind=st.sampled_from(SharedKind), reason=st.sampled_from(ReportReason))
    def test_of_a_report_comes_within_half_a_year(self, kind, reason):
        ends = report_ends_at(kind, reason, seen_at=NOW, now=NOW)

        assert NOW < ends <= NOW + timedelta(days=180)

    def test_of_an_address_counts_from_when_it_was_seen(self):
        seen = NOW - timedelta(days=30)

        ends = report_ends_at(SharedKind.ADDRESS, ReportReason.DISPUTED, seen_at=seen, now=NOW)

        assert ends < NOW
