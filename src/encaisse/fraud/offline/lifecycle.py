"""A model learnt from a firm's own past, and whether it may replace the one in place."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from encaisse.fraud.core.model import Model, NotAModel, read_model, write_model
from encaisse.fraud.offline.champion import Match, compare
from encaisse.fraud.offline.drift import Drift, drifts
from encaisse.fraud.offline.errors import UnusableModel, UnusablePeriod
from encaisse.fraud.offline.files import Transaction, kinds_in, read_transactions
from encaisse.fraud.offline.measures import average_precision
from encaisse.fraud.offline.protocol import day_of
from encaisse.fraud.offline.replay import Table, replay
from encaisse.fraud.offline.training import grow
from encaisse.risk.calibration import fit
from encaisse.risk.trees import Forest


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    match: Match
    drift: Sequence[Drift]


def model_learnt_from(paths: Sequence[Path], *, delay_days: int, last_days: int) -> str:
    """
    Return the file of a model that learnt from a past, calibrated and measured on its last days.

    The days between, whose labels were not known at the time, teach nothing.

    :raises UnusableFile: a line cannot be believed
    :raises UnusablePeriod: the past is too short, or holds no fraud
    :raises TrainerMissing: LightGBM is not installed
    """
    table = _replayed(paths, delay_days)
    last = table.last_day or 0
    ends = last - last_days - delay_days
    learnt = sum(day <= ends for day in table.days)
    held = [place for place, day in enumerate(table.days) if day > last - last_days]
    if not sum(table.truths[:learnt]) or not sum(table.truths[place] for place in held):
        raise UnusablePeriod("Ce passé est trop court, ou sans fraude : il n’y a rien à apprendre.")
    width = len(table.names)
    trees = grow(table.values[: learnt * width], table.truths[:learnt], names=table.names)
    forest = Forest(width, trees)
    scores = [forest.score(row) for row in _rows(table, held)]
    truths = [bool(table.truths[place]) for place in held]
    return write_model(
        features=table.names,
        trees=trees,
        calibration=fit(scores, truths),
        metrics={"average_precision": average_precision(zip(scores, truths, strict=True))},
        training={
            "data": "files",
            "from": day_of(table.first_day or 0).isoformat(),
            "to": day_of(ends).isoformat(),
            "delay_days": delay_days,
            "payments": learnt,
            "frauds": sum(table.truths[:learnt]),
        },
    )


def compared(
    champion: Model,
    challenger: Model,
    paths: Sequence[Path],
    *,
    delay_days: int,
    last_days: int,
) -> Comparison:
    """
    Return what both models are worth on the last days whose labels are known, and what drifted.

    :raises UnusableFile: a line cannot be believed
    :raises UnusableModel: too few frauds are known to tell
    """
    table = _replayed(paths, delay_days)
    last = table.last_day or 0
    known = range(last - delay_days - last_days + 1, last - delay_days + 1)
    places = [place for place, day in enumerate(table.days) if day in known]
    earlier = [place for place, day in enumerate(table.days) if day < known.start]
    match = compare(
        [bool(table.truths[place]) for place in places],
        champion=_scores(champion, table, places),
        challenger=_scores(challenger, table, places),
    )
    moved = drifts(table.names, list(_rows(table, earlier)), list(_rows(table, places)))
    return Comparison(match=match, drift=moved)


def model_of(path: Path) -> Model:
    """:raises UnusableModel: there is no whole model in this file"""
    try:
        return read_model(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnusableModel(f"{path} ne peut être lu : {error.strerror}.") from error
    except (NotAModel, UnicodeDecodeError) as error:
        raise UnusableModel(f"{path} n’est pas un modèle, ou a été modifié.") from error


def _replayed(paths: Sequence[Path], delay_days: int) -> Table:
    kinds, _ = kinds_in(paths)
    past: Iterator[Transaction] = read_transactions(paths)
    return replay(past, kinds=kinds, delay_days=delay_days, wanted=lambda _: True)


def _rows(table: Table, places: Sequence[int]) -> Iterator["array[float]"]:
    width = len(table.names)
    for place in places:
        yield table.values[place * width : (place + 1) * width]


def _scores(model: Model, table: Table, places: Sequence[int]) -> list[float]:
    """Score rows by the names of their features; what the files do not tell is not known."""
    column = {name: place for place, name in enumerate(table.names)}
    wanted = [column.get(name) for name in model.features]
    missing = float("nan")
    return [
        model.forest.score([missing if place is None else row[place] for place in wanted])
        for row in _rows(table, places)
    ]
