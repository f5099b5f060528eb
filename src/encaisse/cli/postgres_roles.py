"""The roles and the database of Encaisse inside a cluster, and their passwords."""

import json
import secrets
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import psycopg
from psycopg import sql

from encaisse.cli.errors import CommandFailed
from encaisse.cli.files import write_private

SUPERUSER = "encaisse_super"
OWNER = "encaisse_owner"
APPLICATION = "encaisse_app"
DATABASE = "encaisse"


@dataclass(frozen=True, slots=True)
class Passwords:
    """One password per role; the superuser's is only ever used by the launcher."""

    encaisse_super: str
    encaisse_owner: str
    encaisse_app: str


def create_passwords(path: Path) -> Passwords:
    """Write new random passwords to a file that only its owner can read."""
    passwords = Passwords(*(secrets.token_urlsafe(32) for _ in range(3)))
    write_private(path, json.dumps(asdict(passwords)))
    return passwords


def read_passwords(path: Path) -> Passwords:
    try:
        return Passwords(**json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, PermissionError, ValueError, TypeError) as error:
        raise CommandFailed(
            f"Le fichier {path} (mots de passe de la base) est absent ou illisible."
        ) from error


def provision(*, socket_directory: Path, passwords: Passwords) -> None:
    """Create what is missing and put the roles back as they must be. Safe to run at every start."""
    with superuser_connection(socket_directory, passwords, database="postgres") as connection:
        connection.execute(statements("roles.sql"))
        for role in (OWNER, APPLICATION):
            _set_password(connection, role, getattr(passwords, role))
        _create_database(connection)
    with superuser_connection(socket_directory, passwords, database=DATABASE) as connection:
        connection.execute(statements("database.sql"))


def superuser_connection(
    socket_directory: Path, passwords: Passwords, *, database: str
) -> psycopg.Connection:
    return psycopg.connect(
        host=str(socket_directory),
        port=5432,
        user=SUPERUSER,
        password=passwords.encaisse_super,
        dbname=database,
        autocommit=True,
        connect_timeout=10,
    )


@cache
def statements(name: str) -> bytes:
    """Return one of the package's SQL files, the same an administrator runs with psql."""
    return resources.files("encaisse.cli").joinpath("sql", name).read_bytes()


def _set_password(connection: psycopg.Connection, role: str, password: str) -> None:
    # Only the digest travels, so the password cannot land in the server's log.
    digest = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    statement = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), digest.decode())
    connection.execute(statement)


def _create_database(connection: psycopg.Connection) -> None:
    row = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
    if row is not None:
        return
    connection.execute(
        sql.SQL(
            "CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8' "
            "LC_COLLATE 'C' LC_CTYPE 'C'"
        ).format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
    )
