"""Child processes that never outlive the one that started them."""

import ctypes
import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

_PR_SET_PDEATHSIG = 1
# Loaded once, before any fork: a child must not allocate more than it needs between fork and exec.
_libc = ctypes.CDLL(None, use_errno=True)


def dies_with_parent(death_signal: signal.Signals) -> Callable[[], None]:
    """
    Return a `preexec_fn` after which the kernel signals the child when its parent dies, even by
    SIGKILL. The kernel binds this to the parent's *thread*: start children from a thread that
    lives as long as they do.
    """
    return partial(_die_with, os.getpid(), death_signal)


def _die_with(parent_id: int, death_signal: signal.Signals) -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, int(death_signal))
    # The parent may have died between fork and prctl; then no signal will ever come.
    if os.getppid() != parent_id:
        os._exit(1)


def is_alive(process_id: int) -> bool:
    """Tell whether the process runs. One that ended but was not yet reaped does not."""
    try:
        status = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    state = status.rpartition(")")[2].split()[0]
    return state not in {"Z", "X"}


def command_line(process_id: int) -> list[str]:
    """Return the arguments a process was started with; empty when it is gone."""
    try:
        raw = Path(f"/proc/{process_id}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [os.fsdecode(argument) for argument in raw.split(b"\0")[:-1]]
