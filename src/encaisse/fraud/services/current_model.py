"""
The model that weighs payments now: the one that the host installed, or else the released one.

An installed model counts only with the instance's own signature. One that is damaged or that nobody
signed is not replaced by another in silence: payments wait, and the log says so.
"""

from functools import lru_cache
from pathlib import Path

import structlog
from django.conf import settings

from encaisse.audit.signatures import is_signed
from encaisse.fraud.core.model import SCHEMA, Model, NotAModel, read_model
from encaisse.fraud.core.shipped import SHA256, shipped_model
from encaisse.kit.crypto import KeysUnreadable, public_keys

log = structlog.get_logger(__name__)
# In the data folder: the model in use, and every model that was installed, with its signature.
IN_USE, INSTALLED = "fraud-model.json", "fraud-models"
# A thousand trees are under two megabytes: a larger file is no model, and is not read.
LARGEST_BYTES = 32 * 1024 * 1024
_DAMAGED = (NotAModel, UnicodeDecodeError, OSError, KeysUnreadable)


def usable_model() -> Model | None:
    """Return the model in use, read once; None where its file is not what was installed."""
    try:
        return _in_use(Path(settings.DATA_DIR))
    except _DAMAGED:
        log.exception("fraud_model_unreadable")
        return None


def model_of_digest(sha256: str) -> Model | None:
    """Return the model that a decision was made with, where it is still here; None otherwise."""
    if not sha256:
        return None
    try:
        if sha256 == SHA256:
            return shipped_model()
        folder = Path(settings.DATA_DIR)
        return _read(folder, folder / INSTALLED / f"{sha256}.json", trusted=sha256)
    except FileNotFoundError:
        return None
    except _DAMAGED:
        log.exception("fraud_model_unreadable")
        return None


def signed_words(sha256: str) -> bytes:
    """Return what the instance signs of a model."""
    return f"{SCHEMA} {sha256}".encode()


def signature_of(folder: Path, sha256: str) -> Path:
    return folder / INSTALLED / f"{sha256}.sig"


def text_of(path: Path) -> str:
    """:raises NotAModel, UnicodeDecodeError, OSError: it is not to be believed"""
    if path.stat().st_size > LARGEST_BYTES:
        raise NotAModel("Too large.")
    return path.read_text(encoding="utf-8")


def _in_use(folder: Path) -> Model:
    """:raises NotAModel, UnicodeDecodeError, OSError, KeysUnreadable: it is not to be believed"""
    path = folder / IN_USE
    try:
        found = path.stat()
    except FileNotFoundError:
        return shipped_model()
    # Another file has another of these: it is read again, and its signature with it.
    return _known(folder, path, (found.st_mtime_ns, found.st_size, found.st_ino))


@lru_cache(maxsize=4)
def _known(folder: Path, path: Path, _version: tuple[int, int, int]) -> Model:
    return _read(folder, path)


def _read(folder: Path, path: Path, *, trusted: str | None = None) -> Model:
    model = read_model(text_of(path), trusted=trusted)
    try:
        signature = signature_of(folder, model.sha256).read_text(encoding="ascii")
    except (FileNotFoundError, UnicodeDecodeError) as error:
        raise NotAModel("Nobody signed this model.") from error
    check_signed(model, signature)
    return model


def check_signed(model: Model, signature: str) -> None:
    """:raises NotAModel: it is not this instance that signed it"""
    try:
        given = bytes.fromhex(signature)
    except ValueError as error:
        raise NotAModel("Nobody signed this model.") from error
    if not is_signed(signed_words(model.sha256), given, public_keys=public_keys()):
        raise NotAModel("This instance did not sign this model.")
