"""The model that weighs payments now. Without a whole one, payments wait and the log says so."""

import structlog

from encaisse.fraud.core.model import Model, NotAModel
from encaisse.fraud.core.shipped import shipped_model

log = structlog.get_logger(__name__)


def usable_model() -> Model | None:
    """Return the released model, read once; None where its file is not the released one."""
    try:
        return shipped_model()
    except (NotAModel, OSError):
        log.exception("fraud_model_unreadable")
        return None
