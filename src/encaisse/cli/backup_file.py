"""
The file of a backup, written and read as a stream: constant memory, whatever the size.

In clear: a mark, the length of the header, and the header (version, date, and the data key of this
file, wrapped by the instance's keys and, if wanted, by a passphrase). Everything else is encrypted,
bound to that header: the manifest, PostgreSQL's own dump, and the SHA-256 of the dump.
"""

import hashlib
import io
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

import tink
from tink import aead, secret_key_access, streaming_aead

from encaisse.kit.errors import SealedFileUnreadable
from encaisse.kit.keyring import KeyRing
from encaisse.kit.keys_export import exported_text
from encaisse.kit.passphrase import open_with_passphrase, seal_with_passphrase

streaming_aead.register()

SCHEMA = "encaisse.backup/1"
CHUNK = 1024 * 1024
_MARK = b"ENCAISSE-BACKUP\n"
_LENGTH_BYTES, _DIGEST_BYTES = 4, 32
_LARGEST_HEADER = 4 * CHUNK
_LARGEST_MANIFEST = 256 * CHUNK
_TEMPLATE = streaming_aead.streaming_aead_key_templates.AES256_GCM_HKDF_1MB
_TOKEN = secret_key_access.TOKEN


class _Open(io.RawIOBase):
    """Pass bytes on to a file that others will go on using: Tink closes what it is given."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def writable(self) -> bool:
        return self._file.writable()

    def readable(self) -> bool:
        return self._file.readable()

    def write(self, content: Any) -> int:
        return self._file.write(content)

    def readinto(self, buffer: Any) -> int:
        content = self._file.read(len(buffer))
        buffer[: len(content)] = content
        return len(content)


@contextmanager
def written(
    path: Path,
    *,
    ring: KeyRing,
    passphrase: str | None,
    has_keys: bool,
    manifest: Mapping[str, object],
) -> Iterator[IO[bytes]]:
    """Open a backup to write a dump into; the file appears under its name once it is whole."""
    handle = tink.new_keyset_handle(_TEMPLATE)
    header = _header(handle, ring, passphrase, has_keys=has_keys)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            _write_sized(file, header, mark=_MARK)
            primitive = handle.primitive(streaming_aead.StreamingAead)
            out = cast("BinaryIO", _Open(file))
            with primitive.new_encrypting_stream(out, header) as stream:
                _write_sized(stream, json.dumps(manifest).encode())
                hashed = _Hashed(stream)
                yield cast("IO[bytes]", hashed)
                stream.write(hashed.digest.digest())
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


class _Hashed:
    """Write to a stream and remember what was written."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()

    def write(self, content: bytes) -> int:
        self.digest.update(content)
        return self._stream.write(content)


