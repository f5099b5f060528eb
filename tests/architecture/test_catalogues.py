"""What is generated is fresh, what is named is complete, what belongs to a firm is guarded."""

from collections import Counter
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connections
from procrastinate.contrib.django import app as jobs

from encaisse.config.catalogue import errors, errors_page, openapi_document
from encaisse.kit.events import Event
from encaisse.kit.models import TenantForeignKey, TenantRecord
from encaisse.webhooks.core import INTERNAL_NAMES, PUBLIC_NAMES

ROOT = Path(__file__).parents[2]
TENANT_MODELS = [model for model in apps.get_models() if issubclass(model, TenantRecord)]


def rows(sql: str, *parameters: object) -> list[tuple]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


class TestErrors:
    def test_every_code_is_used_once(self):
        counts = Counter(error.code for error in errors())

        assert [code for code, count in counts.items() if count > 1] == []

    def test_every_error_speaks_french_of_its_own(self):
        silent = [e.__name__ for e in errors() if "french" not in vars(e)]

        assert silent == []

    def test_the_catalogue_is_fresh(self):
        assert (ROOT / "docs/errors.md").read_text() == errors_page(), "run make errors"


class TestApi:
    def test_the_description_is_fresh(self):
        written = (ROOT / "docs/api/openapi.json").read_text()

        assert written == openapi_document(), "run make openapi"


class TestEvents:
    def test_every_event_has_a_public_name_or_is_said_to_be_internal(self):
        names = {event.__name__ for event in Event.__subclasses__()}

        assert names - set(PUBLIC_NAMES) - INTERNAL_NAMES == set()


class TestJobs:
    def test_every_queued_name_is_a_job(self):
        jobs.perform_import_paths()
        known = set(jobs.tasks)
        queued = set()
        for path in (ROOT / "src/encaisse").rglob("*.py"):
            text = path.read_text().replace("def enqueue(", "")
            for marker in ('enqueue("', "enqueue(\n", 'enqueue_once("', '_queue("'):
                for piece in text.split(marker)[1:]:
                    queued.add(piece.lstrip().lstrip('"').split('"')[0])

        assert queued - known == set()


class TestTenantTables:
    @pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model.__name__)
    def test_row_security_is_forced(self, model):
        (found,) = rows(
            "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = %s",
            model._meta.db_table,
        )

        assert found == (True, True)

    @pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model.__name__)
    def test_every_unique_key_contains_the_organization(self, model):
        keys = rows(
            """
            SELECT conname, array_agg(attname::text)
            FROM pg_constraint
            JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY (conkey)
            WHERE conrelid = %s::regclass AND contype = 'u' GROUP BY conname
            """,
            model._meta.db_table,
        )

        assert keys
        assert [name for name, columns in keys if "organization_id" not in columns] == []

    @pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model.__name__)
    def test_every_reference_stays_inside_the_organization(self, model):
        wanted = {
            field.column
            for field in model._meta.get_fields()
            if isinstance(field, TenantForeignKey)
        }
        guarded = rows(
            """
            SELECT array_agg(attname::text)
            FROM pg_constraint
            JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY (conkey)
            WHERE conrelid = %s::regclass AND contype = 'f' GROUP BY conname
            """,
            model._meta.db_table,
        )
        columns = {c for (names,) in guarded if "organization_id" in names for c in names}

        assert wanted - columns == set()
