"""
The instance's keys in one file: what seals, indexes, protects backups, signs, and what makes the
marks that its firms share.

Each part is a Tink keyset of one or several keys, of which one is current. The file is replaced
whole or not at all.
"""

import json
import os
import stat
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import tink
from tink import aead, prf, secret_key_access, signature

aead.register()
prf.register()
signature.register()  # type: ignore[no-untyped-call]  # Tink's, without types

_TOKEN = secret_key_access.TOKEN
_TEMPLATES = {
    "sealing": aead.aead_key_templates.AES256_GCM,
    "indexing": prf.prf_key_templates.HMAC_SHA256,
    "backup": aead.aead_key_templates.AES256_GCM,
    "signing": signature.signature_key_templates.ED25519,
    "sharing": prf.prf_key_templates.HMAC_SHA256,
}
# What a keyset cannot be without; the others were added since, `encaisse keys init` makes them.
_NEEDED = {"sealing", "indexing"}
# What is renewed: a public key is known outside, old backups must open, and nobody kept what a
# shared mark was made of, to make it again.
_RENEWED = ("sealing", "indexing")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
# The last bytes of an Ed25519 private key in Tink's form: tag, length, then the public key.
_PUBLIC_KEY_BYTES = 32
_DAMAGED = (ValueError, TypeError, KeyError, AttributeError, RecursionError, tink.TinkError)


class KeysUnreadable(RuntimeError):
    """The keyset is missing, damaged or open to others: nothing sealed can be opened."""

    code = "keys_unreadable"


