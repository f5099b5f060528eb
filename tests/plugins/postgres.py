"""
One throw-away PostgreSQL for the whole run, one database per worker, cloned from a migrated one.

Django connects as the application role, so that row-level security is really in force. Nothing is
rolled back nor flushed: each test makes its own organization and commits for good.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg
import pytest
from psycopg import sql

from encaisse.cli.postgres import Cluster, ensure_cluster
from encaisse.cli.postgres_roles import DATABASE

URL_VARIABLES = {"default": "ENCAISSE_DATABASE_URL", "owner": "ENCAISSE_OWNER_DATABASE_URL"}


@dataclass
class Server:
    folder: Path
    cluster: Cluster

    def stop(self) -> None:
        self.cluster.stop()
        shutil.rmtree(self.folder)


_SERVER = pytest.StashKey[Server]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--no-postgres", action="store_true", help="start no PostgreSQL (pure tests only)"
    )


def pytest_configure(config: pytest.Config) -> None:
    if _needs_nothing(config):
        return
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        config.stash[_SERVER] = _start_server()
    if worker is not None or not config.getoption("numprocesses", None):
        _use_own_database(f"{DATABASE}_{worker or 'main'}")


def pytest_unconfigure(config: pytest.Config) -> None:
    server = config.stash.get(_SERVER, None)
    if server is not None:
        server.stop()


@pytest.fixture(scope="session", autouse=True)
def django_db_setup(request: pytest.FixtureRequest, django_db_blocker):
    """Replace pytest-django's: the databases are ready, and every test may commit to them."""
    if _needs_nothing(request.config):
        yield
        return
    with django_db_blocker.unblock():
        yield


def _needs_nothing(config: pytest.Config) -> bool:
    names = ("--no-postgres", "collectonly", "help", "version", "showfixtures", "markers")
    return any(config.getoption(name, False) for name in names)


def _start_server() -> Server:
    folder = Path(tempfile.mkdtemp(prefix="encaisse-tests-"))
    server = Server(folder, ensure_cluster(folder, durable=False))
    try:
        server.cluster.start()
        os.environ[URL_VARIABLES["default"]] = server.cluster.application_url
        os.environ[URL_VARIABLES["owner"]] = server.cluster.owner_url
        _migrate()
    except BaseException:
        server.stop()
        raise
    return server


def _migrate() -> None:
    # In its own process: a connection left open here would forbid cloning the database.
    command = [sys.executable, "-m", "django", "migrate", "--database", "owner", "--verbosity", "0"]
    subprocess.run(command, check=True)


def clone_database(name: str) -> dict[str, str]:
    """Clone the migrated database and return the clone's address for each alias."""
    owner_url = os.environ[URL_VARIABLES["owner"]]
    with psycopg.connect(_with_database(owner_url, "postgres"), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(DATABASE)
            )
        )
    return {
        alias: _with_database(os.environ[variable], name)
        for alias, variable in URL_VARIABLES.items()
    }


def _use_own_database(name: str) -> None:
    """Point Django and child processes at a clone of the migrated database."""
    for alias, url in clone_database(name).items():
        os.environ[URL_VARIABLES[alias]] = url
        _point_django(alias, url)


def _with_database(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def _point_django(alias: str, url: str) -> None:
    # pytest-django has already read the settings, but no connection was opened from them yet.
    from django.conf import settings  # noqa: PLC0415  configured by pytest-django, after import

    parts = urlsplit(url)
    # The owner's alias only exists where the environment names it: it starts as the default's.
    database = settings.DATABASES.setdefault(alias, deepcopy(settings.DATABASES["default"]))
    database.update(
        NAME=parts.path.removeprefix("/"),
        USER=unquote(parts.username or ""),
        PASSWORD=unquote(parts.password or ""),
        HOST=parse_qs(parts.query)["host"][0],
        PORT="",
    )
