"""
Web Push: a message that one browser alone can read, and the proof of who hands it over. Pure.

RFC 8291 (message encryption), RFC 8188 (aes128gcm), RFC 8292 (VAPID).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from encaisse.kit.p256 import (
    POINT_BYTES,
    PrivateKey,
    from_base64,
    point,
    public_key,
    shared_secret,
    sign,
    to_base64,
)

_SECRET_BYTES, _SALT_BYTES = 16, 16
_RECORD_BYTES = 4096
# What a push service takes (RFC 8030, 7.2), less header, padding mark and tag.
LARGEST_CONTENT = 4096 - (_SALT_BYTES + 4 + 1 + POINT_BYTES) - 1 - 16
_TOKEN_LIFE = timedelta(hours=12)


class NotASubscription(ValueError):
    """These are not an address and keys that a browser gave."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where one browser is reached, and the keys it reads with."""

    endpoint: str
    p256dh: bytes = field(repr=False)
    auth: bytes = field(repr=False)

    @classmethod
    def parse(cls, *, endpoint: str, p256dh: str, auth: str) -> "Subscription":
        """:raises NotASubscription: the address or a key is of another form"""
        try:
            found = cls(endpoint, from_base64(p256dh), from_base64(auth))
            public_key(found.p256dh)
            host = urlsplit(endpoint).hostname
        except ValueError as error:
            raise NotASubscription("The address or the keys are not those of a browser.") from error
        if len(found.auth) != _SECRET_BYTES or not host:
            raise NotASubscription("The address or the secret is of another form.")
        return found

    @classmethod
    def load(cls, text: str) -> "Subscription":
        return cls.parse(**json.loads(text))

    def dump(self) -> str:
        keys = {"p256dh": to_base64(self.p256dh), "auth": to_base64(self.auth)}
        return json.dumps({"endpoint": self.endpoint, **keys})


def encrypted(content: bytes, to: Subscription, *, salt: bytes, sender: PrivateKey) -> bytes:
    """
    Return the body of a push message: one record, which the keys of the subscription open.

    `salt` is 16 random bytes and `sender` a key made for this message only.
    """
    if len(content) > LARGEST_CONTENT:
        raise ValueError("A push message holds less.")
    shared = shared_secret(sender, to.p256dh)
    ours = point(sender)
    material = _derived(shared, to.auth, b"WebPush: info\0" + to.p256dh + ours, 32)
    key = _derived(material, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(material, salt, b"Content-Encoding: nonce\0", 12)
    header = salt + _RECORD_BYTES.to_bytes(4) + len(ours).to_bytes(1) + ours
    return header + AESGCM(key).encrypt(nonce, content + b"\x02", None)


def authorization(endpoint: str, *, key: PrivateKey, contact: str, real_now: datetime) -> str:
    """Return the header that tells a push service who we are, for it alone, for half a day."""
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int((real_now + _TOKEN_LIFE).timestamp()),
        "sub": contact,
    }
    signed = f"{_as_part({'typ': 'JWT', 'alg': 'ES256'})}.{_as_part(claims)}"
    signature = to_base64(sign(signed.encode(), key))
    return f"vapid t={signed}.{signature}, k={to_base64(point(key))}"


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)


def _as_part(content: Mapping[str, object]) -> str:
    return to_base64(json.dumps(content, separators=(",", ":")).encode())
