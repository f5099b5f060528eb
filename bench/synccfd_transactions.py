"""
Turn the invented transactions of synccfd (PyPI, MIT) into a file that the back-test reads.

Not a dependency: install it in an environment of its own, then

    python bench/synccfd_transactions.py places.csv
    encaisse fraud backtest places.csv --train-from 2025-02-03 --folds 4
    encaisse fraud backtest places.csv --train-from 2025-02-03 --folds 4 --without-places

A payment's place is its terminal's where the card was there, and where the goods go to otherwise.
"""

import csv
import sys
from pathlib import Path

from synccfd import DatasetGenerator

COLUMNS = (
    "transaction_id", "at", "payer_id", "terminal_id", "amount", "is_fraud", "latitude",
    "longitude",
)  # fmt: skip


def main() -> None:
    generator = DatasetGenerator(
        n_customers=1_500, n_terminals=3_000, nb_days=80, start_date="2025-01-01", random_state=42
    )
    _, _, transactions = generator.generate()
    with Path(sys.argv[1]).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for row in transactions.sort_values("TX_DATETIME").itertuples():
            place = "TERM" if row.TX_TYPE == "CP" else "SHIPP"
            latitude, longitude = (getattr(row, f"TX_{place}_{part}") for part in ("LAT", "LONG"))
            writer.writerow(
                (
                    row.TRANSACTION_ID, f"{row.TX_DATETIME:%Y-%m-%d %H:%M:%S}", row.CUSTOMER_ID,
                    row.TERMINAL_ID, f"{row.TX_AMOUNT:.2f}", row.TX_FRAUD, latitude, longitude,
                )
            )  # fmt: skip


if __name__ == "__main__":
    main()
