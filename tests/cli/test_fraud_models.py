"""`encaisse fraud backtest`: on invented files, without a database, a server or Django."""

import csv
import io
import json
import shutil
import subprocess
import sys
from collections import defaultdict
from importlib.resources import files
from pathlib import Path

import pytest

from cli.conftest import clean_environment
from encaisse.cli.main import main
from factories.fraud import CardTransaction, card_transactions, write_transactions

# 45 days from 2 March 2026: trained on a week, a week of delay, a week judged, twice.
PERIOD = ("--train-from", "2026-03-23", "--folds", "2")


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "encaisse.cli", "fraud", *map(str, arguments)],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def read_scores(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


@pytest.fixture(scope="module")
def transactions():
    return card_transactions(days=50)


@pytest.fixture(scope="module")
def judged(transactions, tmp_path_factory):
    folder = tmp_path_factory.mktemp("judged")
    half = len(transactions) // 2
    # A shell sorts files by name, which here is not the order of time.
    late = write_transactions(folder / "a.csv.xz", transactions[half:])
    early = write_transactions(folder / "b.csv", transactions[:half])
    scores = folder / "scores.csv"
    answer = run("backtest", late, early, *PERIOD, "--scores", scores, "--json")
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout), read_scores(scores)


def test_the_document_has_the_pinned_shape(judged):
    document, _ = judged

    assert (document["schema"], document["ok"]) == ("encaisse.backtest/1", True)
    assert document["protocol"] == {
        "train_from": "2026-03-23",
        "train_days": 7,
        "delay_days": 7,
        "test_days": 7,
        "folds": 2,
        "top_k": 100,
    }
    first, second = document["folds"]
    assert (first["train_from"], first["test_from"], first["test_to"]) == (
        "2026-03-23", "2026-04-06", "2026-04-12",
    )  # fmt: skip
    assert second["test_from"] == "2026-04-13"
    precisions = [fold["average_precision"] for fold in document["folds"]]
    assert document["mean"]["average_precision"] == pytest.approx(sum(precisions) / 2)
    assert min(precisions) > 0.5
    assert document["standard_deviation"]["auc_roc"] >= 0


def test_scores_are_those_of_the_kept_rows(judged, transactions):
    document, scores = judged
    counted = defaultdict(int)
    for row in scores:
        counted[int(row["fold"])] += 1

    assert [counted[0], counted[1]] == [fold["transactions"] for fold in document["folds"]]
    known = {
        row.payer_id
        for row in transactions
        if row.is_fraud and "2026-03-23" <= f"{row.at:%Y-%m-%d}" <= "2026-03-29"
    }
    payers = {str(row.transaction_id): row.payer_id for row in transactions}
    assert known
    assert not known & {payers[row["transaction_id"]] for row in scores if row["fold"] == "0"}


def test_labels_not_known_yet_change_no_score(judged, transactions, tmp_path):
    _, before = judged
    told = [
        CardTransaction(
            row.transaction_id, row.at, row.payer_id, row.terminal_id, row.cents,
            # The labels of a first test day are known up to 30 March.
            row.is_fraud != (f"{row.at:%Y-%m-%d}" > "2026-03-30"),
        )
        for row in transactions
    ]  # fmt: skip
    path, scores = write_transactions(tmp_path / "poisoned.csv", told), tmp_path / "scores.csv"

    answer = run("backtest", path, "--train-from", "2026-03-23", "--scores", scores, "--json")

    assert answer.returncode == 0, answer.stderr
    after = {row["transaction_id"]: row["score"] for row in read_scores(scores)}
    first_day = {
        str(row.transaction_id) for row in transactions if f"{row.at:%Y-%m-%d}" == "2026-04-06"
    }
    compared = [
        row
        for row in before
        if row["fold"] == "0" and row["transaction_id"] in first_day & set(after)
    ]
    assert len(compared) > 50
    assert all(after[row["transaction_id"]] == row["score"] for row in compared)


