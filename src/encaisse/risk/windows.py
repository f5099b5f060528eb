"""How many, how much, how many different, over a sliding time. Grows by one event at a time."""

from collections import Counter, deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(slots=True)
class Window:
    """
    The events of the last `span`, events being added in order of time.

    Reading it at a moment forgets what is older: moments are read in order too.
    """

    span: timedelta
    _events: deque[tuple[datetime, int, Hashable]] = field(default_factory=deque)
    _keys: Counter[Hashable] = field(default_factory=Counter)
    _total: int = 0

    def add(self, at: datetime, *, value: int = 0, key: Hashable = None) -> None:
        self._events.append((at, value, key))
        self._keys[key] += 1
        self._total += value

    def count(self, now: datetime) -> int:
        self._forget(now)
        return len(self._events)

    def total(self, now: datetime) -> int:
        self._forget(now)
        return self._total

    def distinct(self, now: datetime) -> int:
        """Return how many different keys there are, the absent one aside."""
        self._forget(now)
        return len(self._keys) - (None in self._keys)

    def _forget(self, now: datetime) -> None:
        while self._events and self._events[0][0] <= now - self.span:
            _, value, key = self._events.popleft()
            self._total -= value
            self._keys[key] -= 1
            if not self._keys[key]:
                del self._keys[key]
