"""For which organization the running code acts: set by `tenancy`, told by every line of a log."""

from contextvars import ContextVar
from uuid import UUID

organization_of_the_block: ContextVar[UUID | None] = ContextVar(
    "encaisse_organization", default=None
)


def current_organization() -> UUID | None:
    """Return the organization the open block acts for, if any."""
    return organization_of_the_block.get()
