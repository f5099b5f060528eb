"""What a command says when it cannot go on, with its exit code."""

from enum import IntEnum


class ExitCode(IntEnum):
    OK = 0
    FAILED = 1
    USAGE = 2
    NOTHING_RUNNING = 3


class CommandFailed(Exception):
    """Carries one plain French sentence for the terminal."""

    exit_code = ExitCode.FAILED


class UsageError(CommandFailed):
    exit_code = ExitCode.USAGE


class NothingRunning(CommandFailed):
    exit_code = ExitCode.NOTHING_RUNNING
