"""Every column of text or bytes says what a thief of the disk would find in it, and why."""

import pytest
from django.apps import apps
from django.db import connections

from encaisse.kit.at_rest import How, declarations

# Everything that can carry words: enumerations too, in case one is ever made of personal data.
WORDY = {
    "ARRAY", "USER-DEFINED", "bytea", "character", "character varying", "cidr", "inet", "json",
    "jsonb", "name", "text", "xml",
}  # fmt: skip
WORDY_FIELDS = {
    "ArrayField", "BinaryField", "CharField", "FileField", "GenericIPAddressField", "HStoreField",
    "JSONField", "TextField",
}  # fmt: skip


def stored_columns() -> set[tuple[str, str]]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns "
            "WHERE table_schema = 'public'"
        )
        return {(table, column) for table, column, kind in cursor.fetchall() if kind in WORDY}


def model_columns() -> set[tuple[str, str]]:
    return {
        (model._meta.db_table, field.column)
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if field.get_internal_type() in WORDY_FIELDS
        or any(base.__name__ in WORDY_FIELDS for base in type(field).__mro__)
    }


def as_lines(columns: set[tuple[str, str]]) -> list[str]:
    return sorted(f"{table}.{column}" for table, column in columns)


def test_every_column_of_the_database_is_declared():
    undeclared = stored_columns() - declarations().keys()

    assert as_lines(undeclared) == [], "say it in the package's protection.py"


def test_every_column_of_a_model_is_declared():
    undeclared = model_columns() - declarations().keys()

    assert as_lines(undeclared) == [], "say it in the package's protection.py"


def test_nothing_is_declared_that_does_not_exist():
    assert as_lines(declarations().keys() - stored_columns()) == []


@pytest.mark.parametrize("column", declarations().values(), ids=lambda c: f"{c.table}.{c.name}")
def test_every_declaration_has_its_reason_in_one_sentence(column):
    assert 10 <= len(column.reason) <= 110
    assert column.reason.endswith(".")


def test_what_is_named_sealed_is_declared_sealed():
    misnamed = {
        place
        for place, column in declarations().items()
        if place[1].endswith("_sealed") and column.how is not How.SEALED
    }

    assert misnamed == set()


def test_every_sealed_column_is_renewed_or_stands_under_a_key_that_is():
    """Only files and audited facts, which have keys of their own, are left as they are."""
    under_subjects = {
        place for place, c in declarations().items() if c.how is How.SEALED and not c.sealing
    }

    assert under_subjects == {("kit_filecontent", "sealed"), ("audit_auditpayload", "sealed")}
