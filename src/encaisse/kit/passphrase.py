"""
A secret sealed by a passphrase that a person keeps: Argon2id, then AES-256-GCM.

The parameters travel with the content and are bound to it: another cost or salt does not open.
"""

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from argon2.exceptions import HashingError
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from encaisse.kit.errors import PassphraseTooShort, PassphraseWrong, SealedFileUnreadable

SHORTEST_PASSPHRASE = 15
# RFC 9106's second recommendation, its passes tripled: half a second of a small server.
_COST = {"time_cost": 9, "memory_kib": 65_536, "parallelism": 4}
# Somebody else's file must not make us spend all our memory.
_LARGEST_COST = {"time_cost": 64, "memory_kib": 1_048_576, "parallelism": 16}
_KEY_BYTES, _SALT_BYTES, _NONCE_BYTES = 32, 16, 12


def check_passphrase(passphrase: str) -> None:
    """:raises PassphraseTooShort: easier to guess than to lose"""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise PassphraseTooShort(least=SHORTEST_PASSPHRASE)


def seal_with_passphrase(content: bytes, passphrase: str, *, purpose: str) -> dict[str, Any]:
    """
    Return what opens again with the passphrase, for the same purpose only.

    :raises PassphraseTooShort: under 15 characters
    """
    check_passphrase(passphrase)
    header = {"kdf": "argon2id", **_COST, "salt": _text(os.urandom(_SALT_BYTES))}
    nonce = os.urandom(_NONCE_BYTES)
    sealed = _cipher(header, passphrase).encrypt(nonce, content, _bound(header, purpose))
    return {**header, "nonce": _text(nonce), "sealed": _text(sealed)}


def open_with_passphrase(document: Mapping[str, Any], passphrase: str, *, purpose: str) -> bytes:
    """
    :raises PassphraseWrong: another passphrase, or anything was changed
    :raises SealedFileUnreadable: not such a document, or one that costs too much to open
    """
    try:
        header = {name: document[name] for name in ("kdf", *_COST, "salt")}
        nonce, sealed = b64decode(document["nonce"]), b64decode(document["sealed"])
        _check_cost(header)
        return _cipher(header, passphrase).decrypt(nonce, sealed, _bound(header, purpose))
    except InvalidTag as error:
        raise PassphraseWrong from error
    except (KeyError, TypeError, ValueError, OverflowError, HashingError) as error:
        raise SealedFileUnreadable(reason="en-tête illisible") from error


def _check_cost(header: Mapping[str, Any]) -> None:
    costs = {name: int(header[name]) for name in _COST}
    if header["kdf"] != "argon2id" or any(
        not 0 < cost <= _LARGEST_COST[name] for name, cost in costs.items()
    ):
        raise SealedFileUnreadable(reason="paramètres refusés")


def _cipher(header: Mapping[str, Any], passphrase: str) -> AESGCM:
    key = hash_secret_raw(
        passphrase.encode(),
        b64decode(header["salt"]),
        time_cost=header["time_cost"],
        memory_cost=header["memory_kib"],
        parallelism=header["parallelism"],
        hash_len=_KEY_BYTES,
        type=Type.ID,
    )
    return AESGCM(key)


def _bound(header: Mapping[str, Any], purpose: str) -> bytes:
    return json.dumps([purpose, header], sort_keys=True).encode()


def _text(content: bytes) -> str:
    return b64encode(content).decode()
