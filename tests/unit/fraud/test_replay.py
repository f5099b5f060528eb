import json
from datetime import timedelta

import pytest

from encaisse.fraud.offline.errors import UnusableFile
from encaisse.fraud.offline.files import kinds_in, read_transactions
from encaisse.fraud.offline.replay import replay
from encaisse.risk.features import as_row
from encaisse.risk.tallies import Tally
from encaisse.risk.velocity import gather, label, record, stands_out
from factories.fraud import COLUMNS, card_transactions, write_transactions

DELAY = 7
HOUR = 3_600


def told(path, *moments):
    lines = [",".join(COLUMNS)]
    lines += [f"{number},{at},1,1,10,0" for number, at in enumerate(moments)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return list(read_transactions([path]))


def at_the_door(transactions, kinds, names):
    """Weigh payments one by one, memory kept as text, frauds told on the day they are known."""
    kept, waiting = {}, []

    def read(attempt):
        return {
            kind: Tally.load(json.loads(kept[kind, key])) if (kind, key) in kept else Tally()
            for kind, key in attempt.subjects.items()
        }

    def write(attempt, tallies):
        for kind, key in attempt.subjects.items():
            kept[kind, key] = json.dumps(tallies[kind].dump())

    for transaction in transactions:
        while waiting and waiting[0][0].day <= transaction.day - DELAY:
            late, stood_out = waiting.pop(0)
            tallies = read(late.attempt)
            label(late.attempt, tallies, stood_out=stood_out)
            write(late.attempt, tallies)
        tallies = read(transaction.attempt)
        facts = gather(transaction.attempt, tallies, kinds=kinds, label_delay_days=DELAY)
        yield as_row(facts, names)
        record(transaction.attempt, tallies, kinds=kinds)
        write(transaction.attempt, tallies)
        if transaction.is_fraud:
            waiting.append((transaction, stands_out(facts)))


class TestReplay:
    def test_finds_offline_what_the_door_finds(self, tmp_path):
        path = write_transactions(
            tmp_path / "past.csv", card_transactions(days=40, payers=25, terminals=15)
        )
        kinds, _ = kinds_in([path])
        transactions = list(read_transactions([path]))

        table = replay(transactions, kinds=kinds, delay_days=DELAY, wanted=lambda _: True)

        online = [row.tobytes() for row in at_the_door(transactions, kinds, table.names)]
        assert b"".join(online) == table.values.tobytes()
        assert len(online) == table.walked > 1_000


class TestReadTransactions:
    def test_counts_each_hour_of_the_night_the_clocks_go_back(self, tmp_path):
        read = told(
            tmp_path / "autumn.csv",
            "2026-10-25 01:30:00", "2026-10-25 02:30:00", "2026-10-25 02:10:00",
            "2026-10-25 03:00:00", "2026-10-26 00:00:00",
        )  # fmt: skip

        moments = [transaction.attempt.at for transaction in read]

        assert moments == sorted(moments)
        assert moments[3] - moments[0] == 2 * HOUR + HOUR // 2
        assert read[4].day - read[0].day == 1

    def test_takes_the_night_the_clocks_go_forward(self, tmp_path):
        read = told(tmp_path / "spring.csv", "2026-03-29 01:59:59", "2026-03-29 03:00:00")

        assert read[0].day == read[1].day

    def test_reads_moments_that_tell_their_offset(self, tmp_path):
        first, second = told(
            tmp_path / "told.csv", "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"
        )

        assert second.attempt.at - first.attempt.at == timedelta(hours=1).total_seconds()
        assert first.day == second.day

    def test_refuses_to_go_back_on_any_other_night(self, tmp_path):
        with pytest.raises(UnusableFile, match="triez le fichier"):
            told(tmp_path / "bad.csv", "2026-10-24 02:30:00", "2026-10-24 02:10:00")
