"""Addresses of stylesheets and scripts: kept for a year by browsers, changed with their content."""

import hashlib
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage

_VERSION_LENGTH = 10


class VersionedAssets(StaticFilesStorage):
    """Add a digest of the file to its address, without a build step."""

    def url(self, name: str | None) -> str:
        return f"{super().url(name)}?v={_version(name or '')}"


@cache
def _version(name: str) -> str:
    found = finders.find(name)
    if not isinstance(found, str):
        raise ValueError(f"No such file: {name}.")  # noqa: TRY004  what WhiteNoise expects
    return hashlib.sha256(Path(found).read_bytes()).hexdigest()[:_VERSION_LENGTH]
