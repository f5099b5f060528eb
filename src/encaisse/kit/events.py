"""
Events point up: a package publishes what happened, packages above react.

A handler runs in the publisher's transaction (its effect is never seen half-done); a job is a
row queued in that same transaction.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, TypeVar
from uuid import UUID

from encaisse.kit.jobs import enqueue


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened in an organization. Subclasses name it in the past tense."""

    organization_id: UUID


_E = TypeVar("_E", bound=Event)
_handlers: defaultdict[type[Event], list[Callable[[Any], object]]] = defaultdict(list)
_jobs: defaultdict[type[Event], list[str]] = defaultdict(list)


def handle(event_type: type[_E], handler: Callable[[_E], object]) -> None:
    """Run this handler inside the publisher's transaction. Called from AppConfig.ready."""
    if handler not in _handlers[event_type]:
        _handlers[event_type].append(handler)


def subscribe_job(event_type: type[Event], job_name: str) -> None:
    """Queue this job for each event of the type. Called from AppConfig.ready."""
    if job_name not in _jobs[event_type]:
        _jobs[event_type].append(job_name)


def publish(event: Event) -> None:
    """Run the handlers and queue one job per subscriber, all in the caller's transaction."""
    for base in type(event).__mro__:
        if not issubclass(base, Event):
            break
        for handler in _handlers[base]:
            handler(event)
        for job_name in _jobs[base]:
            enqueue(job_name, **asdict(event))
