"""Files that somebody made to be opened: refused in words, whatever stands in them."""

import io
import json
from base64 import b64encode

import pytest

from encaisse.cli.backup_file import Backup
from encaisse.kit.errors import SealedFileUnreadable
from encaisse.kit.keyring import KeyRing, KeysUnreadable
from encaisse.kit.keys_export import SCHEMA, ring_from_export

DEEP = "[" * 100_000
SEALED = {
    "kdf": "argon2id", "time_cost": 1, "memory_kib": 64, "parallelism": 1,
    "salt": b64encode(b"s" * 16).decode(), "nonce": b64encode(b"n" * 12).decode(),
    "sealed": b64encode(b"x" * 40).decode(),
}  # fmt: skip
CRAFTED = [
    {"salt": b64encode(b"s").decode()}, {"salt": "é"}, {"memory_kib": 1, "parallelism": 16},
    {"time_cost": float("inf")}, {"time_cost": float("nan")}, {"time_cost": 1.5},
    {"time_cost": "1"}, {"memory_kib": 10**12}, {"memory_kib": 10**400}, {"time_cost": -1},
    {"nonce": b64encode(b"n").decode()}, {"kdf": "none"},
]  # fmt: skip


@pytest.mark.parametrize("changed", CRAFTED, ids=str)
def test_an_export_of_keys_that_costs_too_much_or_means_nothing(changed):
    text = json.dumps({"schema": SCHEMA, "content": SEALED | changed})

    with pytest.raises(SealedFileUnreadable):
        ring_from_export(text, "une phrase assez longue")


@pytest.mark.parametrize("text", [DEEP, "12", "1" * 10_000, '{"schema": [1], "content": 1}', ""])
def test_what_is_no_export_of_keys(text):
    with pytest.raises(SealedFileUnreadable):
        ring_from_export(text, "une phrase assez longue")


@pytest.mark.parametrize("text", [DEEP, json.dumps({"sealing": DEEP, "indexing": DEEP}), "null"])
def test_what_is_no_keyset(text):
    with pytest.raises(KeysUnreadable):
        KeyRing.parse(text)


def test_a_backup_whose_header_is_nested_without_end():
    file = io.BytesIO(b"ENCAISSE-BACKUP\n" + len(DEEP).to_bytes(4, "big") + DEEP.encode())

    with pytest.raises(SealedFileUnreadable):
        Backup(file)
