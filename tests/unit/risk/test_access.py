"""What is looked at when somebody comes to the door, and what three policies make of it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encaisse.risk.access import FACT_TYPES, Access, AccessFacts, gather
from encaisse.risk.decide import decide
from encaisse.risk.presets import POLICIES, Level, Preset, strictest
from encaisse.risk.replay import replay
from encaisse.risk.travel import least_distance_km, least_speed_kmh
from encaisse.risk.windows import Window

NOW = datetime(2026, 11, 23, 19, tzinfo=UTC)
AT_HOME = {"device": "telephone", "country": "FR", "address_range": "home"}
HABIT = [Access(at=NOW - timedelta(days=day), **AT_HOME) for day in range(30, 0, -1)]


def level(preset=Preset.EQUILIBRE, *, before=HABIT, **values):
    facts = gather(Access(at=NOW, passed=False, **{**AT_HOME, **values}), before=before)
    return Level(decide(POLICIES[preset], facts.as_mapping()).verdict)


def failures(number, minutes=5, ranges=1):
    return [
        Access(
            at=NOW - timedelta(minutes=minutes),
            passed=False,
            failed=True,
            address_range=f"thief{index % ranges}",
        )
        for index in range(number)
    ]


def test_the_facts_and_their_types_are_the_same_list():
    assert set(FACT_TYPES) == set(AccessFacts.__dataclass_fields__)


@pytest.mark.parametrize(
    ("preset", "at_home", "new_device", "new_device_abroad"),
    [
        (Preset.SOUPLE, Level.SIMPLIFIED, Level.STANDARD, Level.STANDARD),
        (Preset.EQUILIBRE, Level.SIMPLIFIED, Level.STANDARD, Level.REINFORCED),
        (Preset.STRICT, Level.STANDARD, Level.REINFORCED, Level.REINFORCED),
    ],
)
def test_each_policy_asks_what_it_promises(preset, at_home, new_device, new_device_abroad):
    assert level(preset) is at_home
    assert level(preset, device="new") is new_device
    assert level(preset, device="new", country="BE") is new_device_abroad


def test_nobody_is_in_brazil_an_hour_after_nantes():
    before = [*HABIT, Access(at=NOW - timedelta(hours=1), **AT_HOME)]

    assert level(before=before, country="BR", address_range="there") is Level.REINFORCED
    assert level(before=[*before, *failures(3)], device="x", country="BR") is Level.REFUSED


def test_a_thousand_failures_do_not_keep_a_known_device_out():
    before = [*HABIT, *failures(1000, ranges=500)]

    assert level(before=before) is Level.STANDARD
    assert level(before=before, device="new") in {Level.REINFORCED, Level.REFUSED}


def test_failures_teach_no_habit():
    before = [*failures(50), Access(at=NOW - timedelta(days=1), **AT_HOME)]
    facts = gather(Access(at=NOW, device="x", country="BR", address_range="thief0"), before=before)

    assert not facts.known_range
    assert facts.new_country


def test_a_payment_three_times_the_largest_to_somebody_new_is_said():
    past = [
        Access(at=NOW - timedelta(days=2), action="refund", amount_minor=10_000, **AT_HOME),
    ]
    access = Access(
        at=NOW, action="refund", amount_minor=40_000, beneficiary="new", passed=False, **AT_HOME
    )

    decision = decide(
        POLICIES[Preset.EQUILIBRE], gather(access, before=[*HABIT, *past]).as_mapping()
    )

    assert {"unusual_amount", "new_beneficiary"} <= {one.code for one in decision.reasons}


def test_an_hour_around_midnight_is_near_its_neighbours():
    late = [
        Access(at=NOW.replace(hour=23, minute=30) - timedelta(days=day), **AT_HOME)
        for day in range(20, 0, -1)
    ]
    after_midnight = Access(at=NOW.replace(hour=0, minute=30) + timedelta(days=1), **AT_HOME)

    assert gather(after_midnight, before=late).unusual_hour is False
    assert gather(Access(at=NOW.replace(hour=12), **AT_HOME), before=late).unusual_hour is True


def test_without_a_past_nothing_is_unusual_but_the_first_time():
    facts = gather(Access(at=NOW, **AT_HOME), before=[])

    assert facts.first_access
    assert (facts.new_country, facts.travel_kmh, facts.unusual_hour) == (None, None, None)


def test_neighbours_touch_and_oceans_do_not():
    assert least_distance_km("FR", "BE") == 0
    assert least_distance_km("FR", "BR") > 4000
    assert least_distance_km("FR", "XX") is None
    assert least_speed_kmh("FR", "JP", elapsed=timedelta(hours=1)) > 900


def test_a_replay_counts_what_each_policy_would_have_asked():
    odd = Access(at=NOW, device="new", country="BR", address_range="there")
    past = {"anne": [*HABIT, odd]}

    found = replay(POLICIES, past)
    strict, souple = found[Preset.STRICT], found[Preset.SOUPLE]

    assert strict.accesses == souple.accesses == 31
    assert strict.codes_asked + strict.refused > souple.codes_asked + souple.refused


def test_whoever_works_in_two_firms_honours_the_stricter():
    assert strictest([Preset.SOUPLE, Preset.STRICT]) is Preset.STRICT
    assert strictest([]) is Preset.EQUILIBRE


@given(
    st.lists(st.tuples(st.integers(0, 100), st.integers(1, 9), st.sampled_from("abc")), max_size=30)
)
def test_a_window_counts_as_a_plain_sum_would(events):
    window, span = Window(timedelta(minutes=30)), timedelta(minutes=30)
    seen = []
    for minute, value, key in sorted(events):
        at = NOW + timedelta(minutes=minute)
        window.add(at, value=value, key=key)
        seen.append((at, value, key))
        inside = [one for one in seen if one[0] > at - span]
        assert window.count(at) == len(inside)
        assert window.total(at) == sum(one[1] for one in inside)
        assert window.distinct(at) == len({one[2] for one in inside})
