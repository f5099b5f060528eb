"""Throw-away keys for the run, and password hashing at its least cost."""

import os
import tempfile
from pathlib import Path

import pytest


def pytest_configure(config: pytest.Config) -> None:
    from django.conf import settings  # noqa: PLC0415  configured by pytest-django, after import

    from encaisse.kit.crypto import create_keyset_file  # noqa: PLC0415  reads the settings

    if "ENCAISSE_KEYSET" not in os.environ:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "keyset.json"
            create_keyset_file(path)
            os.environ["ENCAISSE_KEYSET"] = path.read_text()
    settings.ENCAISSE_KEYSET = os.environ["ENCAISSE_KEYSET"]
    settings.RECOVERY_CODE_COST = (1, 8, 1)
    settings.PASSWORD_HASHERS = ["plugins.hashers.CheapArgon2Hasher"]
