"""
The shapes in which columns carry ciphertexts, and the number of the key found in each.

Tink writes five bytes before a ciphertext: a version, then the number of its key.
"""

import json
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

PREFIX_BYTES = 5
# The same five bytes stand within the first eight characters of a text in base 64.
_LETTERS = 8
# Prefix, nonce and tag: nothing sealed is shorter.
_SHORTEST = PREFIX_BYTES + 12 + 16

Renew = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Envelope:
    """One shape: the SQL of the prefix where SQL can tell it, what is inside, how to replace it."""

    prefix_sql: Callable[[str], str] | None
    ciphertexts: Callable[[Any], list[bytes]]
    replaced: Callable[[Any, Renew, Collection[bytes]], Any]

    def prefixes(self, value: Any) -> list[bytes]:
        return [sealed[:PREFIX_BYTES] for sealed in self.ciphertexts(value)]


def prefix_of(key_id: int) -> bytes:
    return b"\x01" + key_id.to_bytes(4, "big")


def _prefix_of_base64(text: str) -> str:
    return f"substr(decode(substr({text}, 1, {_LETTERS}), 'base64'), 1, {PREFIX_BYTES})"


def _material(wrapped: Any) -> bytes:
    return b64decode(json.loads(bytes(wrapped))["encryptedKeyset"])


def _rewrapped(wrapped: Any, renew: Renew, _known: Collection[bytes]) -> bytes:
    document = json.loads(bytes(wrapped))
    document["encryptedKeyset"] = b64encode(renew(_material(wrapped))).decode()
    return json.dumps(document).encode()


def _loaded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for inner in value.values():
                yield from _texts(inner)
        case list():
            for inner in value:
                yield from _texts(inner)


def _sealed_in(text: str) -> bytes | None:
    """Return the ciphertext a text carries, or None where it cannot be one."""
    try:
        content = urlsafe_b64decode(text)
    except ValueError:
        return None
    return content if content[:1] == b"\x01" and len(content) >= _SHORTEST else None


def _all_in(value: Any) -> list[bytes]:
    found = [_sealed_in(text) for text in _texts(_loaded(value))]
    return [content for content in found if content is not None]


def _replaced_in(value: Any, renew: Renew, known: Collection[bytes]) -> Any:
    match value:
        case str():
            content = _sealed_in(value)
            if content is None or content[:PREFIX_BYTES] not in known:
                return value
            return urlsafe_b64encode(renew(content)).decode()
        case dict():
            return {name: _replaced_in(inner, renew, known) for name, inner in value.items()}
        case list():
            return [_replaced_in(inner, renew, known) for inner in value]
    return value


RAW = Envelope(
    lambda column: f"substr({column}, 1, {PREFIX_BYTES})",
    lambda value: [bytes(value)],
    lambda value, renew, _known: renew(bytes(value)),
)
# A data key as Tink writes it: JSON, with the sealed key inside.
WRAPPED_KEY = Envelope(
    lambda column: _prefix_of_base64(
        f"(convert_from({column}, 'UTF8')::json ->> 'encryptedKeyset')"
    ),
    lambda value: [_material(value)],
    _rewrapped,
)
# Somewhere among other texts of a JSON value, in the alphabet that addresses use.
JSON_TEXTS = Envelope(
    None,
    _all_in,
    lambda value, renew, known: json.dumps(_replaced_in(_loaded(value), renew, known)),
)
