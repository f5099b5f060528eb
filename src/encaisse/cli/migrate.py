"""`encaisse migrate` and `encaisse manage`: Django's own commands, on the right database."""

import argparse
import os
import subprocess
import sys

from encaisse.cli.errors import ExitCode, UsageError
from encaisse.cli.output import say
from encaisse.cli.runtime import data_directory, opened_database, use_environment


def run_migrate(arguments: argparse.Namespace) -> int:
    """Bring the database's tables up to date, as their owner."""
    data = data_directory(arguments.data_dir)
    use_environment(data)
    with opened_database(data) as urls:
        if urls.owner is None:
            raise UsageError(
                "La mise à jour demande ENCAISSE_OWNER_DATABASE_URL (rôle propriétaire)."
            )
        code = _django("migrate", "--database", "owner", "--no-input")
    if code == 0:
        say("La base est à jour.")
    return ExitCode.OK if code == 0 else ExitCode.FAILED


def run_manage(arguments: argparse.Namespace) -> int:
    """Pass a command on to Django, connected to this folder's database."""
    data = data_directory(arguments.data_dir)
    use_environment(data)
    with opened_database(data):
        return _django(*arguments.rest)


def _django(*arguments: str) -> int:
    # A process of its own: Django's commands end theirs as they like.
    command = [sys.executable, "-m", "django", *arguments]
    return subprocess.run(command, check=False, env=os.environ.copy()).returncode  # noqa: S603
