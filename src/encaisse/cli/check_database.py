"""The checks that ask the database, as the application role."""

from collections.abc import Callable
from datetime import UTC, datetime

import psycopg
from django.db import connection as django_connection
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql

from encaisse.cli.check_providers import check_webhook_round_trip
from encaisse.cli.findings import Finding, failure, fine, warning
from encaisse.cli.postgres_binaries import OLDEST_MAJOR

DatabaseCheck = Callable[[psycopg.Connection], Finding]

# The one table read before the tenant is known; it holds digests and no personal data.
_OPEN_TABLES = ["organizations_handle"]
_TENANT_TABLES = """
    SELECT c.relname,
           c.relrowsecurity AND c.relforcerowsecurity
           AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization_id'
                       AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p') AND NOT c.relname = ANY (%s)
    ORDER BY c.relname
"""
# The worker writes every two seconds, and may be at its busiest.
_WORKER_SILENCE_SECONDS = 35
_SKEW_WARNING_SECONDS = 2.0
_SKEW_FAILURE_SECONDS = 20.0


def check_version(connection: psycopg.Connection) -> Finding:
    major = connection.info.server_version // 10_000
    if major >= OLDEST_MAJOR:
        return fine(f"PostgreSQL {major}")
    return failure(
        f"PostgreSQL {major} est trop ancien.",
        cure=f"Passez à PostgreSQL {OLDEST_MAJOR} ou plus récent (pg_upgrade).",
    )


def check_role(connection: psycopg.Connection) -> Finding:
    row = connection.execute(
        """
        SELECT current_user,
               rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication,
               has_schema_privilege('public', 'CREATE'),
               EXISTS (SELECT FROM pg_class c
                       WHERE c.relnamespace = 'public'::regnamespace
                         AND pg_has_role(c.relowner, 'MEMBER'))
        FROM pg_roles WHERE rolname = current_user
        """
    ).fetchone()
    if row is not None and not any(row[1:]):
        return fine(f"Le rôle {row[0]} n’a aucun droit de trop.")
    return failure(
        "Le rôle de l’application peut passer outre le cloisonnement des entreprises.",
        cure="Appliquez les droits de docs/install.md (roles.sql) et ENCAISSE_DATABASE_URL avec "
        "le rôle encaisse_app.",
    )


def check_tenant_tables(connection: psycopg.Connection) -> Finding:
    tables = _tenant_tables(connection)
    unprotected = [name for name, is_protected in tables if not is_protected]
    if not tables:
        return _no_tables()
    if unprotected:
        return failure(
            f"Tables sans cloisonnement : {', '.join(unprotected)}.",
            cure="Lancez encaisse migrate.",
        )
    return fine(f"{len(tables)} tables cloisonnées par entreprise.")


def check_probe(connection: psycopg.Connection) -> Finding:
    """Read every tenant table without naming an organization: nothing may appear."""
    tables = [name for name, _ in _tenant_tables(connection)]
    leaking = [name for name in tables if _shows_rows(connection, name)]
    if not tables:
        return _no_tables()
    if leaking:
        return failure(
            f"Lignes visibles sans entreprise désignée : {', '.join(leaking)}.",
            cure="Arrêtez le service, puis lancez encaisse migrate.",
        )
    return fine("Sans entreprise désignée, aucune ligne n’est visible.")


def check_migrations(_connection: psycopg.Connection) -> Finding:
    executor = MigrationExecutor(django_connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        return fine("La base est à jour.")
    return failure(
        f"{len(plan)} mises à jour de la base attendent.", cure="Lancez encaisse migrate."
    )


def check_worker(connection: psycopg.Connection) -> Finding:
    if connection.execute("SELECT to_regclass('procrastinate_workers')").fetchone() == (None,):
        return _no_tables()
    row = connection.execute(
        "SELECT extract(epoch FROM now() - max(last_heartbeat))::int FROM procrastinate_workers"
    ).fetchone()
    seconds = row[0] if row is not None else None
    if seconds is not None and seconds <= _WORKER_SILENCE_SECONDS:
        return fine(f"Les tâches de fond tournent (signe de vie il y a {max(seconds, 0)} s).")
    since = "jamais vues" if seconds is None else f"silencieuses depuis {seconds} s"
    return failure(
        f"Tâches de fond {since} : les e-mails et les paiements en attente n’avancent pas.",
        cure="Relancez le service (systemctl restart encaisse, ou encaisse up).",
    )


def check_clock(connection: psycopg.Connection) -> Finding:
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    here = datetime.now(UTC)
    seconds = 0.0 if row is None else abs((here - row[0]).total_seconds())
    if seconds <= _SKEW_WARNING_SECONDS:
        return fine("Les horloges du serveur et de la base s’accordent.")
    message = f"L’horloge du serveur et celle de la base diffèrent de {seconds:.0f} s."
    cure = "Activez la synchronisation : timedatectl set-ntp true."
    if seconds <= _SKEW_FAILURE_SECONDS:
        return warning(message, cure=cure)
    return failure(message, cure=cure)


def _tenant_tables(connection: psycopg.Connection) -> list[tuple[str, bool]]:
    return connection.execute(_TENANT_TABLES, [_OPEN_TABLES]).fetchall()


def _shows_rows(connection: psycopg.Connection, table: str) -> bool:
    query = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier("public", table))
    return connection.execute(query).fetchone() == (True,)


def _no_tables() -> Finding:
    return failure("La base est vide.", cure="Lancez encaisse migrate.")


DATABASE_CHECKS: dict[str, DatabaseCheck] = {
    "database.version": check_version,
    "roles.application_not_privileged": check_role,
    "rls.every_tenant_table": check_tenant_tables,
    "rls.probe": check_probe,
    "migrations.applied": check_migrations,
    "worker.heartbeat": check_worker,
    "clock.skew": check_clock,
    "provider.webhook_round_trip": check_webhook_round_trip,
}
