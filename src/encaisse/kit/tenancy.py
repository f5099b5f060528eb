"""Whose rows the current transaction may see. Row-level security reads the setting made here."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection, transaction

from encaisse.kit.gathering import is_gathering
from encaisse.kit.whose import current_organization, organization_of_the_block

__all__ = ["TenantMismatch", "acting_as_user", "acting_for", "current_organization"]


class TenantMismatch(RuntimeError):
    """A block for one organization was opened inside another's: always our mistake."""


@contextmanager
def acting_for(organization_id: UUID) -> Iterator[None]:
    """
    Open a transaction that sees the rows of this organization only; join one already open.

    :raises TenantMismatch: a block for another organization is open
    """
    opened = current_organization()
    if opened is not None and opened != organization_id:
        raise TenantMismatch(f"Acting for {opened}, asked to act for {organization_id}.")
    if opened == organization_id:
        # A batch succeeds or fails as a whole: a point to return to would only cost.
        with transaction.atomic(savepoint=not is_gathering()):
            yield
        return
    with _transaction_with("encaisse.organization_id", organization_id):
        token = organization_of_the_block.set(organization_id)
        try:
            yield
        finally:
            organization_of_the_block.reset(token)


@contextmanager
def acting_as_user(user_id: UUID) -> Iterator[None]:
    """Open a transaction in which a person sees their memberships, whatever the organization."""
    with _transaction_with("encaisse.user_id", user_id):
        yield


@contextmanager
def _transaction_with(name: str, value: UUID) -> Iterator[None]:
    is_joined = connection.in_atomic_block
    with transaction.atomic():
        _set(name, str(value))
        yield
        # A rollback takes the setting back by itself, and so does the end of our own
        # transaction. One that we joined goes on, and there it must not linger.
        if is_joined:
            _set(name, "")


def _set(name: str, value: str) -> None:
    # SET LOCAL, not set_config(): a distributed PostgreSQL passes only the former on to its
    # workers. The text of a UUID cannot carry SQL.
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL {name} = '{value}'")
