"""The demonstration as it was on its first day, kept beside it: coming back to it takes seconds."""

import sqlite3
from contextlib import closing
from pathlib import Path

from psycopg import Connection, sql

from encaisse.cli.errors import CommandFailed
from encaisse.cli.postgres import Cluster
from encaisse.cli.postgres_roles import DATABASE, OWNER, provision, superuser_connection

_TEMPLATE = "encaisse_first_day"
_KEPT_WORLD = "sandbox-first-day.sqlite3"


def keep_first_day(cluster: Cluster, data: Path) -> None:
    """Copy the database and the simulated world, before anybody uses them."""
    with _maintenance(cluster) as connection:
        _copy(connection, source=DATABASE, target=_TEMPLATE)
    _copy_world(data / "sandbox" / "sandbox.sqlite3", data / _KEPT_WORLD)


def return_to_first_day(cluster: Cluster, data: Path) -> None:
    """
    Put the copies back, before anything but the database runs. What was tried since is gone.

    :raises CommandFailed: no first day was kept in this folder
    """
    world = data / "sandbox"
    with _maintenance(cluster) as connection:
        if not (data / _KEPT_WORLD).is_file() or not _exists(connection, _TEMPLATE):
            raise CommandFailed(
                f"Aucun premier jour n’est gardé dans {data} : partez d’un dossier neuf."
            )
        _copy(connection, source=_TEMPLATE, target=DATABASE)
    provision(socket_directory=cluster.socket_directory, passwords=cluster.passwords)
    for name in ("sandbox.sqlite3", "sandbox.sqlite3-wal", "sandbox.sqlite3-shm", "clock.json"):
        (world / name).unlink(missing_ok=True)
    _copy_world(data / _KEPT_WORLD, world / "sandbox.sqlite3")


def _maintenance(cluster: Cluster) -> Connection:
    return superuser_connection(cluster.socket_directory, cluster.passwords, database="postgres")


def _exists(connection: Connection, name: str) -> bool:
    found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
    return found.fetchone() is not None


def _copy(connection: Connection, *, source: str, target: str) -> None:
    names = {"source": sql.Identifier(source), "target": sql.Identifier(target)}
    drop = sql.SQL("DROP DATABASE IF EXISTS {target} WITH (FORCE)").format(**names)
    create = sql.SQL("CREATE DATABASE {target} OWNER {owner} TEMPLATE {source}")
    connection.execute(drop)
    connection.execute(create.format(**names, owner=sql.Identifier(OWNER)))


def _copy_world(source: Path, target: Path) -> None:
    """Copy a file of SQLite while it may be in use."""
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
