"""
The business clock: document dates, due jobs, dashboards.

In demo mode it follows the sandbox's movable clock, which the sandbox keeps in a small file.
Sessions, one-time codes, signatures and webhook tolerance stay on real time.
"""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

PARIS = ZoneInfo("Europe/Paris")


def business_now() -> datetime:
    """Return the current moment in UTC, moved by the sandbox's clock in demo mode."""
    return timezone.now() + timedelta(seconds=_offset_seconds())


def paris_date(moment: datetime) -> date:
    """Return the legal date of a moment: the day it is in Paris."""
    return moment.astimezone(PARIS).date()


def start_of_day(day: date) -> datetime:
    """Return midnight of that day in Paris, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=PARIS).astimezone(UTC)


def _offset_seconds() -> float:
    path: Path | None = settings.ENCAISSE_CLOCK_FILE
    if path is None or not path.exists():
        return 0.0
    return float(json.loads(path.read_text())["offset_seconds"])
