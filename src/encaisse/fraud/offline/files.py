"""Card transactions read from `.csv` and `.csv.xz` files, each line checked."""

import csv
import lzma
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from encaisse.fraud.offline.errors import UnusableFile
from encaisse.risk.velocity import KINDS, Attempt

COLUMNS = ("transaction_id", "at", "payer_id", "terminal_id", "amount", "is_fraud")
# What a payment may also be tallied by, and where it was made.
SUBJECTS = ("card", "customer", "device", "email", "ip", "link", "merchant", "network")
PLACE = ("latitude", "longitude")
_LABELS: Mapping[str, bool] = {"0": False, "1": True}
_MOST_CENTS = 10**12
_PARIS = ZoneInfo("Europe/Paris")
_HOUR = 3_600


@dataclass(frozen=True, slots=True)
class Transaction:
    transaction_id: str
    payer: str
    is_fraud: bool
    attempt: Attempt
    # The local day, numbered from 1 January 1970.
    day: int


def read_transactions(paths: Sequence[Path]) -> Iterator[Transaction]:
    """
    Give the transactions of several files in order of time, the files being put in order.

    :raises UnusableFile: a line, named in the message, cannot be believed
    """
    seen: set[str] = set()
    newest: int | None = None
    for path in _in_order(paths):
        before = len(seen)
        with _opened(path) as lines:
            reader = csv.reader(lines)
            parse = _Parser(path, next(reader, []))
            for row in reader:
                transaction = parse(row, reader.line_num, newest)
                newest = transaction.attempt.at
                if transaction.transaction_id in seen:
                    parse.refuse(f"la transaction {transaction.transaction_id} y est déjà")
                seen.add(transaction.transaction_id)
                yield transaction
        if len(seen) == before:
            raise UnusableFile(f"{path} ne contient aucune transaction.")


def kinds_in(paths: Sequence[Path]) -> tuple[dict[str, tuple[str, ...]], bool]:
    """Return by what these files let payments be tallied, and whether they tell places."""
    with _opened(paths[0]) as lines:
        header = next(csv.reader(lines), [])
    told = [kind for kind in SUBJECTS if f"{kind}_id" in header]
    if set(told) >= set(KINDS):
        # The engine's own history: what is learnt is what a payment is weighed on, nothing else.
        return dict(KINDS), set(PLACE) <= set(header)
    kinds: dict[str, tuple[str, ...]] = {"payer": ("terminal", *told), "terminal": ("payer",)}
    kinds.update(dict.fromkeys(told, ("payer",)))
    return kinds, set(PLACE) <= set(header)


