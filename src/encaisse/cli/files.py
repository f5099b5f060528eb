"""Small files that appear whole or not at all, and the ends of logs."""

import os
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Write a file others cannot read, and let it appear under its name only once complete."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def last_lines(path: Path, *, since: int = 0, count: int = 15) -> str:
    """Return the end of what was written to a log after its first `since` bytes."""
    with path.open("rb") as log:
        log.seek(since)
        text = log.read().decode("utf-8", errors="replace")
    return "\n".join(text.splitlines()[-count:])
