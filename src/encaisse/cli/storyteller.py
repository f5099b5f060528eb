"""
Plays the stories asked for on the sandbox's first page: `python -m encaisse.cli.storyteller`.

The sandbox knows Encaisse by HTTP only: it is asked, over and over, what to play. Each story is the
command that a person would type, in a process of its own: nothing is loaded until one is asked for.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import IO, Any
from unicodedata import category

import httpx

from encaisse.cli.arguments import STORIES
from encaisse.cli.output import STEP, say
from encaisse.cli.ports import LOOPBACK
from encaisse.cli.processes import dies_with_parent
from encaisse.cli.supervisor import Program, python_module
from encaisse.cli.web_server import answers

# The sandbox holds a question for twenty seconds.
_TIMEOUT_SECONDS = 60.0
_PAUSE_SECONDS = 1.0
# What the sandbox takes of a text.
_LONGEST_TEXT = 2000
_UNWRITABLE = frozenset({"Cc", "Cs"})
# Enough to be seen, not so many that a page waits for them.
_CARDS = 30


def storyteller(sandbox_port: int, environment: Mapping[str, str]) -> Program:
    """Return the program, ready once the sandbox has heard it."""
    is_ready = partial(answers, f"http://{LOOPBACK}:{sandbox_port}/stories")
    return Program("storyteller", python_module("encaisse.cli.storyteller"), environment, is_ready)


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    sandbox, site = os.environ["ENCAISSE_SANDBOX_URL"], os.environ["ENCAISSE_PUBLIC_URL"]
    data = Path(os.environ["ENCAISSE_DATA_DIR"])
    with httpx.Client(
        base_url=f"{sandbox}/control/stories",
        headers={"X-Encaisse-Sandbox": "control"},
        timeout=_TIMEOUT_SECONDS,
        trust_env=False,
    ) as theatre:
        while True:
            try:
                _serve(theatre, site, data)
            except httpx.TransportError as error:
                # The sandbox is being started again: it is asked until it answers.
                say(f"Le bac à sable n’a pas répondu : {error}")
                time.sleep(_PAUSE_SECONDS)


def _serve(theatre: httpx.Client, site: str, data: Path) -> None:
    """Wait for a story to be asked for, and play it."""
    play = _post(theatre, "/next", {"stories": STORIES, "site": site})["play"]
    if play is not None:
        ending = _play(theatre, play["id"], play["story"], data)
        _post(theatre, f"/plays/{play['id']}/end", ending)


def _play(theatre: httpx.Client, play_id: str, story: str, data: Path) -> dict[str, Any]:
    """Play a story, tell its steps as they come, and return how it ended."""
    command = [sys.executable, "-m", "encaisse.cli", "sandbox", "story", story, "--json"]
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as document,
        subprocess.Popen(  # noqa: S603  our own command, a name of our own list
            [*command, "--cards", str(_CARDS), "--data-dir", str(data)],
            stdin=subprocess.DEVNULL,
            stdout=document,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=dies_with_parent(signal.SIGKILL),  # noqa: PLW1509  one prctl call
        ) as process,
    ):
        if process.stderr is None:
            raise RuntimeError("A pipe was asked for.")
        for line in process.stderr:
            if line.startswith(STEP):
                step = {"step": fit(line.removeprefix(STEP).strip())}
                _post(theatre, f"/plays/{play_id}/steps", step)
        process.wait()
        document.seek(0)
        return _ending(document)


def _ending(document: IO[str]) -> dict[str, Any]:
    try:
        told = json.load(document)
    except ValueError:
        return {"failure": "L’histoire s’est arrêtée sans dire pourquoi."}
    if "error" in told:
        return {"failure": fit(told["error"])}
    well, badly = told["verdicts"]
    return {
        "saw": told["sentence"],
        "did": told["did"],
        "would_have_cost": told["would_have_cost_minor"],
        "verdict": well if told["is_stopped"] else badly,
        "is_well": told["is_stopped"],
    }


def fit(text: str) -> str:
    """Return a text as the sandbox takes it: a failure may carry the colours and ends of a log."""
    kept = (each for each in text if each in "\n\t" or category(each) not in _UNWRITABLE)
    return "".join(kept)[:_LONGEST_TEXT]


def _post(theatre: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = theatre.post(path, json=body)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


if __name__ == "__main__":
    main()
