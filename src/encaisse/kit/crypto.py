"""
Secrets and personal data at rest: authenticated encryption and blind indexes (Google Tink).

A sealed value is bound to its table, row, column and organization: moved elsewhere, it does not
open. A blind index finds equal values without revealing them.
"""

import hashlib
import hmac
import json
import time
from base64 import b64decode
from dataclasses import dataclass
from uuid import UUID

import tink
from django.conf import settings
from tink import aead, prf, secret_key_access, signature

from encaisse.kit.envelopes import PREFIX_BYTES, prefix_of
from encaisse.kit.keyring import KeyRing, KeysUnreadable, create_keyset_file, read_keyset

__all__ = [
    "KeysUnreadable",
    "Place",
    "blind_index",
    "blind_indexes",
    "create_keyset_file",
    "digest",
    "forget_keys",
    "public_keys",
    "renew",
    "ring_in_use",
    "seal",
    "seal_bytes",
    "shared_marks",
    "sign",
    "unseal",
    "unseal_bytes",
    "unseal_raw",
    "unwrap",
    "wrap",
]

_TOKEN = secret_key_access.TOKEN


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
    ring: KeyRing
    sealing: aead.Aead
    indexing: prf.PrfSet
    signing: signature.PublicKeySign | None
    sharing: prf.PrfSet | None
    known: frozenset[bytes]


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
    return _opened(bytes(sealed), place.associated_data())


def renew(sealed: bytes, associated_data: bytes) -> bytes:
    """
    Seal again, under the current key, what any known key opens.

    :raises tink.TinkError: the value was moved, changed or sealed with lost keys
    """
    return _keys().sealing.encrypt(_opened(sealed, associated_data), associated_data)


def unseal_raw(sealed: bytes, associated_data: bytes) -> bytes:
    """:raises tink.TinkError: the value was moved, changed or sealed with lost keys"""
    return _opened(sealed, associated_data)


def wrap(handle: tink.KeysetHandle, associated_data: bytes) -> bytes:
    """Encrypt a data key under the instance's keys."""
    serialized = tink.json_proto_keyset_format.serialize_encrypted(
        handle, _keys().sealing, associated_data
    )
    return serialized.encode()


def unwrap(wrapped: bytes, associated_data: bytes) -> aead.Aead:
    """:raises tink.TinkError: the data key was changed, or wrapped with lost keys"""
    material = b64decode(json.loads(wrapped)["encryptedKeyset"])
    handle = tink.proto_keyset_format.parse(_opened(material, associated_data), _TOKEN)
    return handle.primitive(aead.Aead)


def blind_index(text: str, *, purpose: str) -> bytes:
    """Return 32 bytes equal for equal texts, useless without the keys (HMAC-SHA-256 PRF)."""
    return _keys().indexing.primary().compute(f"{purpose}|{text}".encode(), 32)


def blind_indexes(text: str, *, purpose: str) -> list[bytes]:
    """Return the index under each key in use: rows may still bear that of the key before."""
    keys = _keys().indexing.all().values()
    return [key.compute(f"{purpose}|{text}".encode(), 32) for key in keys]


def is_index_of(stored: bytes | memoryview, text: str, *, purpose: str) -> bool:
    """Tell whether an index was made of this text, whichever key in use made it."""
    known = bytes(stored)
    return any(hmac.compare_digest(known, one) for one in blind_indexes(text, purpose=purpose))


def shared_marks(text: str) -> dict[int, bytes]:
    """
    Return 32 bytes equal for equal texts at every firm of this host, by the number of the key that
    made them, the current key first.

    :raises KeysUnreadable: the keyset holds no such key
    """
    ring, sharing = _keys().ring, _keys().sharing
    if sharing is None:
        raise KeysUnreadable("The keyset holds no sharing key: run encaisse keys init.")
    made = {key_id: key.compute(text.encode(), 32) for key_id, key in sharing.all().items()}
    current = ring.current("sharing")
    return {current: made[current], **made}


def digest(secret: str) -> bytes:
    """Return the SHA-256 of a high-entropy secret of ours: enough to find it, not to forge it."""
    return hashlib.sha256(secret.encode()).digest()


def sign(message: bytes) -> bytes:
    """
    Return the instance's Ed25519 signature, 64 bytes.

    :raises KeysUnreadable: the keyset holds no such key
    """
    signing = _keys().signing
    if signing is None:
        raise KeysUnreadable("The keyset holds no signing key: run encaisse keys init.")
    # Tink writes the number of the key before the 64 bytes that everybody knows how to verify.
    return bytes(signing.sign(message))[PREFIX_BYTES:]


def public_keys() -> list[bytes]:
    """Return the public keys of the instance, the one that signs first."""
    return ring_in_use().public_keys()


def ring_in_use() -> KeyRing:
    """:raises KeysUnreadable: missing, damaged, or readable by others"""
    return _keys().ring


def forget_keys() -> None:
    """Read the keyset again at the next need, even if its file looks the same; know no other."""
    global _held, _left  # noqa: PLW0603  one keyset per process
    _held = _left = None


def _opened(sealed: bytes, associated_data: bytes) -> bytes:
    return _knowing(sealed[:PREFIX_BYTES]).sealing.decrypt(sealed, associated_data)


def _knowing(prefix: bytes) -> _Keys:
    """Return keys that know how to open this, the ones in use where nobody does."""
    keys = _keys()
    if prefix in keys.known:
        return keys
    # Read from its row just before it was sealed again and its former key put to sleep.
    left_at, former = _left or (0.0, keys)
    if prefix in former.known and time.monotonic() - left_at < _LINGER_SECONDS:
        return former
    # Sealed by a process that read newer keys: read them too, once.
    return _keys(is_stale=True)


def _keys(*, is_stale: bool = False) -> _Keys:
    global _held, _left  # noqa: PLW0603  as above
    held, source = _held, _source()
    if held is not None and held[0] == source and not is_stale:
        return held[1]
    keys = _loaded(settings.ENCAISSE_KEYSET or read_keyset(settings.ENCAISSE_KEYSET_FILE))
    if held is not None and held[1].known != keys.known:
        _left = (time.monotonic(), held[1])
    _held = (source, keys)
    return keys


def _source() -> object:
    """Return what changes when the keys do: a rotation replaces the file, nobody restarts."""
    if settings.ENCAISSE_KEYSET:
        return settings.ENCAISSE_KEYSET
    path = settings.ENCAISSE_KEYSET_FILE
    try:
        found = path.stat() if path else None
    except FileNotFoundError:
        return None
    return (path, found.st_ino, found.st_mtime_ns, found.st_size, found.st_mode) if found else None


def _loaded(text: str) -> _Keys:
    ring = KeyRing.parse(text)
    try:
        return _Keys(
            ring=ring,
            sealing=ring.handle("sealing").primitive(aead.Aead),
            indexing=ring.handle("indexing").primitive(prf.PrfSet),
            signing=_signer(ring),
            sharing=ring.handle("sharing").primitive(prf.PrfSet) if ring.has("sharing") else None,
            known=frozenset(prefix_of(key_id) for key_id in ring.key_ids("sealing")),
        )
    except tink.TinkError as error:
        raise KeysUnreadable("The keyset is damaged.") from error


def _signer(ring: KeyRing) -> signature.PublicKeySign | None:
    return (
        ring.handle("signing").primitive(signature.PublicKeySign) if ring.has("signing") else None
    )


# How long a row that was read may wait to be opened.
_LINGER_SECONDS = 60
_held: tuple[object, _Keys] | None = None
_left: tuple[float, _Keys] | None = None
