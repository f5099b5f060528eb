"""Card numbers: opened from the browser's ciphertext in memory, and never written anywhere."""

import base64
import hmac
import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)


class UnreadableCard(Exception):
    """The ciphertext could not be opened, or does not hold a card."""


@dataclass(frozen=True, slots=True)
class CardDetails:
    """A card as its holder typed it. Number and CVC stay out of every representation."""

    number: str = field(repr=False)
    exp_month: int
    exp_year: int
    cvc: str = field(repr=False)
    holder_name: str


class Vault:
    """The provider's keys: one to open card data, one to recognise a card seen again."""

    def __init__(self, directory: Path) -> None:
        self._private_key = _load_private_key(directory / "card-key.pem")
        self._fingerprint_key = _load_secret(directory / "fingerprint.key")
        spki = self._private_key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.public_key = base64.b64encode(spki).decode()

    def open(self, sealed: str) -> CardDetails:
        """
        Open what the card page posted.

        :raises UnreadableCard: the text is not what the page makes
        """
        try:
            envelope = json.loads(base64.b64decode(sealed, validate=True))
            key, nonce, data = (base64.b64decode(envelope[name]) for name in ("key", "iv", "data"))
            clear = AESGCM(self._private_key.decrypt(key, _OAEP)).decrypt(nonce, data, None)
            return _card_details(json.loads(clear))
        except (ValueError, KeyError, TypeError, RecursionError, InvalidTag) as error:
            raise UnreadableCard from error

    def fingerprint(self, number: str) -> str:
        """Return the same short text for the same card, from which the number cannot be found."""
        return hmac.digest(self._fingerprint_key, number.encode(), "sha256").hex()[:24]


def _card_details(values: dict[str, str]) -> CardDetails:
    month, year = (int(part) for part in values["expiry"].split("/"))
    return CardDetails(
        number="".join(values["number"].split()),
        exp_month=month,
        exp_year=year + 2000 if year < 100 else year,
        cvc=values["cvc"].strip(),
        holder_name=values["name"].strip()[:140],
    )


def _load_private_key(path: Path) -> rsa.RSAPrivateKey:
    if not path.exists():
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        encoded = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        _write_private(path, encoded)
    return cast("rsa.RSAPrivateKey", serialization.load_pem_private_key(path.read_bytes(), None))


def _load_secret(path: Path) -> bytes:
    if not path.exists():
        _write_private(path, secrets.token_bytes(32))
    return path.read_bytes()


def _write_private(path: Path, content: bytes) -> None:
    temporary = path.with_suffix(".tmp")
    temporary.touch(mode=0o600)
    temporary.write_bytes(content)
    temporary.replace(path)
