"""What runs in a data folder (`run.json`), and the settings a command takes from it."""

import json
import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from encaisse.cli.errors import CommandFailed, NothingRunning
from encaisse.cli.files import write_private
from encaisse.cli.postgres import DatabaseUrls, ensure_cluster, running_urls
from encaisse.cli.processes import command_line, is_alive

SETTINGS_MODULE = "encaisse.config.settings"
DEFAULT_PORT = 8000
# Kept between two functions of one process: nobody sets it.
_AUTHORITY = "ENCAISSE_LAN_AUTHORITY"


@dataclass(frozen=True, slots=True)
class Run:
    """The shape of `run.json`."""

    base_url: str
    sandbox_url: str | None
    smtp_port: int | None
    pid: int
    started_at: str
    # The made-up authority that vouches for `base_url`, where there is one.
    authority: str | None = None
    webhooks_url: str | None = None


def data_directory(given: Path | None) -> Path:
    """Return the data folder: the option, else ENCAISSE_DATA_DIR, else `.data`."""
    return (given or Path(os.environ.get("ENCAISSE_DATA_DIR") or ".data")).absolute()


def write_run(data: Path, run: Run) -> None:
    write_private(_run_path(data), json.dumps(asdict(run), indent=2) + "\n")


def remove_run(data: Path) -> None:
    _run_path(data).unlink(missing_ok=True)


def read_run(data: Path) -> Run | None:
    """Return what runs in the folder; a file left by a killed supervisor does not count."""
    try:
        run = Run(**json.loads(_run_path(data).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise CommandFailed(f"Le fichier {_run_path(data)} est illisible.") from error
    # A number may have been given to another process since.
    is_ours = is_alive(run.pid) and any("encaisse" in word for word in command_line(run.pid))
    return run if is_ours else None


def base_url(data: Path, given: str | None) -> str:
    """
    Return the address of Encaisse: the option, else ENCAISSE_URL, else what runs in the folder.

    :raises NothingRunning: none of the three is known
    """
    known = given or os.environ.get("ENCAISSE_URL")
    if known:
        return known.rstrip("/")
    run = read_run(data)
    if run is None:
        raise NothingRunning(_nothing_runs(data))
    return run.base_url


def sandbox_url(data: Path, given: str | None) -> str:
    """
    Return the address of the sandbox: next to the address of Encaisse when that one is given,
    else ENCAISSE_SANDBOX_URL, else what runs in the folder.

    :raises NothingRunning: no sandbox is known
    """
    known = given or os.environ.get("ENCAISSE_URL")
    if known:
        parts = urlsplit(known)
        return f"{parts.scheme}://{parts.hostname}:{(parts.port or DEFAULT_PORT) + 1}"
    if from_environment := os.environ.get("ENCAISSE_SANDBOX_URL"):
        return from_environment.rstrip("/")
    run = read_run(data)
    if run is None or run.sandbox_url is None:
        raise NothingRunning(_nothing_runs(data))
    return run.sandbox_url


def folder_environment(data: Path) -> dict[str, str]:
    """Return the settings that follow from the data folder, unless the environment decides."""
    defaults = {
        "DJANGO_SETTINGS_MODULE": SETTINGS_MODULE,
        "ENCAISSE_SECRET_KEY_FILE": str(data / "secret_key"),
        "ENCAISSE_KEYSET_FILE": str(data / "keyset.json"),
    }
    chosen = {name: os.environ.get(name) or value for name, value in defaults.items()}
    return chosen | {"ENCAISSE_DATA_DIR": str(data)}


def use_environment(data: Path) -> None:
    """Complete this process's settings with what the folder and what runs in it tell."""
    found = folder_environment(data)
    run = read_run(data)
    if run is not None:
        found["ENCAISSE_PUBLIC_URL"] = run.base_url
        known = {_AUTHORITY: run.authority, "ENCAISSE_WEBHOOKS_URL": run.webhooks_url}
        found |= {name: value for name, value in known.items() if value is not None}
        if run.sandbox_url is not None:
            found |= demo_environment(data, run.sandbox_url, run.smtp_port)
    os.environ.update({name: os.environ.get(name) or value for name, value in found.items()})


def believed() -> ssl.SSLContext:
    """Believe whom this machine believes, and the authority that the demonstration made up."""
    context = ssl.create_default_context()
    if authority := os.environ.get(_AUTHORITY):
        context.load_verify_locations(authority)
    return context


def demo_environment(data: Path, sandbox: str, smtp_port: int | None) -> dict[str, str]:
    return {
        "ENCAISSE_DEMO": "1",
        "ENCAISSE_SANDBOX_URL": sandbox,
        "ENCAISSE_SMTP_URL": f"smtp://localhost:{smtp_port}",
        "ENCAISSE_CLOCK_FILE": str(data / "sandbox" / "clock.json"),
    }


def given_database() -> DatabaseUrls | None:
    """Return the database the environment names, if any: then we start none."""
    url = os.environ.get("ENCAISSE_DATABASE_URL")
    if not url:
        return None
    return DatabaseUrls(url, os.environ.get("ENCAISSE_OWNER_DATABASE_URL") or None)


def known_database(data: Path) -> DatabaseUrls | None:
    """Return the database the environment names, else the one another command runs, if any."""
    return given_database() or running_urls(data)


def use_database(urls: DatabaseUrls) -> None:
    """Point this process's Django at a database."""
    os.environ["ENCAISSE_DATABASE_URL"] = urls.application
    if urls.owner is not None:
        os.environ["ENCAISSE_OWNER_DATABASE_URL"] = urls.owner


def use_running_database(data: Path) -> None:
    """
    Point this process at the folder's settings and at the database in use.

    :raises NothingRunning: none runs, and the environment names none
    """
    use_environment(data)
    database = known_database(data)
    if database is None:
        raise NothingRunning(f"Aucune base ne tourne dans {data}. Lancez « encaisse up ».")
    use_database(database)


@contextmanager
def opened_database(data: Path) -> Iterator[DatabaseUrls]:
    """Use the known database, else start the folder's own for as long as the block lasts."""
    known = known_database(data)
    if known is not None:
        use_database(known)
        yield known
        return
    with ensure_cluster(data) as cluster:
        urls = DatabaseUrls(cluster.application_url, cluster.owner_url)
        use_database(urls)
        yield urls


def _run_path(data: Path) -> Path:
    return data / "run.json"


def _nothing_runs(data: Path) -> str:
    return (
        f"Rien ne tourne dans {data}. Lancez « encaisse demo », ou donnez l’adresse avec --url "
        "ou ENCAISSE_URL."
    )
