"""What walking a past costs, and what scoring one payment costs. One core, no database."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from encaisse.fraud.core.shipped import shipped_model
from encaisse.fraud.offline.files import kinds_in, read_transactions
from encaisse.fraud.offline.invented import invented_payments, with_facts
from encaisse.fraud.offline.replay import replay
from encaisse.risk.features import as_row
from factories.fraud import card_transactions, write_transactions

DAYS, PAYERS, TERMINALS = 60, 1_000, 2_000
# As in the published protocol over a summer: one day in four is learnt from or judged.
KEPT_ONE_IN = 4


def main() -> None:
    with TemporaryDirectory() as folder:
        past = card_transactions(days=DAYS, payers=PAYERS, terminals=TERMINALS)
        paths = [write_transactions(Path(folder) / "past.csv", past)]
        for title, one_in in (("memory alone", DAYS), (f"facts of 1 day in {KEPT_ONE_IN}", 4),
                              ("facts of every day", 1)):  # fmt: skip
            print(f"replay, {title:22} {walked(paths, one_in):8.0f} transactions/s", flush=True)
    print(f"scoring a row               {scoring():8.1f} µs", flush=True)


def walked(paths: list[Path], one_in: int) -> float:
    kinds, _ = kinds_in(paths)
    transactions = list(read_transactions(paths))
    started = perf_counter()
    replay(transactions, kinds=kinds, delay_days=7, wanted=lambda day: day % one_in == 0)
    return len(transactions) / (perf_counter() - started)


def scoring() -> float:
    model = shipped_model()
    payments = with_facts(invented_payments(firms=1))
    rows = [as_row(facts, model.features) for _, facts in payments]
    started = perf_counter()
    for row in rows:
        model.calibration.probability(model.forest.score(row))
    return 1e6 * (perf_counter() - started) / len(rows)


if __name__ == "__main__":
    main()