HEADER = "transaction_id,at,payer_id,terminal_id,amount,is_fraud"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "est vide"),
        ([HEADER], "aucune transaction"),
        (["transaction_id,at,payer_id,terminal_id,amount"], "il manque la colonne is_fraud"),
        ([HEADER, "1,hier,1,1,5,0"], "ligne 2 : la date « hier » est illisible"),
        ([HEADER, "1,2026-03-02 25:00:00,1,1,5,0"], "illisible"),
        ([HEADER, "1,2026-03-02 10:00:00,1,1,-5,0"], "négatif"),
        ([HEADER, "1,2026-03-02 10:00:00,1,1,cher,0"], "n’est pas un nombre"),
        ([HEADER, "1,2026-03-02 10:00:00,1,1,NaN,0"], "n’est pas un nombre"),
        ([HEADER, "1,2026-03-02 10:00:00,1,1,1e99999,0"], "trop grand"),
        ([HEADER, "1,2026-03-02 10:00:00,1,1,5,oui"], "0 ou 1"),
        ([HEADER, "1,2026-03-02 10:00:00,1,1,5"], "5 valeurs au lieu de 6"),
        ([HEADER, "1,2026-03-02 10:00:00,,1,5,0"], "un identifiant manque"),
        (
            [HEADER, "1,2026-03-02 10:00:00,1,1,5,0", "1,2026-03-02 11:00:00,1,1,5,0"],
            "la transaction 1 y est déjà",
        ),
        (
            [HEADER, "1,2026-03-02 10:00:00,1,1,5,0", "2,2026-03-02 09:00:00,1,1,5,0"],
            "triez le fichier",
        ),
        ([HEADER, "1,2026-03-02 10:00:00,1,1,5,0"], "les fichiers couvrent"),
    ],
)
def test_a_bad_file_is_told_in_french(lines, message, tmp_path, capfd):
    path = tmp_path / "bad.csv"
    path.write_text("\n".join(lines), encoding="utf-8")

    code = main(["fraud", "backtest", str(path), "--train-from", "2026-03-02", "--json"])

    told = capfd.readouterr()
    assert code == 1
    assert message in told.err
    assert json.loads(told.out)["ok"] is False


def test_a_past_without_a_fraud_teaches_nothing(transactions, tmp_path, capfd):
    path = write_transactions(
        tmp_path / "honest.csv", [row for row in transactions if not row.is_fraud]
    )

    code = main(["fraud", "backtest", str(path), "--train-from", "2026-03-23"])

    assert code == 1
    assert "Aucune fraude" in capfd.readouterr().err


@pytest.mark.parametrize("wrong", [("--folds", "0"), ("--delay-days", "31"), ("--train-days", "x")])
def test_a_wrong_option_is_a_wrong_use(wrong, tmp_path):
    answer = run("backtest", tmp_path / "any.csv", *PERIOD, *wrong)

    assert answer.returncode == 2
    assert answer.stdout == ""


def test_neither_django_nor_lightgbm_is_loaded_to_score():
    script = (
        "import sys, encaisse.fraud.core.model, encaisse.fraud.core.words, encaisse.risk.trees\n"
        "import encaisse.cli.fraud_models\n"
        "print([name for name in ('django', 'lightgbm', 'numpy') if name in sys.modules])"
    )

    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert answer.stdout.strip() == "[]"


def test_a_worse_model_does_not_take_the_place_of_a_better_one(transactions, tmp_path, capfd):
    past = str(write_transactions(tmp_path / "past.csv", transactions))
    learnt, first = str(tmp_path / "learnt.json"), str(tmp_path / "first.json")
    assert main(["fraud", "train", learnt, past, "--last-days", "10"]) == 0
    shutil.copy(files("encaisse.fraud.core").joinpath("cold_start.json"), first)

    refused = main(["fraud", "model", "promote", learnt, first, past, "--last-days", "10"])
    promoted = main(["fraud", "model", "promote", first, learnt, past, "--last-days", "10"])

    assert (refused, promoted) == (1, 0)
    assert "moins bon sur les dernières semaines" in capfd.readouterr().err
    assert Path(first).read_text(encoding="utf-8") == Path(learnt).read_text(encoding="utf-8")
    assert main(["fraud", "model", "status", first, "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["training"]["data"] == "files"
