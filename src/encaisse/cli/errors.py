"""What a command says when it cannot go on, with its exit code."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from encaisse.kernel.errors import DomainError


class ExitCode(IntEnum):
    OK = 0
    FAILED = 1
    USAGE = 2
    NOTHING_RUNNING = 3


class CommandFailed(Exception):
    """Carries one plain French sentence for the terminal."""

    exit_code = ExitCode.FAILED
    # What programs read; a person reads the sentence.
    code = "command_failed"


class UsageError(CommandFailed):
    exit_code = ExitCode.USAGE
    code = "usage"


class NothingRunning(CommandFailed):
    exit_code = ExitCode.NOTHING_RUNNING
    code = "nothing_running"


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what our services refuse into the sentence and the code of a failed command."""
    try:
        yield
    except DomainError as error:
        failure = CommandFailed(error.message)
        failure.code = error.code
        raise failure from error
