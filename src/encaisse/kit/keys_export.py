"""The copy of the keys that a person keeps elsewhere, sealed by a passphrase."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from encaisse.kit.errors import SealedFileUnreadable
from encaisse.kit.keyring import KeyRing
from encaisse.kit.passphrase import open_with_passphrase, seal_with_passphrase

SCHEMA = "encaisse.keys-export/1"
_MARK = "keys_exported.json"


@dataclass(frozen=True, slots=True)
class Exported:
    """When the keys were last copied away, and which."""

    at: str
    key_ids: Sequence[int]


def exported_text(ring: KeyRing, passphrase: str, now: datetime) -> str:
    """:raises PassphraseTooShort: under 15 characters"""
    sealed = seal_with_passphrase(ring.as_text().encode(), passphrase, purpose=SCHEMA)
    facts = {"schema": SCHEMA, "made_at": now.isoformat(), "key_ids": all_key_ids(ring)}
    return json.dumps({**facts, "content": sealed}, indent=1) + "\n"


def ring_from_export(text: str, passphrase: str) -> KeyRing:
    """
    :raises PassphraseWrong: another passphrase, or a changed file
    :raises SealedFileUnreadable: not an export
    """
    try:
        document: dict[str, Any] = json.loads(text)
        schema, content = document["schema"], document["content"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise SealedFileUnreadable(reason="ce n’est pas un export de clés") from error
    if schema != SCHEMA:
        raise SealedFileUnreadable(reason=f"forme inconnue ({schema})")
    return KeyRing.parse(open_with_passphrase(content, passphrase, purpose=SCHEMA).decode())


def all_key_ids(ring: KeyRing) -> list[int]:
    """Return the numbers of all keys: an export that lacks one does not replace the file."""
    return sorted(key["keyId"] for part in ring.parts.values() for key in part["key"])


def last_export(folder: Path) -> Exported | None:
    """Return what was noted at the last export, if there was one."""
    path = folder / _MARK
    if not path.exists():
        return None
    document = json.loads(path.read_text(encoding="utf-8"))
    return Exported(document["at"], document["key_ids"])


def mark_of(folder: Path) -> Path:
    return folder / _MARK


def mark_text(ring: KeyRing, now: datetime) -> str:
    return json.dumps({"at": now.isoformat(), "key_ids": all_key_ids(ring)})


def is_covered(ring: KeyRing, exported: Exported | None) -> bool:
    """Tell whether every key of today is in the last export."""
    return exported is not None and set(all_key_ids(ring)) <= set(exported.key_ids)
