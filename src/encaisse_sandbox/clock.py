"""The sandbox's clock: real time plus an offset that a file shares with whoever follows it."""

import json
import math
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


class Clock:
    """
    Sandbox time. It only moves forward, and each move is written before it is visible.

    A world where nothing happened yet may begin in the past, and live through it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.offset_seconds = _read_offset(path)
        self._write()

    def now(self) -> datetime:
        """Return the present moment of the simulated world."""
        return datetime.now(UTC) + timedelta(seconds=self.offset_seconds)

    def stamp(self) -> str:
        """Return the present moment in the form that is stored and compared."""
        return stamp(self.now())

    def move_to(self, moment: datetime) -> None:
        """Jump forward to the moment, by whole seconds; a moment already past changes nothing."""
        ahead = (moment - self.now()).total_seconds()
        if ahead <= 0:
            return
        self.reach_offset(self.offset_seconds + math.ceil(ahead))

    def reach_offset(self, offset_seconds: int) -> None:
        """Set how far ahead of real time the world is, unless it is further already."""
        self.offset_seconds = max(self.offset_seconds, offset_seconds)
        self._write()

    def begin_at(self, moment: datetime) -> None:
        """Set the clock of a world in which nothing happened yet, the past included."""
        self.offset_seconds = math.ceil((moment - datetime.now(UTC)).total_seconds())
        self._write()

    def _write(self) -> None:
        temporary = self._path.with_suffix(".tmp")
        temporary.write_text(json.dumps({"offset_seconds": self.offset_seconds}) + "\n")
        temporary.replace(self._path)


def _read_offset(path: Path) -> int:
    if not path.exists():
        return 0
    return int(json.loads(path.read_text())["offset_seconds"])


def stamp(moment: datetime) -> str:
    """Return a UTC text of fixed width, so that texts sort as the moments do."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse(text: str) -> datetime:
    """Read an ISO 8601 moment; one without a zone is taken as UTC."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def paris_date(moment: datetime) -> date:
    """Return the calendar day in Paris, which is the one banks and payouts go by."""
    return moment.astimezone(PARIS).date()


def paris_moment(day: date, hour: int = 0) -> datetime:
    """Return the moment that this hour of this day is in Paris."""
    return datetime.combine(day, time(hour), tzinfo=PARIS).astimezone(UTC)
