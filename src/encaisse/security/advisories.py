"""
Known vulnerabilities of the libraries installed here, from a file somebody brings: OSV, as
published by osv.dev for PyPI. Nobody is asked: the machine may have no internet.
"""

import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

FILE = "advisories.json"
# One advisory is a few kilobytes; what is larger is something else.
_LARGEST = 5_000_000
_LARGEST_WORD = 100
_ECOSYSTEM = "PyPI"
_BOUNDS = ("introduced", "fixed", "last_affected", "limit")
# What Python raises of a document nested too deep, a locked file or a packing it does not know is
# a RuntimeError.
_UNREADABLE = (
    ValueError, TypeError, KeyError, AttributeError, RuntimeError, EOFError, zlib.error,
    zipfile.BadZipFile,
)  # fmt: skip


class NotAdvisories(ValueError):
    """The file holds no advisory in the OSV format."""


@dataclass(frozen=True, slots=True)
class Advisory:
    """What one advisory says of one package: versions from, and before, and by name."""

    id: str
    package: str
    ranges: tuple[Mapping[str, str], ...]
    versions: tuple[str, ...]

    def concerns(self, version: str) -> bool:
        """Tell whether this version is affected (OSV schema 1.6, evaluation)."""
        if version in self.versions:
            return True
        try:
            found = Version(version)
            return any(_is_within(found, one) for one in self.ranges)
        except InvalidVersion:
            return False

    @property
    def fixed(self) -> str:
        """The first version said to be repaired, empty where none is."""
        return next((one["fixed"] for one in self.ranges if "fixed" in one), "")


@dataclass(frozen=True, slots=True)
class Vulnerable:
    """An installed library that an advisory concerns."""

    package: str
    version: str
    advisory: str
    fixed: str


@dataclass(frozen=True, slots=True)
class Advisories:
    """What was brought last, for the libraries installed then."""

    brought_at: datetime
    known: tuple[Advisory, ...]


def read_osv(content: bytes) -> list[Advisory]:
    """
    Read advisories: a zip of JSON files, one JSON object, or a list of them.

    :raises NotAdvisories: nothing of it is one
    """
    try:
        found = [one for document in _documents(content) for one in _of_document(document)]
    except _UNREADABLE as error:
        raise NotAdvisories("Not advisories in the OSV format.") from error
    if not found:
        raise NotAdvisories("No advisory about a Python package.")
    return found


def bring(content: bytes, *, real_now: datetime) -> str:
    """
    Return what is to be kept: the advisories about what is installed here, as text.

    :raises NotAdvisories: nothing of it is one
    """
    installed = installed_versions()
    kept = [asdict(one) for one in read_osv(content) if one.package in installed]
    return json.dumps({"brought_at": real_now.isoformat(), "known": kept}, ensure_ascii=False)


def brought(data: Path) -> Advisories | None:
    """Return what was brought last, None where nothing ever was."""
    path = data / FILE
    if not path.exists():
        return None
    document = json.loads(path.read_text(encoding="utf-8"))
    known = tuple(
        Advisory(one["id"], one["package"], tuple(one["ranges"]), tuple(one["versions"]))
        for one in document["known"]
    )
    return Advisories(datetime.fromisoformat(document["brought_at"]), known)


def vulnerable(known: Iterable[Advisory]) -> list[Vulnerable]:
    """Return the libraries installed now that these advisories concern."""
    installed = installed_versions()
    found = {
        Vulnerable(one.package, installed[one.package], one.id, one.fixed)
        for one in known
        if one.package in installed and one.concerns(installed[one.package])
    }
    return sorted(found, key=lambda one: (one.package, one.advisory))


def installed_versions() -> dict[str, str]:
    return {canonicalize_name(one.name): one.version for one in distributions()}


def _documents(content: bytes) -> Iterator[Any]:
    if not zipfile.is_zipfile(io.BytesIO(content)):
        document = json.loads(content)
        yield from document if isinstance(document, list) else [document]
        return
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for entry in archive.infolist():
            if entry.filename.endswith(".json") and entry.file_size <= _LARGEST:
                yield json.loads(archive.read(entry))


def _of_document(document: Mapping[str, Any]) -> Iterator[Advisory]:
    if document.get("withdrawn"):
        return
    for affected in document.get("affected", []):
        package = affected.get("package", {})
        if package.get("ecosystem") == _ECOSYSTEM:
            yield Advisory(
                id=_word(document["id"]),
                package=canonicalize_name(_word(package["name"])),
                ranges=tuple(_ranges(affected)),
                versions=tuple(map(_word, affected.get("versions", []))),
            )


def _ranges(affected: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Pair each `introduced` with what ends it; commits of a repository say nothing here."""
    for one in affected.get("ranges", []):
        if one.get("type") != "ECOSYSTEM":
            continue
        current: dict[str, str] = {}
        for event in one.get("events", []):
            if "introduced" in event and current:
                yield current
                current = {}
            current |= {bound: _word(event[bound]) for bound in _BOUNDS if bound in event}
        if current:
            yield current


def _word(value: object) -> str:
    """Return a name or a version as it will be shown: one short line."""
    if not isinstance(value, str) or not value.isprintable() or len(value) > _LARGEST_WORD:
        raise ValueError("Not a name or a version.")
    return value


def _is_within(version: Version, one: Mapping[str, str]) -> bool:
    start = one.get("introduced", "0")
    if start != "0" and version < Version(start):
        return False
    if "fixed" in one:
        return version < Version(one["fixed"])
    return "last_affected" not in one or version <= Version(one["last_affected"])
