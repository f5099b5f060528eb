"""When an alert that goes on is told again. Pure."""

from datetime import timedelta

# After the first message: half an hour, two hours, eight, then once a day while it goes on.
_PAUSES = (timedelta(minutes=30), timedelta(hours=2), timedelta(hours=8))
_LARGEST = timedelta(days=1)


def pause_after(told: int) -> timedelta:
    """Return how long to wait after so many messages about one alert."""
    return _PAUSES[told - 1] if told <= len(_PAUSES) else _LARGEST
