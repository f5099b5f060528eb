"""`encaisse fraud backtest|train|model`: models judged and made on files, without a server."""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from statistics import fmean, stdev
from time import monotonic

from encaisse.cli.errors import CommandFailed, ExitCode
from encaisse.cli.files import csv_lines, write_private, write_private_lines
from encaisse.cli.output import print_document, say
from encaisse.fraud.core.model import Model, NotAModel, read_model
from encaisse.fraud.core.shipped import shipped_model
from encaisse.fraud.offline.backtest import Outcome, all_rows, backtest
from encaisse.fraud.offline.champion import refuse_if_worse
from encaisse.fraud.offline.cold_start import cold_start_model
from encaisse.fraud.offline.drift import Reading
from encaisse.fraud.offline.errors import Unusable
from encaisse.fraud.offline.lifecycle import Comparison, compared, model_learnt_from, model_of
from encaisse.fraud.offline.protocol import TOP_CARDS, Protocol, day_of

_MOST_DRIFTS = 10
_MEASURES = ("auc_roc", "average_precision", "card_precision_at_100")
_PLACES = ("_distance_km", "_speed_kmh", "_usual_km")


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
    with _refusals():
        outcomes = backtest(
            arguments.files,
            protocol,
            say=say,
            leave_out=lambda name: arguments.without_places and name.endswith(_PLACES),
        )
        if arguments.scores:
            write_private_lines(arguments.scores, csv_lines(_score_rows(outcomes)))
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


def _score_rows(outcomes: Sequence[Outcome]) -> Iterator[tuple[object, ...]]:
    yield "fold", "transaction_id", "score"
    for number, row in all_rows(outcomes):
        yield number, row.transaction_id, repr(row.score)


def _tell(folds: Sequence[Mapping[str, object]]) -> None:
    print("jugé du    au          AUC    précision  cartes@100")
    for fold in folds:
        figures = "  ".join(
            f"{value:9.3f}" if isinstance(value := fold[name], float) else "        –"
            for name in _MEASURES
        )
        print(f"{fold['test_from']} {fold['test_to']} {figures}")


def run_train(arguments: argparse.Namespace) -> int:
    """Make the cold-start model again, or a model from a firm's own past, and write it."""
    with _refusals():
        text = (
            model_learnt_from(
                arguments.files,
                delay_days=arguments.delay_days,
                last_days=arguments.last_days,
            )
            if arguments.files
            else cold_start_model()
        )
    model = read_model(text)
    with _refusals():
        write_private(arguments.out, text)
    say(f"Modèle écrit dans {arguments.out} ({len(text) // 1024} ko), empreinte {model.sha256}.")
    if arguments.json:
        print_document("encaisse.fraud-model/1", ok=True, content=_described(model))
    return ExitCode.OK


def run_status(arguments: argparse.Namespace) -> int:
    """Say what a model is: where it comes from and what it was worth when it was made."""
    with _refusals():
        model = model_of(arguments.model) if arguments.model else shipped_model()
    if arguments.json:
        print_document("encaisse.fraud-model/1", ok=True, content=_described(model))
        return ExitCode.OK
    print(f"Empreinte     {model.sha256}")
    for title, told in (("Entraînement", model.training), ("Mesures", model.metrics)):
        print(f"{title:13} {', '.join(f'{name} {value}' for name, value in told.items())}")
    return ExitCode.OK


def run_compare(arguments: argparse.Namespace) -> int:
    """Weigh a challenger against the model in place, on the last days of a past."""
    comparison = _compared(arguments)
    match = comparison.match
    say(
        f"Précision moyenne : {match.champion:.3f} en place, {match.challenger:.3f} pour l’autre, "
        f"sur {match.frauds} fraudes."
    )
    for drift in comparison.drift[:_MOST_DRIFTS]:
        if drift.reading is not Reading.STABLE:
            say(f"{drift.sentence}.")
    if arguments.json:
        content = {
            "champion": match.champion,
            "challenger": match.challenger,
            "frauds": match.frauds,
            "drift": [
                {"feature": drift.feature, "index": round(drift.index, 4)}
                for drift in comparison.drift
            ],
        }
        print_document("encaisse.fraud-comparison/1", ok=not match.is_worse, content=content)
    return ExitCode.FAILED if match.is_worse else ExitCode.OK


def run_promote(arguments: argparse.Namespace) -> int:
    """Put a challenger in the place of the champion, unless it is worse on the last days."""
    comparison = _compared(arguments)
    with _refusals():
        refuse_if_worse(comparison.match)
        write_private(arguments.champion, arguments.challenger.read_text(encoding="utf-8"))
    say(f"{arguments.challenger} est maintenant le modèle {arguments.champion}.")
    if arguments.json:
        content = _described(model_of(arguments.champion))
        print_document("encaisse.fraud-model/1", ok=True, content=content)
    return ExitCode.OK


def _compared(arguments: argparse.Namespace) -> Comparison:
    with _refusals():
        return compared(
            model_of(arguments.champion),
            model_of(arguments.challenger),
            arguments.files,
            delay_days=arguments.delay_days,
            last_days=arguments.last_days,
        )


def _described(model: Model) -> dict[str, object]:
    return {"sha256": model.sha256, "metrics": model.metrics, "training": model.training}


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except Unusable as error:
        raise CommandFailed(str(error)) from error
    except NotAModel as error:
        raise CommandFailed("Le modèle installé a été modifié : réinstallez Encaisse.") from error
    except OSError as error:
        raise CommandFailed(f"{error.filename} : {error.strerror}.") from error
