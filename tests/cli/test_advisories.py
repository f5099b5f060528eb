"""`encaisse advisories import`: known flaws of what is installed, from a file somebody brings."""

import json
import stat

import pytest

from factories.advisories import osv, zipped


@pytest.fixture
def bring(encaisse, tmp_path):
    def run(content: bytes):
        encaisse.data.mkdir(exist_ok=True)
        path = tmp_path / "all.zip"
        path.write_bytes(content)
        return encaisse.run("advisories", "import", str(path), "--json")

    return run


def test_what_concerns_an_installed_library_is_named(bring, encaisse):
    answer = bring(zipped(osv(events=[{"introduced": "0"}, {"fixed": "99"}])))

    assert answer.returncode == 1
    (found,) = json.loads(answer.stdout)["vulnerable"]
    assert (found["package"], found["advisory"], found["fixed"]) == (
        "django", "PYSEC-2026-1", "99",
    )  # fmt: skip
    assert "corrigée en 99" in answer.stderr
    kept = encaisse.data / "advisories.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_nothing_to_say_is_said(bring):
    answer = bring(zipped(osv(events=[{"introduced": "0"}, {"fixed": "1.0"}])))

    assert (answer.returncode, json.loads(answer.stdout)["vulnerable"]) == (0, [])
    assert "Aucun de ces avis" in answer.stderr


def test_another_file_is_refused_and_changes_nothing(bring, encaisse):
    bring(zipped(osv(events=[{"introduced": "0"}])))
    kept = (encaisse.data / "advisories.json").read_bytes()

    answer = bring(b"not advisories")

    assert answer.returncode == 1
    assert "format OSV" in answer.stderr
    assert (encaisse.data / "advisories.json").read_bytes() == kept
