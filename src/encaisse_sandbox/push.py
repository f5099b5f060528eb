"""The simulated push service, and the browsers behind it: what arrives there is opened and kept."""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from encaisse_sandbox.errors import ApiError, missing
from encaisse_sandbox.identifiers import new_id, new_token
from encaisse_sandbox.records import Json, PushBrowser, PushMessage
from encaisse_sandbox.world import World

_CURVE = ec.SECP256R1()
_LARGEST_LIFE_SECONDS = 24 * 3600


def subscribe(world: World, application_key: str) -> PushBrowser:
    """Make a browser that takes messages from whoever holds this key (RFC 8292, 4)."""
    private = ec.generate_private_key(_CURVE).private_numbers().private_value
    browser = PushBrowser(
        id=new_id("brw"),
        token=new_token(),
        private_key=f"{private:064x}",
        auth=secrets.token_hex(16),
        application_key=application_key,
        is_gone=0,
    )
    world.db.insert(browser)
    return browser


def subscription(world: World, browser: PushBrowser) -> Json:
    """Return what a browser gives to the site that subscribed it."""
    public = _private(browser).public_key()
    written = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return {
        "endpoint": f"{world.programs_url}/push/{browser.token}",
        "p256dh": _written(written),
        "auth": _written(bytes.fromhex(browser.auth)),
    }


def leave(world: World, identifier: str) -> None:
    """Withdraw a browser: its address answers no more."""
    if world.db.first(PushBrowser, "id = ?", identifier) is None:
        raise missing("browser", identifier)
    world.db.update(PushBrowser, identifier, is_gone=1)


def deliver(world: World, token: str, headers: dict[str, str], body: bytes) -> PushMessage:
    """
    Take a message for a browser, as a push service does, and open it, as the browser does.

    :raises ApiError: no such browser, not from its site, or not to be opened
    """
    browser = world.db.first(PushBrowser, "token = ?", token)
    if browser is None or browser.is_gone:
        raise ApiError(410, "gone", "This browser takes no message any more.")
    _check_sender(world, browser, headers.get("authorization", ""))
    life = headers.get("ttl", "")
    if not life.isdigit():
        raise ApiError(400, "ttl_missing", "TTL says how long the message is kept.")
    if len(body) > 4096:
        raise ApiError(413, "too_large", "A message has at most 4096 bytes.")
    message = PushMessage(
        id=new_id("psh"),
        sequence=world.db.next_number("push"),
        browser_id=browser.id,
        text=_opened(browser, headers.get("content-encoding", ""), body),
        life_seconds=int(life),
        topic=headers.get("topic", ""),
        sent_at=world.clock.stamp(),
    )
    world.db.insert(message)
    return message


def messages(world: World, browser_id: str) -> list[Json]:
    """Return what a browser was sent, newest first."""
    found = world.db.all(PushMessage, "browser_id = ? ORDER BY sequence DESC", browser_id)
    return [
        {"text": one.text, "ttl": one.life_seconds, "topic": one.topic, "sent_at": one.sent_at}
        for one in found
    ]


def _check_sender(world: World, browser: PushBrowser, header: str) -> None:
    """:raises ApiError: the token is not of the key the browser was subscribed with"""
    token, _, key = header.removeprefix("vapid t=").partition(", k=")
    if key != browser.application_key:
        raise ApiError(403, "not_its_site", "This browser listens to another site.")
    signed, _, signature = token.rpartition(".")
    try:
        claims = json.loads(_read(signed.split(".")[1]))
        raw = _read(signature)
        numbers = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
        public = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, _read(key))
        public.verify(numbers, signed.encode(), ec.ECDSA(SHA256()))
    except (ValueError, IndexError, InvalidSignature) as error:
        raise ApiError(403, "token_invalid", "The token does not hold.") from error
    left = int(claims.get("exp", 0)) - datetime.now(UTC).timestamp()
    own = urlsplit(world.programs_url)
    is_for_us = claims.get("aud") == f"{own.scheme}://{own.netloc}"
    if not (is_for_us and claims.get("sub") and 0 < left <= _LARGEST_LIFE_SECONDS):
        raise ApiError(403, "token_invalid", "The token is for another service, or too old.")


def _opened(browser: PushBrowser, coding: str, body: bytes) -> str:
    """:raises ApiError: it was not sealed for this browser (RFC 8291)"""
    if coding != "aes128gcm" or len(body) < 86 + 17 or body[20] != 65:
        raise ApiError(400, "not_encrypted", "A message is sealed by aes128gcm.")
    salt, theirs, sealed = body[:16], body[21:86], body[86:]
    private = _private(browser)
    own = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    try:
        sender = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, theirs)
        shared = private.exchange(ec.ECDH(), sender)
        auth = bytes.fromhex(browser.auth)
        material = _derived(shared, auth, b"WebPush: info\0" + own + theirs, 32)
        key = _derived(material, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _derived(material, salt, b"Content-Encoding: nonce\0", 12)
        padded = AESGCM(key).decrypt(nonce, sealed, None)
    except (ValueError, InvalidTag) as error:
        raise ApiError(400, "not_opened", "The browser cannot open this.") from error
    content, mark, padding = padded.rpartition(b"\x02")
    if not mark or padding.strip(b"\0"):
        raise ApiError(400, "not_opened", "The record does not end as a last one.")
    return content.decode()


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)


def _private(browser: PushBrowser) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int(browser.private_key, 16), _CURVE)


def _written(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _read(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
