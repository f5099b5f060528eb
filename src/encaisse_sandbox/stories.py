"""
Stories that a program plays against the world, asked for by a person on a page.

The world knows none of them: a teller says which it plays, waits for one to be asked for, and tells
it step by step. All of it is held in memory: a story told is seen again by playing it again.
"""

import asyncio
import time
from dataclasses import dataclass, field
from enum import StrEnum

from encaisse_sandbox.errors import conflict, missing
from encaisse_sandbox.identifiers import new_id

# A teller asks again at least this often; one that was not heard for twice as long has left.
WAIT_SECONDS = 20.0
_PRESENT_SECONDS = 2 * WAIT_SECONDS
_KEPT = 20


class PlayState(StrEnum):
    WAITING = "waiting"
    PLAYING = "playing"
    TOLD = "told"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Ending:
    """What was seen, what was done, what it would have cost, and whether it went as it should."""

    saw: str
    did: str
    would_have_cost: int  # cents
    verdict: str
    is_well: bool


@dataclass(slots=True)
class Play:
    """One story, asked for once."""

    id: str
    name: str
    state: PlayState = PlayState.WAITING
    steps: list[str] = field(default_factory=list)
    ending: Ending | None = None
    failure: str = ""

    @property
    def is_over(self) -> bool:
        return self.state in {PlayState.TOLD, PlayState.FAILED}


@dataclass(slots=True)
class Theatre:
    """Which stories are played here, and those asked for."""

    repertoire: dict[str, str] = field(default_factory=dict)  # name: what it is about
    site: str = ""  # where the teller's Encaisse is
    _plays: dict[str, Play] = field(default_factory=dict)
    _heard_at: float = float("-inf")
    _asked: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def has_teller(self) -> bool:
        return self._under_way() is not None or (
            time.monotonic() - self._heard_at < _PRESENT_SECONDS
        )

    def ask(self, name: str) -> Play:
        """
        Ask for a story; while one is played, that one is returned and nothing more is asked.

        :raises ApiError: no such story, or nobody to tell it
        """
        if name not in self.repertoire:
            raise missing("story", name)
        if not self.has_teller:
            raise conflict("no_teller", "Personne ne joue les histoires en ce moment.")
        if (current := self._under_way()) is not None:
            return current
        play = Play(new_id("play"), name)
        self._plays[play.id] = play
        for old in list(self._plays)[:-_KEPT]:
            del self._plays[old]
        self._asked.set()
        return play

    def find(self, identifier: str) -> Play:
        """:raises ApiError: no such play"""
        if identifier not in self._plays:
            raise missing("play", identifier)
        return self._plays[identifier]

    async def next(self, repertoire: dict[str, str], site: str) -> Play | None:
        """Hear the teller, and give it the story asked for, now or within `WAIT_SECONDS`."""
        self.repertoire, self.site = repertoire, site
        self._abandon()
        self._heard_at = time.monotonic()
        if (play := self._under_way()) is None:
            self._asked.clear()
            try:
                await asyncio.wait_for(self._asked.wait(), WAIT_SECONDS)
            except TimeoutError:
                return None
            finally:
                self._heard_at = time.monotonic()
            play = self._under_way()
        if play is not None:
            play.state = PlayState.PLAYING
        return play

    def _abandon(self) -> None:
        """A teller that asks for another story has left the one it was playing."""
        for play in self._plays.values():
            if play.state == PlayState.PLAYING:
                play.state, play.failure = PlayState.FAILED, "L’histoire s’est interrompue."

    def _under_way(self) -> Play | None:
        return next((play for play in self._plays.values() if not play.is_over), None)