class _Parser:
    """Turns the lines of one file into transactions."""

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        self._path, self._line, self._offset = path, 1, 0
        names = [name.strip().lstrip("\ufeff") for name in header]
        if not names:
            raise UnusableFile(f"{path} est vide.")
        missing = [name for name in COLUMNS if name not in names]
        if missing:
            raise UnusableFile(f"{path} : il manque la colonne {', '.join(missing)}.")
        self._width = len(names)
        self._own = [names.index(name) for name in COLUMNS]
        self._subjects = [
            (kind, names.index(f"{kind}_id")) for kind in SUBJECTS if f"{kind}_id" in names
        ]
        has_place = set(PLACE) <= set(names)
        self._place = [names.index(name) for name in PLACE] if has_place else []

    def refuse(self, why: str) -> None:
        raise UnusableFile(f"{self._path}, ligne {self._line} : {why}.")

    def __call__(self, row: Sequence[str], line: int, newest: int | None) -> Transaction:
        self._line = line
        if len(row) != self._width:
            self.refuse(f"{len(row)} valeurs au lieu de {self._width}")
        identifier, at, payer, terminal, amount, label = (row[place] for place in self._own)
        if not identifier or not payer or not terminal:
            self.refuse("un identifiant manque")
        if label not in _LABELS:
            self.refuse(f"is_fraud vaut « {label} » : 0 ou 1 sont attendus")
        subjects = {"payer": payer, "terminal": terminal}
        for kind, place in self._subjects:
            if row[place]:
                subjects[kind] = row[place]
        moment, offset = self._moment(at, newest)
        where = self._where(row) if self._place else None
        attempt = Attempt(moment, self._cents(amount), subjects, offset, where)
        day = (moment + offset) // (24 * _HOUR)
        return Transaction(identifier, payer, _LABELS[label], attempt, day)

    def _moment(self, text: str, newest: int | None) -> tuple[int, int]:
        """
        Return the moment, and how far ahead of it local time is.

        A moment may tell its own distance from universal time. Without one, the clocks of a file
        are taken as they are; only the night they go back an hour tells how far they had gone.
        """
        try:
            read = _day_seconds(text[:10]) + _seconds(text[10:])
        except ValueError:
            told = self._told(text)
            offset = int((told.utcoffset() or timedelta()).total_seconds())
            read, self._offset = int(told.replace(tzinfo=UTC).timestamp()), offset
        moment = read - self._offset
        if newest is not None and moment < newest:
            if not _clocks_went_back(text, newest - moment):
                self.refuse(f"{text} vient avant la ligne précédente : triez le fichier")
            self._offset -= _HOUR
            moment += _HOUR
        return moment, self._offset

    def _told(self, text: str) -> datetime:
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            self.refuse(f"la date « {text} » est illisible (AAAA-MM-JJ HH:MM:SS)")
            raise

    def _cents(self, text: str) -> int:
        try:
            cents = Decimal(text) * 100
            is_small = abs(cents) <= _MOST_CENTS
        except (ArithmeticError, ValueError):
            self.refuse(f"le montant « {text} » n’est pas un nombre")
            raise
        if cents < 0:
            self.refuse(f"le montant {text} est négatif")
        if not is_small:
            self.refuse(f"le montant {text} est trop grand")
        return int(cents.to_integral_value())

    def _where(self, row: Sequence[str]) -> tuple[float, float] | None:
        latitude, longitude = (row[place] for place in self._place)
        if not latitude or not longitude:
            return None
        try:
            place = float(latitude), float(longitude)
        except ValueError:
            self.refuse(f"le lieu « {latitude}, {longitude} » est illisible")
            raise
        if not (abs(place[0]) <= 90 and abs(place[1]) <= 180):
            self.refuse(f"le lieu « {latitude}, {longitude} » n’est pas sur la Terre")
        return place


def _in_order(paths: Sequence[Path]) -> list[Path]:
    """Return the files by their first moment: a shell sorts them by name."""
    return sorted(paths, key=_first_moment)


def _first_moment(path: Path) -> str:
    with _opened(path) as lines:
        reader = csv.DictReader(lines)
        return (next(reader, None) or {}).get("at") or ""


@contextmanager
def _opened(path: Path) -> Iterator[Iterator[str]]:
    """Open a file, its reader's complaints being told in French."""
    opener = lzma.open if path.suffix == ".xz" else open
    try:
        with opener(path, "rt", encoding="utf-8", newline="") as lines:
            yield iter(lines)
    except OSError as error:
        why = error.strerror or "fichier abîmé"
        raise UnusableFile(f"{path} ne peut être lu : {why}.") from error
    except (lzma.LZMAError, EOFError) as error:
        raise UnusableFile(f"{path} n’est pas un fichier .xz entier.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnusableFile(f"{path} n’est pas un fichier CSV en UTF-8.") from error


@lru_cache(maxsize=64)
def _day_seconds(text: str) -> int:
    return (date.fromisoformat(text) - date(1970, 1, 1)).days * 24 * _HOUR


def _seconds(text: str) -> int:
    """Return the seconds of ` HH:MM:SS`, the usual way of telling them."""
    if len(text) != 9 or text[3] != ":" or text[6] != ":" or text[0] not in " T":
        raise ValueError(text)
    hours, minutes, seconds = int(text[1:3]), int(text[4:6]), int(text[7:9])
    if not (0 <= hours < 24 and 0 <= minutes < 60 and 0 <= seconds < 60):
        raise ValueError(text)
    return (hours * 60 + minutes) * 60 + seconds


def _clocks_went_back(text: str, back: int) -> bool:
    """Tell whether this local time came twice, in France, and this may be the second time."""
    moment = datetime.fromisoformat(text).replace(tzinfo=_PARIS)
    return back <= _HOUR and moment.utcoffset() != moment.replace(fold=1).utcoffset()
