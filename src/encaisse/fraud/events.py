from dataclasses import dataclass
from uuid import UUID

from encaisse.kit.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened(Event):
    """A payment, or a link, waits for somebody to look at it."""

    case_id: UUID
    is_link: bool
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClosed(Event):
    """Somebody, or the end of the bank's agreement, decided what waited."""

    case_id: UUID
    is_link: bool
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityAsked(Event):
    """Whoever reviews a payment wants its payer to make themselves known."""

    case_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportContested(Event):
    """Somebody contests, at another firm, what this one reported: a person must look again."""

    report_id: UUID
