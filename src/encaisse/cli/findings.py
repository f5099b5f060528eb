"""What a check finds, in words for people and ids for programs."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    status: Status
    message: str
    cure: str = ""


def fine(message: str) -> Finding:
    return Finding(Status.OK, message)


def warning(message: str, *, cure: str) -> Finding:
    return Finding(Status.WARN, message, cure)


def failure(message: str, *, cure: str) -> Finding:
    return Finding(Status.FAIL, message, cure)
