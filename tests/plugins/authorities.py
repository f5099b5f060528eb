"""One certificate authority for the run, instead of all those of the world."""

import os
import tempfile
from pathlib import Path

import certifi
import pytest

_END = "-----END CERTIFICATE-----\n"
_FILE = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """
    Have each client of a test read one authority: all of them take 30 ms of a processor, for each
    request and each look at the mails. Nothing outside this machine is spoken to.
    """
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    first, end, _others = Path(certifi.where()).read_text(encoding="utf-8").partition(_END)
    with tempfile.NamedTemporaryFile("w", suffix=".pem", delete=False, encoding="utf-8") as file:
        file.write(first + end)
    config.stash[_FILE] = Path(file.name)
    os.environ["SSL_CERT_FILE"] = file.name


def pytest_unconfigure(config: pytest.Config) -> None:
    if _FILE in config.stash:
        config.stash[_FILE].unlink()
