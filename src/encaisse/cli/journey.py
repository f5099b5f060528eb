"""
`encaisse journey`: one job from quote to reconciled money, against the instance that runs.

Every run signs up an organization of its own, so runs may follow each other or overlap. The firm's
side goes through the same services as the pages; the customer's side through the pages themselves,
over HTTP; the outside world is the sandbox.
"""

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import django
import httpx
from django.db import connections
from django.db.utils import InterfaceError, OperationalError

from encaisse.cli.errors import CommandFailed, ExitCode, NothingRunning
from encaisse.cli.journey_payer import Restarting
from encaisse.cli.output import print_document, say
from encaisse.cli.postgres import DatabaseUrls
from encaisse.cli.runtime import (
    SETTINGS_MODULE,
    base_url,
    data_directory,
    known_database,
    read_run,
    sandbox_url,
    use_database,
    use_environment,
)
from encaisse.kernel.errors import DomainError

_RESTART_SECONDS = 60.0


@dataclass(slots=True)
class Progress:
    """The steps done so far, as the document lists them."""

    steps: list[dict[str, Any]] = field(default_factory=list)

    def run(self, name: str, act: Callable[[], dict[str, Any]]) -> None:
        """Do one step, time it and tell it; what the instance drops while restarting is redone."""
        started = time.monotonic()
        ids = _patiently(act)
        seconds = round(time.monotonic() - started, 3)
        number = len(self.steps) + 1
        self.steps.append(
            {"step": number, "name": name, "ok": True, "seconds": seconds, "ids": ids}
        )
        say(f"{number:2d}. {name} ({seconds:.1f} s)")


def run_journey(arguments: argparse.Namespace) -> int:
    """Play the whole story and print its proof."""
    data = data_directory(arguments.data_dir)
    journey = _prepare(data, arguments)
    progress = Progress()
    started = time.monotonic()
    try:
        for name, act in journey.steps():
            progress.run(name, act)
            time.sleep(arguments.pace)
    except (DomainError, CommandFailed) as error:
        return _report_failure(arguments, journey, progress, error)
    content = {
        "organization_id": str(journey.organization_id),
        "seconds": round(time.monotonic() - started, 3),
        "steps": progress.steps,
        **journey.proof(),
    }
    ok = journey.is_proved(content)
    if arguments.json:
        print_document("encaisse.journey/1", ok=ok, content=content)
    say("Tout est juste : chaque centime est compté." if ok else "Il manque quelque chose.")
    return ExitCode.OK if ok else ExitCode.FAILED


def _patiently(act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """
    Do a step again while the instance is not there: its supervisor restarts what dies.

    Every step may be run twice: what a lost answer hid is found again, or done anew.
    """
    deadline = time.monotonic() + _RESTART_SECONDS
    while True:
        try:
            return act()
        except (OperationalError, InterfaceError, httpx.TransportError, Restarting):
            connections.close_all()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def _prepare(data: Path, arguments: argparse.Namespace) -> Any:  # Django is set up just below
    database = _wait_for_database(data)
    url = base_url(data, arguments.url)
    sandbox = sandbox_url(data, arguments.url)
    os.environ["ENCAISSE_PUBLIC_URL"] = url
    os.environ["ENCAISSE_SANDBOX_URL"] = sandbox
    use_environment(data)
    use_database(database)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS_MODULE)
    django.setup()
    # The story's steps need models, hence Django set up.
    from encaisse.cli.journey_story import Story  # noqa: PLC0415

    return Story(base_url=url, sandbox_url=sandbox, balance=arguments.balance)


def _wait_for_database(data: Path) -> DatabaseUrls:
    """
    Return the database of the instance that runs, which may be restarting it right now.

    :raises NothingRunning: no instance runs in the folder
    """
    deadline = time.monotonic() + _RESTART_SECONDS
    while (found := known_database(data)) is None:
        if read_run(data) is None or time.monotonic() > deadline:
            raise NothingRunning(f"Rien ne tourne dans {data}. Lancez « encaisse demo ».")
        time.sleep(0.2)
    return found


def _report_failure(
    arguments: argparse.Namespace,
    journey: Any,
    progress: Progress,
    error: DomainError | CommandFailed,
) -> int:
    number = len(progress.steps) + 1
    code = error.code if isinstance(error, DomainError) else "journey_failed"
    text = error.message if isinstance(error, DomainError) else str(error)
    say(f"{number:2d}. échec : {text} ({code})")
    if arguments.json:
        content = {
            "organization_id": str(journey.organization_id),
            "steps": progress.steps,
            "failed_step": number,
            "error_code": code,
        }
        print_document("encaisse.journey/1", ok=False, content=content)
    return ExitCode.FAILED
