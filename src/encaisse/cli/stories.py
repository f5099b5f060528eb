"""
`encaisse sandbox story`: an attack or an incident played against the demo that runs, and what
Encaisse saw and did. The payer's side goes through real pages over HTTP, the cards through the
simulated provider.
"""

import argparse
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import django

from encaisse.cli.arguments import STORIES
from encaisse.cli.errors import CommandFailed, ExitCode, NothingRunning
from encaisse.cli.output import print_document, say
from encaisse.cli.runtime import (
    SETTINGS_MODULE,
    base_url,
    data_directory,
    sandbox_url,
    use_environment,
    use_running_database,
)
from encaisse.kernel.errors import DomainError

if TYPE_CHECKING:
    from encaisse.cli.story_stage import Stage


@dataclass(frozen=True, slots=True)
class Told:
    """
    What a story showed: what was tried, what Encaisse said and did, what it would have cost.

    `is_stopped` says whether the attack failed, or the incident did no harm: the first verdict
    then, else the second. Amounts are cents.
    """

    attack: str
    sentence: str
    did: str
    would_have_cost_minor: int
    is_stopped: bool
    verdicts: tuple[str, str] = ("Arrêté.", "PAS arrêté.")


def run_story(arguments: argparse.Namespace) -> int:
    """Play one story and print what stopped it."""
    stage = _stage(data_directory(arguments.data_dir), arguments)
    from encaisse.cli.story_acts import ACTS  # noqa: PLC0415  models, once Django is set up

    started = time.monotonic()
    say(STORIES[arguments.story])
    try:
        told = ACTS[arguments.story](stage)
    except DomainError as error:
        raise CommandFailed(error.message) from error
    seconds = round(time.monotonic() - started, 1)
    if arguments.json:
        content = {"story": arguments.story, "seconds": seconds, "steps": stage.steps}
        print_document("encaisse.story/1", ok=told.is_stopped, content=content | asdict(told))
    else:
        _print(told)
    return ExitCode.OK if told.is_stopped else ExitCode.FAILED


def _stage(data: Path, arguments: argparse.Namespace) -> "Stage":
    """:raises NothingRunning: no demo runs in the folder"""
    demo = data / "demo.json"
    if not demo.is_file():
        raise NothingRunning(f"Aucune démonstration dans {data}. Lancez « encaisse demo ».")
    url, sandbox = base_url(data, arguments.url), sandbox_url(data, arguments.url)
    os.environ |= {"ENCAISSE_PUBLIC_URL": url, "ENCAISSE_SANDBOX_URL": sandbox}
    use_environment(data)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS_MODULE)
    use_running_database(data)
    django.setup()
    from encaisse.cli.story_stage import Stage  # noqa: PLC0415  models, once Django is set up

    known = json.loads(demo.read_text())
    return Stage(
        organization_id=UUID(known["organization_id"]),
        api_key=known["api_key"],
        base_url=url,
        sandbox_url=sandbox,
        cards=arguments.cards,
    )


def _print(told: Told) -> None:
    from encaisse.kernel.money import Money  # noqa: PLC0415  beside its only use

    print(f"Ce qu’Encaisse a vu : {told.sentence}")
    print(f"Ce qu’Encaisse a fait : {told.did}")
    print(f"Ce que cela aurait coûté : {Money(told.would_have_cost_minor).in_french()}")
    well, badly = told.verdicts
    print(well if told.is_stopped else badly)
