import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def bare_path(tmp_path):
    """Return a search path with the usual tools, but neither Python nor a browser."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("bash", "env", "id", "sha256sum", "cut", "cat", "grep", "flock", "dirname"):
        (folder / name).symlink_to(shutil.which(name))
    return folder


@pytest.fixture
def clone(tmp_path):
    """Return a copy of what the set-up reads, without any environment."""
    folder = tmp_path / "clone"
    for name in (
        "tools/setup",
        "pyproject.toml",
        "requirements/build.txt",
        "requirements/demo.txt",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    return folder


def _setup(folder: Path, wanted: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [folder / "tools" / "setup", wanted],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


class TestSetup:
    def test_says_which_python_it_needs(self, clone, bare_path):
        answer = _setup(clone, "demo", PATH=str(bare_path))

        assert answer.returncode == 2
        assert "Python 3.11" in answer.stderr

    def test_refuses_an_older_python(self, clone, bare_path):
        old = bare_path / "python3"
        old.write_text('#!/bin/bash\n[ "$1" = --version ] && echo "Python 3.9.2" || exit 1\n')
        old.chmod(0o755)

        answer = _setup(clone, "demo", PATH=str(bare_path))

        assert answer.returncode == 2
        assert "Python 3.9.2" in answer.stderr

    @pytest.mark.needs(os.geteuid() != 0)  # root installs the browser itself
    def test_gives_the_line_that_installs_the_browser(self, clone, bare_path):
        answer = _setup(clone, "dev", PATH=str(bare_path))

        assert answer.returncode == 2
        assert "apt-get install -y chromium" in answer.stderr

    def test_refuses_an_unknown_word(self, clone):
        assert _setup(clone, "everything").returncode == 2


class TestInstallPage:
    @pytest.mark.parametrize("name", ["roles.sql", "database.sql"])
    def test_shows_the_statements_that_are_really_run(self, name):
        statements = (ROOT / "src" / "encaisse" / "cli" / "sql" / name).read_text()

        assert statements in (ROOT / "docs" / "install.md").read_text()
