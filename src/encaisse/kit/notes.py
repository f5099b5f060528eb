"""What commands note in the data folder when they succeed, for pages and alerts to tell."""

import json
from pathlib import Path
from typing import Any

# The last backup and the last drill; what was seen of each site looked at from outside.
BACKUPS, PUBLIC_CHECKS = "backups.json", "public_checks.json"


def noted(folder: Path, name: str) -> dict[str, Any]:
    """Return what was noted; nothing where nothing was."""
    path = folder / name
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}
