"""What proves that a checkpoint is the instance's: Ed25519, verified without its keys."""

from collections.abc import Collection

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def is_signed(message: bytes, signature: bytes, *, public_keys: Collection[bytes]) -> bool:
    """Tell whether one of these keys signed the message."""
    return any(_holds(message, signature, key) for key in public_keys)


def _holds(message: bytes, signature: bytes, public_key: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
