"""What a backup takes from PostgreSQL and gives back to it: one snapshot, its own programs."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from encaisse.audit.core import GENESIS, Link
from encaisse.cli.backup_file import CHUNK, Backup
from encaisse.cli.errors import CommandFailed
from encaisse.cli.postgres_binaries import PostgresNotFound, find_binaries
from encaisse.cli.postgres_roles import APPLICATION
from encaisse.cli.postgres_server import clean_environment

# libpq's own names for what an address may carry. A password never stands in a command line.
_VARIABLES = {
    "host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD",
    "dbname": "PGDATABASE", "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY",
}  # fmt: skip
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
_TOTALS = """
    SELECT organization_id::text, account, side, currency, sum(amount_minor)::text
    FROM ledger_journalline GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""
_HEADS = (
    "SELECT organization_id::text, sequence, encode(digest, 'hex') FROM audit_audithead ORDER BY 1"
)
_END_SESSIONS = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = %s AND backend_type = 'client backend'
"""
_ENTRIES = """
    SELECT organization_id, sequence, created_at, actor, action, target, payload_digest, digest
    FROM audit_auditentry ORDER BY organization_id, sequence
"""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The database at one moment, for as long as the connection stays open."""

    connection: psycopg.Connection
    name: str


@contextmanager
def snapshot(url: str) -> Iterator[Snapshot]:
    """Hold one consistent moment: what is counted here is what will be dumped."""
    with psycopg.connect(url) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        yield Snapshot(connection, str(row[0]) if row else "")
        connection.rollback()


def facts_of(connection: psycopg.Connection) -> dict[str, Any]:
    """Return what a restored copy must have: rows of each table, totals of the books, seals."""
    tables = [name for (name,) in connection.execute(_TABLES).fetchall()]
    return {
        "rows": {name: _count(connection, name) for name in tables},
        "ledger": [list(row) for row in connection.execute(_TOTALS).fetchall()],
        "audit_heads": [list(row) for row in connection.execute(_HEADS).fetchall()],
        "server": connection.info.server_version // 10_000,
    }


def dump_into(url: str, name: str, out: IO[bytes], server: int) -> None:
    """Write the dump of a snapshot, compressed by PostgreSQL."""
    command = [
        _program("pg_dump", server), "--format=custom", "--compress=6", "--no-comments",
        f"--snapshot={name}", "--no-password",
    ]  # fmt: skip
    with subprocess.Popen(  # noqa: S603  PostgreSQL's own program
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_environment(url)
    ) as process:
        if process.stdout is None or process.stderr is None:
            raise AssertionError("Both were asked for.")
        while piece := process.stdout.read(CHUNK):
            out.write(piece)
        complaint = process.stderr.read().decode(errors="replace")
    if process.returncode != 0:
        raise CommandFailed(f"pg_dump a échoué :\n{complaint.strip()}")


def read_through(backup: Backup, server: int) -> int:
    """Have PostgreSQL read a whole dump without a database; return its size."""
    command = [_program("pg_restore", server), "--file=/dev/null"]
    return _feed(backup, command, clean_environment())


def restore_into(backup: Backup, url: str, server: int) -> int:
    command = [
        _program("pg_restore", server), "--no-owner", "--no-comments", "--exit-on-error",
        "--no-password", f"--dbname={conninfo_to_dict(url)['dbname']}",
    ]  # fmt: skip
    return _feed(backup, command, _environment(url))


def _feed(backup: Backup, command: list[str], environment: Mapping[str, str]) -> int:
    size = 0
    process = subprocess.Popen(  # noqa: S603  PostgreSQL's own program
        command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    )
    if process.stdin is None or process.stderr is None:
        raise AssertionError("Both were asked for.")
    try:
        for piece in backup.dump():
            size += len(piece)
            _give(process.stdin, piece)
        _give(process.stdin, b"", last=True)
    except BaseException:
        process.kill()
        process.communicate()
        raise
    complaint = process.stderr.read().decode(errors="replace")
    process.stderr.close()
    if process.wait() != 0:
        raise CommandFailed(f"pg_restore a échoué :\n{complaint.strip()}")
    return size


def _give(pipe: IO[bytes], piece: bytes, *, last: bool = False) -> None:
    # A program that gave up reads no more: its exit code and its complaint say why.
    try:
        pipe.write(piece)
        if last:
            pipe.close()
    except BrokenPipeError:
        pass


@contextmanager
def temporary_database(url: str, prefix: str) -> Iterator[str]:
    """Make an empty database beside the one in use, and drop it in the end."""
    name = f"{prefix}_{uuid4().hex[:12]}"
    create_database(url, name)
    try:
        yield with_database(url, name)
    finally:
        drop_database(url, name)


