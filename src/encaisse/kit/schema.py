"""The SQL every tenant table needs, written once and used by migrations."""

from collections.abc import Iterator
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import RunPython, RunSQL
from django.db.migrations.state import StateApps
from django.db.models import QuerySet

from encaisse.kit.sealed import seal_plain

APPLICATION_ROLE = "encaisse_app"
_BATCH = 500
# What RunSQL takes: plain statements, or statements with parameters.
_Statements = list[str | tuple[str, dict[str, Any] | list[Any] | tuple[Any, ...] | None]]
_TENANT = "nullif(current_setting('encaisse.organization_id', true), '')::uuid"


def tenant_table(table: str, *, extra_policy: str | None = None) -> RunSQL:
    """
    Show the rows of `table` to their organization only, and make (organization_id, id) a key.

    `extra_policy` is a further condition under which rows may be read (never written).
    """
    statements: _Statements = [
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_tenant_key UNIQUE (organization_id, id)",
        *_row_security(table),
    ]
    if extra_policy:
        statements.append(
            f"CREATE POLICY {table}_reader ON {table} FOR SELECT USING ({extra_policy})"
        )
    return RunSQL(statements, _drop(table))


def tenant_reference(table: str, column: str, target: str) -> RunSQL:
    """Reference (organization_id, id) of `target`: no row can point across organizations."""
    name = f"{table}_{column}_tenant_fk"
    return RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (organization_id, {column}) "
        f"REFERENCES {target} (organization_id, id) DEFERRABLE INITIALLY DEFERRED",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


def append_only(table: str) -> RunSQL:
    """Refuse UPDATE and DELETE to everyone, the owner included; the application cannot even ask."""
    refuse = "EXECUTE FUNCTION encaisse_refuse_change()"
    rows = f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW"
    whole = f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT"
    return RunSQL(
        [
            f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {APPLICATION_ROLE}",
            f"{rows} {refuse}",
            f"{whole} {refuse}",
        ],
        f"DROP TRIGGER {table}_append_only ON {table}; DROP TRIGGER {table}_no_truncate ON {table}",
    )


def without_guard(table: str) -> RunSQL:
    """Take the row guard of an append-only table away, in a migration that puts one back."""
    return RunSQL(
        f"DROP TRIGGER {table}_append_only ON {table}",
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW "
        "EXECUTE FUNCTION encaisse_refuse_change()",
    )


def guard_but_sealed(table: str, *columns: str) -> RunSQL:
    """
    Put the guard back, letting the owner write another ciphertext of the same row and nothing
    else: that is how keys are renewed. The application still cannot even ask.
    """
    names = ", ".join(f"'{name}'" for name in columns)
    return RunSQL(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW "
        f"EXECUTE FUNCTION encaisse_refuse_change_but_sealed({names})",
        f"DROP TRIGGER {table}_append_only ON {table}",
    )


def seal_existing(app: str, model: str, column: str) -> RunPython:
    """
    Seal what the rows hold in `column` into `<column>_sealed`, by batches.

    It cannot be taken back: what was sealed is not written in clear again.
    """

    def seal_rows(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        rows = apps.get_model(app, model)._default_manager.using(editor.connection.alias)
        for batch in _batches(rows.all()):
            for row in batch:
                setattr(row, f"{column}_sealed", seal_plain(row, column))
            rows.bulk_update(batch, [f"{column}_sealed"])

    return RunPython(seal_rows)


def _batches(rows: "QuerySet[Any]") -> Iterator[list[Any]]:
    last = None
    while True:
        following = rows.order_by("id") if last is None else rows.filter(id__gt=last).order_by("id")
        batch = list(following[:_BATCH])
        if not batch:
            return
        yield batch
        last = batch[-1].id


def never_deleted(table: str) -> RunSQL:
    """A row that carries a state about money is closed, never deleted."""
    return RunSQL(
        f"REVOKE DELETE, TRUNCATE ON {table} FROM {APPLICATION_ROLE}",
        f"GRANT DELETE ON {table} TO {APPLICATION_ROLE}",
    )


def _row_security(table: str) -> _Statements:
    own = f"(organization_id = {_TENANT})"
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY {table}_tenant ON {table} USING {own} WITH CHECK {own}",
    ]


def _drop(table: str) -> str:
    return f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY"
