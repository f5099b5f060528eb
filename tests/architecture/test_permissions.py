"""Every page and every operation says what it asks for, and the printed table says the same."""

from pathlib import Path

import pytest
from ninja.operation import PathView

from encaisse.api.app import api
from encaisse.api.auth import Scope
from encaisse.config.permissions import operations, pages, permissions_page
from encaisse.organizations.core import (
    FOUR_EYES,
    PERMISSION_WORDS,
    PERMISSIONS,
    SENSITIVE,
    Permission,
    Role,
)

ROOT = Path(__file__).parents[2]


def test_the_table_is_fresh():
    written = (ROOT / "docs/permissions.md").read_text(encoding="utf-8")

    assert written == permissions_page(), "run make permissions"


def test_every_operation_of_the_api_asks_for_exactly_one_permission():
    asked = {
        f"{sorted(operation.methods)} {path}": [type(auth) for auth in operation.auth_callbacks]
        for path, view in every_view()
        for operation in view.operations
    }

    assert len(asked) >= len(operations()) > 20
    assert {name for name, kinds in asked.items() if kinds != [Scope]} == set()


def test_no_operation_of_the_api_is_hidden_from_the_description():
    hidden = [
        path for path, view in every_view() for one in view.operations if not one.include_in_schema
    ]

    assert hidden == []


def test_what_reads_asks_for_a_right_to_read_and_what_writes_never_does():
    reads = {method: [scope for m, _path, scope in operations() if m == method]
             for method in ("GET", "POST")}  # fmt: skip

    assert {scope.partition(":")[2] for scope in reads["GET"]} == {"read"}
    assert "read" not in {scope.partition(":")[2] for scope in reads["POST"]}


@pytest.mark.parametrize("permission", list(Permission))
def test_every_permission_has_words_an_owner_and_something_to_open(permission):
    assert PERMISSION_WORDS[permission]
    assert permission in PERMISSIONS[Role.OWNER]


def test_every_permission_opens_something_or_is_said_to_wait_for_its_page():
    opened = {page.permission for page in pages()} | {scope for *_, scope in operations()}
    # Their pages come with exports and the books.
    waiting = {Permission.EXPORTS_READ, Permission.LEDGER_READ}

    assert set(Permission) - opened <= waiting


def test_the_auditor_changes_nothing_and_the_collector_sees_no_bank():
    assert {p.partition(":")[2] for p in PERMISSIONS[Role.AUDITOR]} == {"read"}
    assert not {p for p in PERMISSIONS[Role.COLLECTOR] if p.startswith("bank")}


def test_what_two_people_may_be_asked_for_is_never_opened_by_a_password_alone():
    assert set(FOUR_EYES) <= SENSITIVE


def every_view() -> list[tuple[str, PathView]]:
    return [
        (f"{prefix}{path}", view)
        for prefix, router in api._routers
        for path, view in router.path_operations.items()
    ]
