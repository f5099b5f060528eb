"""Advisories in the OSV format: which versions they concern, what is no advisory at all."""

import json
from datetime import UTC, datetime

import pytest

from encaisse.security.advisories import (
    FILE,
    Advisory,
    NotAdvisories,
    bring,
    brought,
    installed_versions,
    read_osv,
    vulnerable,
)
from factories.advisories import osv, zipped

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def written(document) -> bytes:
    return json.dumps(document).encode()


def damaged(archive: bytes) -> bytes:
    """Write over the content of the first file."""
    return archive.replace(b"PYSEC", b"OTHER", 1)


def locked(archive: bytes) -> bytes:
    """Say that every file needs a password."""
    entry = archive.index(b"PK\x01\x02")
    return archive[: entry + 8] + b"\x01" + archive[entry + 9 :]


def packed_oddly(archive: bytes) -> bytes:
    """Say that every file is packed in a way nobody reads."""
    entry = archive.index(b"PK\x01\x02")
    return archive[: entry + 10] + b"\x63" + archive[entry + 11 :]


def one(**given) -> Advisory:
    (found,) = read_osv(json.dumps(osv(**given)).encode())
    return found


@pytest.mark.parametrize(
    ("events", "inside", "outside"),
    [([{"introduced": "0"}, {"fixed": "5.2.4"}], ["0.1", "5.2.3", "5.2.4rc1"], ["5.2.4", "6"]),
     ([{"introduced": "5.0"}, {"last_affected": "5.1"}], ["5.0", "5.1"], ["4.9", "5.1.1"]),
     ([{"introduced": "5.0"}], ["5.0", "99"], ["4.2.99"]),
     ([{"introduced": "1"}, {"fixed": "2"}, {"introduced": "3"}, {"fixed": "4"}],
      ["1.5", "3.0"], ["0.9", "2", "2.5", "4"])],
)  # fmt: skip
def test_a_version_is_inside_or_outside_what_an_advisory_says(events, inside, outside):
    found = one(events=events)

    assert all(map(found.concerns, inside))
    assert not any(map(found.concerns, outside))


def test_a_version_named_is_concerned_whatever_it_looks_like():
    assert one(versions=["2026-odd"]).concerns("2026-odd")
    assert not one(events=[{"introduced": "0"}]).concerns("2026-odd")


def test_what_was_withdrawn_or_is_of_another_language_is_passed_over():
    other = osv()
    other["affected"][0]["package"]["ecosystem"] = "npm"

    with pytest.raises(NotAdvisories):
        read_osv(json.dumps([osv(withdrawn="2026-01-01T00:00:00Z"), other]).encode())


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[1, 2]", b'"x"', b'{"affected": [{"package": 3}]}', b"PK\x03\x04x",
     b"[" * 200_000, damaged(zipped(osv())), locked(zipped(osv())), packed_oddly(zipped(osv())),
     written(osv(id=7)), written(osv(id="PYSEC-1\nRien à signaler")), written(osv(id="x" * 200)),
     written(osv(events=[{"introduced": 5}])), written(osv(versions=[["5"]])),
     written(osv(events=["introduced"]))],
)  # fmt: skip
def test_what_is_no_advisory_is_refused(content):
    with pytest.raises(NotAdvisories):
        read_osv(content)


def test_only_what_is_installed_is_kept_and_found(tmp_path):
    version = installed_versions()["django"]
    always = osv(events=[{"introduced": "0"}, {"fixed": "99"}])
    past = osv(events=[{"introduced": "0"}, {"fixed": "1.0"}], id="PYSEC-2026-2")
    absent = osv("nobody-has-this", events=[{"introduced": "0"}], id="PYSEC-2026-3")

    kept = bring(zipped(always, past, absent), real_now=NOW)
    (tmp_path / FILE).write_text(kept)

    found = brought(tmp_path)
    assert found.brought_at == NOW
    assert {advisory.id for advisory in found.known} == {"PYSEC-2026-1", "PYSEC-2026-2"}
    (wrong,) = vulnerable(found.known)
    assert (wrong.package, wrong.version, wrong.fixed) == ("django", version, "99")


def test_nothing_brought_is_told_apart_from_nothing_found(tmp_path):
    assert brought(tmp_path) is None
