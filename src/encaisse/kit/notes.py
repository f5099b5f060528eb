"""What commands note in the data folder when they succeed, for pages and alerts to tell."""

import json
from pathlib import Path
from typing import Any

# The last backup and the last drill; what was seen of each site looked at from outside.
BACKUPS, PUBLIC_CHECKS = "backups.json", "public_checks.json"


def noted(folder: Path, name: str) -> dict[str, Any]:
    """
    Return what was noted; nothing where nothing was.

    A file that cannot be read proves nothing: it is told as what was never done, and written again
    the next time it is.
    """
    path = folder / name
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
