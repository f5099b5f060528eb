"""
Events point up: a package publishes what happened, packages above react.

A handler runs in the publisher's transaction (its effect is never seen half-done) and is given
all events of its type that the batch published; a job is a row queued in that same transaction.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar
from uuid import UUID

from encaisse.kit.gathering import Gatherer, Rank
from encaisse.kit.jobs import enqueue


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened in an organization. Subclasses name it in the past tense."""

    organization_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonEvent:
    """Something that happened to a person, whatever their organizations: never a webhook."""

    user_id: UUID


_Happening = Event | PersonEvent
_E = TypeVar("_E", bound=_Happening)
_handlers: defaultdict[type[Any], list[Callable[[Sequence[Any]], object]]] = defaultdict(list)
_jobs: defaultdict[type[Any], list[str]] = defaultdict(list)


def handle(event_type: type[_E], handler: Callable[[Sequence[_E]], object]) -> None:
    """Run this handler inside the publisher's transaction. Called from AppConfig.ready."""
    if handler not in _handlers[event_type]:
        _handlers[event_type].append(handler)


def subscribe_job(event_type: type[_Happening], job_name: str) -> None:
    """Queue this job for each event of the type. Called from AppConfig.ready."""
    if job_name not in _jobs[event_type]:
        _jobs[event_type].append(job_name)


def publish(event: _Happening) -> None:
    """Run the handlers and queue one job per subscriber, all in the caller's transaction."""
    _published.add(event)


def _dispatch(events: Sequence[_Happening]) -> None:
    by_type: dict[type[_Happening], list[_Happening]] = {}
    for event in events:
        by_type.setdefault(type(event), []).append(event)
    for event_type, alike in by_type.items():
        for base in event_type.__mro__:
            for handler in _handlers.get(base, ()):
                handler(alike)
            for job_name in _jobs.get(base, ()):
                for event in alike:
                    enqueue(job_name, **asdict(event))


_published: Gatherer[_Happening] = Gatherer(Rank.EVENTS, _dispatch)