class KeyServiceUnsupported(KeysUnreadable):
    """The keyset is said to be in a key service, and no client of one is installed."""

    code = "key_service_unsupported"


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Every part, as the file holds them, and when each key was made."""

    parts: Mapping[str, Any]
    made_at: Mapping[str, str]

    @classmethod
    def new(cls, now: datetime) -> "KeyRing":
        return cls({}, {}).completed(now)

    @classmethod
    def parse(cls, text: str) -> "KeyRing":
        """:raises KeysUnreadable: not a keyset of ours"""
        refuse_key_service(text)
        try:
            document = json.loads(text)
            parts = {name: json.loads(document[name]) for name in _TEMPLATES if name in document}
            ring = cls(parts, dict(document.get("made_at", {})))
            for name in parts:
                ring.handle(name)
        except _DAMAGED as error:
            raise KeysUnreadable("The keyset is damaged.") from error
        if not parts.keys() >= _NEEDED:
            raise KeysUnreadable("The keyset is damaged.")
        return ring

    def as_text(self) -> str:
        parts = {name: json.dumps(part) for name, part in self.parts.items()}
        return json.dumps({"version": 2, **parts, "made_at": dict(self.made_at)})

    def has(self, part: str) -> bool:
        return part in self.parts

    def is_complete(self) -> bool:
        return self.parts.keys() >= _TEMPLATES.keys()

    def handle(self, part: str) -> tink.KeysetHandle:
        return tink.json_proto_keyset_format.parse(json.dumps(self.parts[part]), _TOKEN)

    def current(self, part: str) -> int:
        return int(self.parts[part]["primaryKeyId"])

    def key_ids(self, part: str, *, status: str = "ENABLED") -> list[int]:
        return [key["keyId"] for key in self.parts[part]["key"] if key["status"] == status]

    def completed(self, now: datetime) -> "KeyRing":
        """Return the ring with the parts it lacks."""
        missing = [name for name in _TEMPLATES if name not in self.parts]
        fresh = {name: _new_keyset(name) for name in missing}
        dates = {str(part["primaryKeyId"]): now.isoformat() for part in fresh.values()}
        return KeyRing({**self.parts, **fresh}, {**self.made_at, **dates})

    def renewed(self, now: datetime) -> "KeyRing":
        """Return the ring with new current keys where they are renewed; the old ones still open."""
        parts, dates = dict(self.parts), dict(self.made_at)
        for name in _RENEWED:
            taken = {key["keyId"] for key in parts[name]["key"]}
            fresh = _new_keyset(name)
            while fresh["primaryKeyId"] in taken:
                fresh = _new_keyset(name)
            parts[name] = {**fresh, "key": [*parts[name]["key"], *fresh["key"]]}
            dates[str(fresh["primaryKeyId"])] = now.isoformat()
        return replace(self, parts=parts, made_at=dates)

    def retired(self) -> "KeyRing":
        """Return the ring with its former keys put to sleep: for old backups, used by nobody."""
        return self._with_former("DISABLED")

    def awakened(self) -> "KeyRing":
        """Return the ring with every key in use again, to read an old backup."""
        return self._with_former("ENABLED")

    def destroyed(self) -> "KeyRing":
        """Return the ring without the keys put to sleep, for good."""
        parts = dict(self.parts)
        for name in _RENEWED:
            kept = [key for key in parts[name]["key"] if key["status"] == "ENABLED"]
            parts[name] = {**parts[name], "key": kept}
        return replace(self, parts=parts)

    def public_keys(self) -> list[bytes]:
        """Return the raw Ed25519 public keys, the current one first."""
        if not self.has("signing"):
            return []
        keys = sorted(
            self.parts["signing"]["key"], key=lambda key: key["keyId"] != self.current("signing")
        )
        return [_public_key_of(key) for key in keys]

    def _with_former(self, status: str) -> "KeyRing":
        parts = dict(self.parts)
        for name in _RENEWED:
            current = self.current(name)
            keys = [
                key if key["keyId"] == current else {**key, "status": status}
                for key in parts[name]["key"]
            ]
            parts[name] = {**parts[name], "key": keys}
        return replace(self, parts=parts)


def refuse_key_service(text: str) -> None:
    """
    Refuse the address of a key service where keys are expected.

    A client of such a service would open, here, the keyset that the address names: Tink has them
    for several (`tink.aead.KmsEnvelopeAead`). None is installed, and none is feigned.

    :raises KeyServiceUnsupported: the text is such an address
    """
    scheme = urlsplit(text.strip()).scheme if "://" in text[:40] else ""
    if scheme == "kms" or scheme.endswith("-kms"):
        raise KeyServiceUnsupported(
            f"{scheme}:// names a key service; keys come from a file or from ENCAISSE_KEYSET."
        )


def read_keyset(path: Path | None) -> str:
    """:raises KeysUnreadable: no file, or a file that other accounts may read"""
    if path is None:
        raise KeysUnreadable("No keyset: ENCAISSE_KEYSET_FILE is empty.")
    refuse_key_service(str(path).replace(":/", "://", 1))
    try:
        mode = path.stat().st_mode
        text = path.read_text()
    except FileNotFoundError as error:
        raise KeysUnreadable(f"No keyset at {path}.") from error
    if mode & _OTHERS:
        raise KeysUnreadable(f"Others may read {path}: chmod 600 {path}")
    return text


def create_keyset_file(path: Path) -> None:
    """Write new keys, readable by the owner of the process only. Never overwrites."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(KeyRing.new(datetime.now(UTC)).as_text())


def complete_keyset_file(path: Path) -> None:
    """Add the parts that a keyset of before lacks; what it holds stays as it is."""
    ring = KeyRing.parse(read_keyset(path))
    if not ring.is_complete():
        replace_keyset_file(path, ring.completed(datetime.now(UTC)))


def replace_keyset_file(path: Path, ring: KeyRing) -> None:
    """Put this ring in the place of the file, on the disk before anybody seals with it."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(ring.as_text())
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _new_keyset(part: str) -> dict[str, Any]:
    handle = tink.new_keyset_handle(_TEMPLATES[part])
    keyset: dict[str, Any] = json.loads(tink.json_proto_keyset_format.serialize(handle, _TOKEN))
    return keyset


def _public_key_of(key: Mapping[str, Any]) -> bytes:
    return b64decode(key["keyData"]["value"])[-_PUBLIC_KEY_BYTES:]
