"""A database of before: what it held in clear is sealed by the migrations, row by row."""

import os
import subprocess
import sys
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from encaisse.kit.crypto import Place, unseal
from plugins.postgres import URL_VARIABLES, _with_database

BEFORE = [
    ("organizations", "0005"), ("treasury", "0004"), ("payments", "0003"), ("invoicing", "0002"),
]  # fmt: skip
ROWS = 1203  # more than two batches


# One process for all of them: each would read every migration again.
BACK_THEN = f"""
import django
django.setup()
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
executor = MigrationExecutor(connections["owner"])
named = executor.loader.get_migration_by_prefix
executor.migrate([(app, named(app, number).name) for app, number in {BEFORE}])
"""


def run(url: str, *arguments: str) -> None:
    environment = os.environ | {URL_VARIABLES["owner"]: url}
    subprocess.run([sys.executable, *arguments], check=True, env=environment)


def migrate(url: str) -> None:
    run(url, "-m", "django", "migrate", "--database", "owner", "--verbosity", "0")


@pytest.fixture
def old_database():
    """Return the address of a database as it was before anything was sealed."""
    owner = os.environ[URL_VARIABLES["owner"]]
    name = f"before_{uuid4().hex[:12]}"
    with psycopg.connect(_with_database(owner, "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    url = _with_database(owner, name)
    run(url, "-c", BACK_THEN)
    yield url
    with psycopg.connect(_with_database(owner, "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


def test_documents_and_names_of_before_open_as_they_were(old_database):
    firm, account = uuid4(), uuid4()
    with psycopg.connect(old_database) as connection:
        connection.cursor().executemany(
            "INSERT INTO invoicing_document "
            "(id, organization_id, kind, number, sha256, snapshot, created_at) "
            "VALUES (%s, %s, 'final', %s, '', %s, now())",
            [(uuid4(), firm, f"F-{n}", Jsonb({"number": n, "é": ["à"]})) for n in range(ROWS)],
        )
        connection.execute(
            "INSERT INTO treasury_bankaccount (id, organization_id, label, bank_name, iban_sealed, "
            "iban_index, iban_masked, holder_sealed, currency, is_collecting, created_at) VALUES "
            "(%s, %s, 'Compte pro', '', '', '', '', '', 'EUR', false, now())",
            [account, firm],
        )

    migrate(old_database)

    with psycopg.connect(old_database) as connection:
        documents = connection.execute(
            "SELECT id, number, snapshot_sealed FROM invoicing_document"
        ).fetchall()
        [(label, bank)] = connection.execute(
            "SELECT label_sealed, bank_name_sealed FROM treasury_bankaccount"
        ).fetchall()
        with pytest.raises(psycopg.errors.RestrictViolation):
            connection.execute("UPDATE invoicing_document SET number = 'F-0'")
    assert len(documents) == ROWS
    for row_id, number, sealed in documents:
        text = unseal(sealed, Place("invoicing_document", "snapshot", row_id, firm))
        assert text == f'{{"é": ["à"], "number": {number[2:]}}}'
    assert unseal(label, Place("treasury_bankaccount", "label", account, firm)) == "Compte pro"
    assert bank is None
