"""Keys of the curve P-256 as browsers write them: points of 65 bytes, signatures of 64. Pure."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PrivateKey = ec.EllipticCurvePrivateKey
PublicKey = ec.EllipticCurvePublicKey

_CURVE = ec.SECP256R1()
POINT_BYTES, _NUMBER_BYTES = 65, 32


def new_key() -> PrivateKey:
    return ec.generate_private_key(_CURVE)


def dumped(key: PrivateKey) -> str:
    """Return the private number, 64 hexadecimal digits."""
    return f"{key.private_numbers().private_value:064x}"


def loaded(text: str) -> PrivateKey:
    return ec.derive_private_key(int(text, 16), _CURVE)


def point(key: PrivateKey) -> bytes:
    """Return the public key, uncompressed."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def public_key(written: bytes) -> PublicKey:
    """:raises ValueError: not a point of the curve, uncompressed"""
    if len(written) != POINT_BYTES:
        raise ValueError("A public key is written in 65 bytes.")
    return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, written)


def shared_secret(key: PrivateKey, written: bytes) -> bytes:
    """:raises ValueError: not a point of the curve"""
    return key.exchange(ec.ECDH(), public_key(written))


def sign(message: bytes, key: PrivateKey) -> bytes:
    """Return an ECDSA signature with SHA-256: two numbers of 32 bytes."""
    numbers = decode_dss_signature(key.sign(message, ec.ECDSA(SHA256())))
    return b"".join(number.to_bytes(_NUMBER_BYTES) for number in numbers)


def is_signed(message: bytes, signature: bytes, *, by: bytes) -> bool:
    """Tell whether the holder of a public key signed the message."""
    if len(signature) != 2 * _NUMBER_BYTES:
        return False
    halves = signature[:_NUMBER_BYTES], signature[_NUMBER_BYTES:]
    written = encode_dss_signature(*map(int.from_bytes, halves))
    try:
        public_key(by).verify(written, message, ec.ECDSA(SHA256()))
    except (ValueError, InvalidSignature):
        return False
    return True


def to_base64(content: bytes) -> str:
    """Write base64url, without padding."""
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def from_base64(text: str) -> bytes:
    """:raises ValueError: not base64url"""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
