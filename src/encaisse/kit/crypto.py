"""
Secrets and personal data at rest: authenticated encryption and blind indexes (Google Tink).

A sealed value is bound to its table, row, column and organization: moved elsewhere, it does not
open. A blind index finds equal values without revealing them.
"""

import hashlib
import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import UUID

import tink
from django.conf import settings
from tink import aead, prf, secret_key_access

aead.register()
prf.register()


class KeysUnreadable(RuntimeError):
    """The keyset file is missing or damaged: nothing sealed can be opened."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value lives; the associated data of its encryption."""

    table: str
    column: str
    row_id: UUID
    organization_id: UUID | None = None

    def associated_data(self) -> bytes:
        return f"{self.table}|{self.column}|{self.row_id}|{self.organization_id}".encode()


@dataclass(frozen=True, slots=True)
class _Keys:
    sealing: aead.Aead
    indexing: prf.PrfSet


def create_keyset_file(path: Path) -> None:
    """Write new keys, readable by the owner of the process only. Never overwrites."""
    keysets = {
        "sealing": _serialized(aead.aead_key_templates.AES256_GCM),
        "indexing": _serialized(prf.prf_key_templates.HMAC_SHA256),
    }
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(keysets, file)


def seal(text: str, place: Place) -> bytes:
    """Encrypt a text for this place only."""
    return seal_bytes(text.encode(), place)


def unseal(sealed: bytes | memoryview, place: Place) -> str:
    """:raises tink.TinkError: the value was moved, changed or sealed with lost keys"""
    return unseal_bytes(sealed, place).decode()


def seal_bytes(content: bytes, place: Place) -> bytes:
    return _keys().sealing.encrypt(content, place.associated_data())


def unseal_bytes(sealed: bytes | memoryview, place: Place) -> bytes:
    """:raises tink.TinkError: the value was moved, changed or sealed with lost keys"""
    return _keys().sealing.decrypt(bytes(sealed), place.associated_data())


def wrap(handle: tink.KeysetHandle, associated_data: bytes) -> bytes:
    """Encrypt a data key under the instance's keys."""
    serialized = tink.json_proto_keyset_format.serialize_encrypted(
        handle, _keys().sealing, associated_data
    )
    return serialized.encode()


def unwrap(wrapped: bytes, associated_data: bytes) -> aead.Aead:
    """:raises tink.TinkError: the data key was changed, or wrapped with lost keys"""
    handle = tink.json_proto_keyset_format.parse_encrypted(
        wrapped.decode(), _keys().sealing, associated_data
    )
    return handle.primitive(aead.Aead)


def blind_index(text: str, *, purpose: str) -> bytes:
    """Return 32 bytes equal for equal texts, useless without the keys (HMAC-SHA-256 PRF)."""
    return _keys().indexing.primary().compute(f"{purpose}|{text}".encode(), 32)


def digest(secret: str) -> bytes:
    """Return the SHA-256 of a high-entropy secret of ours: enough to find it, not to forge it."""
    return hashlib.sha256(secret.encode()).digest()


@cache
def _keys() -> _Keys:
    text = settings.ENCAISSE_KEYSET or _read(settings.ENCAISSE_KEYSET_FILE)
    try:
        keysets = json.loads(text)
        sealing = _parsed(keysets["sealing"]).primitive(aead.Aead)
        indexing = _parsed(keysets["indexing"]).primitive(prf.PrfSet)
    except (ValueError, KeyError, tink.TinkError) as error:
        raise KeysUnreadable("The keyset is damaged.") from error
    return _Keys(sealing=sealing, indexing=indexing)


def _read(path: Path | None) -> str:
    if path is None or not path.exists():
        raise KeysUnreadable(f"No keyset at {path}.")
    return path.read_text()


def _serialized(template: object) -> str:
    handle = tink.new_keyset_handle(template)
    return tink.json_proto_keyset_format.serialize(handle, secret_key_access.TOKEN)


def _parsed(text: str) -> tink.KeysetHandle:
    return tink.json_proto_keyset_format.parse(text, secret_key_access.TOKEN)
