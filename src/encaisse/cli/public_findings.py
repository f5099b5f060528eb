"""What looking at a site from outside finds, and the best grade it leaves possible."""

from dataclasses import dataclass
from enum import StrEnum

from encaisse.cli.findings import Finding, failure, fine, warning


class Grade(StrEnum):
    """From the best to the worst."""

    BEST = "A+"
    A = "A"
    B = "B"
    C = "C"
    D = "D"
    F = "F"


@dataclass(frozen=True, slots=True)
class Graded:
    id: str
    finding: Finding
    ceiling: Grade

    def as_document(self) -> dict[str, str]:
        return {
            "id": self.id,
            "status": self.finding.status.value,
            "message": self.finding.message,
            "cure": self.finding.cure,
            "ceiling": self.ceiling.value,
        }


def good(name: str, message: str) -> Graded:
    return Graded(name, fine(message), Grade.BEST)


def poor(name: str, ceiling: Grade, message: str, *, cure: str) -> Graded:
    return Graded(name, warning(message, cure=cure), ceiling)


def bad(name: str, ceiling: Grade, message: str, *, cure: str) -> Graded:
    return Graded(name, failure(message, cure=cure), ceiling)


def grade_of(results: list[Graded]) -> Grade:
    """Return the lowest ceiling: one open door makes the whole house open."""
    order = list(Grade)
    return max((result.ceiling for result in results), key=order.index, default=Grade.BEST)