def create_database(url: str, name: str) -> None:
    with _beside(url) as connection:
        connection.execute(
            sql.SQL(
                "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"
            ).format(sql.Identifier(name))
        )
        revoke = sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC")
        connection.execute(revoke.format(sql.Identifier(name)))


def drop_database(url: str, name: str) -> None:
    """
    Drop a database after ending the sessions that use it. Not by FORCE, which refuses an owner who
    is no superuser while the server cleans that database; a plain DROP sends the cleaner away.
    """
    with _beside(url) as connection:
        connection.execute(_END_SESSIONS, [name])
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def put_in_place(url: str, fresh: str, *, former: str | None) -> None:
    """
    Give a restored database the name in use, in one commit: there is always one of that name.
    What had it is kept under another name, or dropped when it was empty.
    """
    name, aside = str(conninfo_to_dict(url)["dbname"]), former or f"{fresh}_vide"
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    grant = sql.SQL("GRANT CONNECT ON DATABASE {} TO {}")
    with _beside(url) as connection, connection.transaction():
        connection.execute(grant.format(sql.Identifier(fresh), sql.Identifier(APPLICATION)))
        connection.execute(rename.format(sql.Identifier(name), sql.Identifier(aside)))
        connection.execute(rename.format(sql.Identifier(fresh), sql.Identifier(name)))
    if former is None:
        drop_database(url, aside)


def is_empty(url: str) -> bool:
    with psycopg.connect(url) as connection:
        return connection.execute(_TABLES).fetchone() is None


def others_connected(url: str) -> int:
    """Return how many other connections the database has: it cannot be replaced under them."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() "
            # PostgreSQL's own workers, which have no user, come and go and give way.
            "AND usesysid IS NOT NULL"
        ).fetchone()
    return row[0] if row else 0


def differences(url: str, manifest: Mapping[str, Any]) -> list[str]:
    """Return, in French, where a restored copy is not what the backup says."""
    with psycopg.connect(url) as connection:
        found = facts_of(connection)
        broken = _broken_chains(connection, manifest["audit_heads"])
    told = [
        f"table {name} : {found['rows'].get(name)} lignes au lieu de {count}"
        for name, count in manifest["rows"].items()
        if found["rows"].get(name) != count
    ]
    if found["ledger"] != manifest["ledger"]:
        told.append("les totaux du journal comptable diffèrent")
    return told + broken


def _broken_chains(connection: psycopg.Connection, heads: list[Any]) -> list[str]:
    """Recompute every chain of the journal from its first line, as the copy holds it."""
    previous: dict[UUID, bytes] = {}
    sequences: dict[UUID, int] = {}
    told = []
    with connection.cursor(name="entries") as cursor:
        for organization, sequence, at, actor, action, target, facts, digest in cursor.execute(
            _ENTRIES
        ):
            link = Link(organization, sequence, at, actor, action, target, bytes(facts))
            is_next = sequence == sequences.get(organization, 0) + 1
            if not is_next or link.digest(previous.get(organization, GENESIS)) != bytes(digest):
                told.append(f"journal de {organization} rompu à la ligne {sequence}")
            previous[organization], sequences[organization] = bytes(digest), sequence
    ends = [[str(o), sequences[o], digest.hex()] for o, digest in sorted(previous.items(), key=str)]
    if sorted(ends) != sorted(head for head in heads if head[1]):
        told.append("les sceaux du journal diffèrent")
    return told


def with_database(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()


@contextmanager
def _beside(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(with_database(url, "postgres"), autocommit=True) as connection:
        yield connection


def _count(connection: psycopg.Connection, table: str) -> int:
    query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier("public", table))
    row = connection.execute(query).fetchone()
    return row[0] if row else 0


def _program(name: str, server: int) -> str:
    """Return the program of the server's own version, else of the newest: never an older one."""
    try:
        binaries = find_binaries(major=server)
    except PostgresNotFound:
        binaries = find_binaries()
    if binaries.major < server:
        raise CommandFailed(
            f"La base est un PostgreSQL {server}, et {name} n’est ici que de la version "
            f"{binaries.major} : installez postgresql-client-{server}."
        )
    return binaries.program(name)


def _environment(url: str) -> dict[str, str]:
    given = conninfo_to_dict(url)
    named = {_VARIABLES[key]: str(value) for key, value in given.items() if key in _VARIABLES}
    return {**clean_environment(), **named, "HOME": os.environ.get("HOME", "/")}