class Backup:
    """An open backup: its header, its manifest, then the dump, checked to its last byte."""

    def __init__(self, file: IO[bytes]) -> None:
        if file.read(len(_MARK)) != _MARK:
            raise SealedFileUnreadable(reason="ce n’est pas une sauvegarde d’Encaisse")
        self._file = file
        self._raw_header = _read_sized(file, largest=_LARGEST_HEADER)
        try:
            self.header: dict[str, Any] = json.loads(self._raw_header)
            schema = self.header["schema"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise SealedFileUnreadable(reason="en-tête illisible") from error
        if schema != SCHEMA:
            raise SealedFileUnreadable(reason=f"forme inconnue ({schema})")

    def unlock(self, *, ring: KeyRing | None, passphrase: str | None) -> dict[str, Any]:
        """
        Open with the instance's keys or the passphrase and return the manifest.

        :raises PassphraseWrong: another passphrase
        :raises SealedFileUnreadable: other keys, or a changed file
        """
        primitive = self._handle(ring, passphrase).primitive(streaming_aead.StreamingAead)
        source = cast("BinaryIO", _Open(self._file))
        self._stream = primitive.new_decrypting_stream(source, self._raw_header)
        with _readable():
            manifest = _read_sized(self._stream, largest=_LARGEST_MANIFEST)
        found: dict[str, Any] = json.loads(manifest)
        return found

    def dump(self) -> Iterator[bytes]:
        """
        Return the dump, piece by piece.

        :raises SealedFileUnreadable: cut short or changed
        """
        digest, kept = hashlib.sha256(), b""
        with _readable():
            while piece := self._stream.read(CHUNK):
                kept += piece
                whole, kept = kept[:-_DIGEST_BYTES], kept[-_DIGEST_BYTES:]
                digest.update(whole)
                yield whole
        if digest.digest() != kept:
            raise SealedFileUnreadable(reason="la fin manque")

    def _handle(self, ring: KeyRing | None, passphrase: str | None) -> tink.KeysetHandle:
        if passphrase is not None:
            sealed = self.header.get("passphrase")
            if sealed is None:
                raise SealedFileUnreadable(reason="elle n’a pas de phrase secrète")
            material = open_with_passphrase(sealed, passphrase, purpose=SCHEMA)
            return tink.proto_keyset_format.parse(material, _TOKEN)
        if ring is None or not ring.has("backup"):
            raise SealedFileUnreadable(reason="les clés manquent : encaisse keys import")
        try:
            material = (
                ring.handle("backup")
                .primitive(aead.Aead)
                .decrypt(b64decode(self.header["keyset"]), SCHEMA.encode())
            )
        except tink.TinkError as error:
            raise SealedFileUnreadable(reason="faite avec d’autres clés, ou modifiée") from error
        return tink.proto_keyset_format.parse(material, _TOKEN)


def is_backup(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_MARK)) == _MARK


def carried_keys(path: Path) -> str:
    """
    Return the export of keys that a backup carries.

    :raises SealedFileUnreadable: it carries none
    """
    with opened(path) as backup:
        if "keys" not in backup.header:
            raise SealedFileUnreadable(reason="cette sauvegarde ne contient pas de clés")
        return json.dumps(backup.header["keys"])


@contextmanager
def opened(path: Path) -> Iterator[Backup]:
    """:raises SealedFileUnreadable: not there, or not a backup"""
    try:
        file = path.open("rb")
    except OSError as error:
        raise SealedFileUnreadable(reason=str(error)) from error
    with file:
        yield Backup(file)


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (tink.TinkError, OSError) as error:
        raise SealedFileUnreadable(reason="contenu coupé ou modifié") from error


def _header(
    handle: tink.KeysetHandle, ring: KeyRing, passphrase: str | None, *, has_keys: bool
) -> bytes:
    material = tink.proto_keyset_format.serialize(handle, _TOKEN)
    now = datetime.now(UTC)
    wrapped = ring.handle("backup").primitive(aead.Aead).encrypt(material, SCHEMA.encode())
    header: dict[str, object] = {
        "schema": SCHEMA,
        "made_at": now.isoformat(timespec="seconds"),
        "keyset": b64encode(wrapped).decode(),
    }
    if passphrase is not None:
        header["passphrase"] = seal_with_passphrase(material, passphrase, purpose=SCHEMA)
        if has_keys:
            header["keys"] = json.loads(exported_text(ring, passphrase, now))
    return json.dumps(header).encode()


def _write_sized(file: IO[bytes], content: bytes, *, mark: bytes = b"") -> None:
    file.write(mark + len(content).to_bytes(_LENGTH_BYTES, "big") + content)


def _read_sized(file: IO[bytes], *, largest: int) -> bytes:
    length = int.from_bytes(file.read(_LENGTH_BYTES), "big")
    if not 0 < length <= largest:
        raise SealedFileUnreadable(reason="en-tête illisible")
    content = b""
    while len(content) < length:
        piece = file.read(length - len(content))
        if not piece:
            raise SealedFileUnreadable(reason="fichier coupé")
        content += piece
    return content
