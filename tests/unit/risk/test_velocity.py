import json
from datetime import UTC

import pytest

from encaisse.risk.rules import read_condition
from encaisse.risk.tallies import Tally
from encaisse.risk.velocity import (
    FACT_TYPES,
    KINDS,
    Attempt,
    fact_types,
    gather,
    label,
    record,
)
from factories.fraud import card_transactions

NOON = 1_772_452_800  # Monday 2 March 2026, 12:00 UTC
HOUR, DAY = 3_600, 86_400
TWO: dict[str, tuple[str, ...]] = {"payer": ("terminal",), "terminal": ("payer",)}
DELAY = 7


def attempts():
    for row in card_transactions(days=45, payers=25, terminals=15):
        at = int(row.at.replace(tzinfo=UTC).timestamp())
        subjects = {"payer": row.payer_id, "terminal": row.terminal_id}
        yield Attempt(at, row.cents, subjects), row.is_fraud


class Memory:
    """Keeps the tallies of every subject as objects."""

    def __init__(self):
        self.kept = {}

    def read(self, attempt):
        return {kind: self.kept.get((kind, key), Tally()) for kind, key in attempt.subjects.items()}

    def write(self, attempt, tallies):
        for kind, key in attempt.subjects.items():
            self.kept[kind, key] = tallies[kind]


class Table(Memory):
    """Keeps them as a table would: written and read again at every event."""

    def read(self, attempt):
        empty = json.dumps(Tally().dump())
        return {
            kind: Tally.load(json.loads(self.kept.get((kind, key), empty)))
            for kind, key in attempt.subjects.items()
        }

    def write(self, attempt, tallies):
        for kind, key in attempt.subjects.items():
            self.kept[kind, key] = json.dumps(tallies[kind].dump())


def replayed(memory):
    """Walk the past in order, labels arriving on the day they are known."""
    known, waiting = [], []
    for attempt, is_fraud in attempts():
        while waiting and waiting[0].at // DAY <= attempt.at // DAY - DELAY:
            late = waiting.pop(0)
            tallies = memory.read(late)
            label(late, tallies)
            memory.write(late, tallies)
        tallies = memory.read(attempt)
        known.append(gather(attempt, tallies, kinds=TWO, label_delay_days=DELAY))
        record(attempt, tallies, kinds=TWO)
        memory.write(attempt, tallies)
        if is_fraud:
            waiting.append(attempt)
    return known


class TestReplay:
    def test_finds_the_same_facts_in_memory_and_in_a_table(self):
        in_memory = replayed(Memory())

        assert replayed(Table()) == in_memory
        assert any(facts["terminal_fraud_count_7d"] for facts in in_memory)
        assert any(facts["payer_unusual_7d"] for facts in in_memory)


class TestGather:
    def test_answers_every_fact_of_the_table_with_its_type(self):
        types = fact_types(TWO)

        for facts in replayed(Memory()):
            assert set(facts) == set(types)
            for name, value in facts.items():
                assert value is None or isinstance(value, types[name]), name

    def test_knows_nothing_of_who_was_never_seen(self):
        facts = gather(Attempt(NOON, 1_000, {"card": "a"}), {})

        assert set(facts) == set(FACT_TYPES)
        assert facts["card_count_30d"] == 0
        assert facts["card_age_days"] is None
        assert facts["card_device_new"] is None
        assert facts["device_count_1h"] is None

    def test_tells_the_local_moment(self):
        facts = gather(Attempt(NOON - 11 * HOUR, 1_000, {}, offset=2 * HOUR), {})

        assert (facts["hour"], facts["weekday"], facts["night"]) == (3, 0, True)
        assert facts["amount"] == 1_000

    def test_counts_the_cards_of_one_device(self):
        device = Tally()
        for number, card in enumerate("abca"):
            attempt = Attempt(NOON + number * 60, 1_000, {"device": "d", "card": card})
            record(attempt, {"device": device}, refused=number == 1)

        attempt = Attempt(NOON + HOUR, 1_000, {"device": "d", "card": "z"})
        facts = gather(attempt, {"device": device})

        assert facts["device_cards_1d"] == 3
        assert facts["device_refused_1h"] == 1
        assert facts["device_card_new"] is True

    def test_measures_the_journey_from_the_last_place(self):
        card = Tally()
        record(Attempt(NOON, 1_000, {"card": "c"}, place=(48.8566, 2.3522)), {"card": card})
        record(Attempt(NOON + HOUR, 1_000, {"card": "c"}), {"card": card})

        attempt = Attempt(NOON + 2 * HOUR, 1_000, {"card": "c"}, place=(45.7640, 4.8357))
        facts = gather(attempt, {"card": card})

        assert facts["card_distance_km"] == pytest.approx(392, abs=2)
        assert facts["card_speed_kmh"] == pytest.approx(196, abs=1)

    def test_feeds_rules(self):
        written = {"fact": "device_cards_1d", "is": "at_least", "value": 3}

        condition = read_condition(written, facts=FACT_TYPES)

        assert condition({"device_cards_1d": 3})

    def test_names_every_kind(self):
        assert all(f"{kind}_count_1h" in FACT_TYPES for kind in KINDS)
