"""`encaisse fraud backtest|train`: models judged and made on files, without a server."""

import argparse
import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import fmean, stdev
from time import monotonic

from encaisse.cli.errors import CommandFailed, ExitCode
from encaisse.cli.files import write_private_lines
from encaisse.cli.output import print_document, say
from encaisse.fraud.core.model import read_model
from encaisse.fraud.offline.backtest import Outcome, all_rows, backtest
from encaisse.fraud.offline.cold_start import cold_start_model
from encaisse.fraud.offline.errors import Unusable
from encaisse.fraud.offline.protocol import TOP_CARDS, Protocol, day_of

_MEASURES = ("auc_roc", "average_precision", "card_precision_at_100")
_PLACES = ("_distance_km", "_speed_kmh")


def run_backtest(arguments: argparse.Namespace) -> int:
    """Judge a model per fold, on what was known at each moment."""
    started = monotonic()
    protocol = Protocol(
        train_from=arguments.train_from,
        train_days=arguments.train_days,
        delay_days=arguments.delay_days,
        test_days=arguments.test_days,
        folds=arguments.folds,
    )
    try:
        outcomes = backtest(
            arguments.files,
            protocol,
            say=say,
            leave_out=lambda name: arguments.without_places and name.endswith(_PLACES),
        )
    except Unusable as error:
        raise CommandFailed(str(error)) from error
    if arguments.scores:
        _write(arguments.scores, outcomes)
    folds = [_fold(outcome) for outcome in outcomes]
    content = {
        "protocol": {**asdict(protocol), "top_k": TOP_CARDS},
        "folds": folds,
        "mean": _each(folds, fmean),
        "standard_deviation": _each(folds, lambda known: stdev(known) if len(known) > 1 else 0.0),
        "seconds": round(monotonic() - started, 1),
    }
    if arguments.json:
        print_document("encaisse.backtest/1", ok=True, content=content)
    else:
        _tell(folds)
    return ExitCode.OK


def _fold(outcome: Outcome) -> dict[str, object]:
    fold, measures = outcome.fold, outcome.measures
    return {
        "train_from": day_of(fold.train_from),
        "test_from": day_of(fold.test_from),
        "test_to": day_of(fold.test_to - 1),
        "transactions": len(outcome.rows),
        "frauds": outcome.frauds,
        "auc_roc": measures.auc_roc,
        "average_precision": measures.average_precision,
        f"card_precision_at_{TOP_CARDS}": measures.card_precision,
        f"card_precision_at_{TOP_CARDS}_perfect": measures.card_precision_perfect,
    }


def _each(
    folds: Sequence[Mapping[str, object]], summary: Callable[[list[float]], float]
) -> dict[str, float | None]:
    """Summarize each measure over the folds that have it."""
    told = {}
    for name in _MEASURES:
        known = [value for fold in folds if isinstance(value := fold[name], float)]
        told[name] = summary(known) if known else None
    return told


def _write(path: Path, outcomes: Sequence[Outcome]) -> None:
    try:
        write_private_lines(path, _lines(outcomes))
    except OSError as error:
        raise CommandFailed(f"{path} ne peut être écrit : {error.strerror}.") from error


def _lines(outcomes: Sequence[Outcome]) -> Iterator[str]:
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    writer.writerow(("fold", "transaction_id", "score"))
    for number, row in all_rows(outcomes):
        writer.writerow((number, row.transaction_id, repr(row.score)))
        yield line.getvalue()
        line.seek(0)
        line.truncate()
    yield line.getvalue()


def _tell(folds: Sequence[Mapping[str, object]]) -> None:
    print("jugé du    au          AUC    précision  cartes@100")
    for fold in folds:
        figures = "  ".join(
            f"{value:9.3f}" if isinstance(value := fold[name], float) else "        –"
            for name in _MEASURES
        )
        print(f"{fold['test_from']} {fold['test_to']} {figures}")


def run_train(arguments: argparse.Namespace) -> int:
    """Make the cold-start model again and write it."""
    try:
        text = cold_start_model()
        model = read_model(text)
    except Unusable as error:
        raise CommandFailed(str(error)) from error
    try:
        arguments.out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandFailed(f"{arguments.out} ne peut être écrit : {error.strerror}.") from error
    say(f"Modèle écrit dans {arguments.out} ({len(text) // 1024} ko), empreinte {model.sha256}.")
    if arguments.json:
        content = {"sha256": model.sha256, "metrics": model.metrics, "training": model.training}
        print_document("encaisse.fraud-model-made/1", ok=True, content=content)
    return ExitCode.OK
