"""Putting a model in place: checked, signed with the instance's key, kept for old decisions."""

from collections.abc import Callable
from pathlib import Path

from encaisse.fraud.core.facts import FACT_TYPES
from encaisse.fraud.core.model import Model, NotAModel, read_model
from encaisse.fraud.services.current_model import (
    IN_USE,
    INSTALLED,
    signature_of,
    signed_words,
)
from encaisse.kit.crypto import sign

Write = Callable[[Path, str], None]


def install_model(text: str, *, folder: Path, write: Write) -> Model:
    """
    Let a model weigh payments from now on. `write` makes a file appear whole or not at all.

    Its signature is there before it is, so that no payment meets a model without one.

    :raises NotAModel: it is none, or looks at what no payment is known by
    :raises KeysUnreadable: the instance has no key that signs
    """
    model = read_model(text)
    _check_weighs(model)
    signature = sign(signed_words(model.sha256)).hex()
    kept = folder / INSTALLED
    kept.mkdir(mode=0o700, parents=True, exist_ok=True)
    write(signature_of(folder, model.sha256), signature)
    write(kept / f"{model.sha256}.json", text)
    write(folder / IN_USE, text)
    return model


def _check_weighs(model: Model) -> None:
    """Refuse a model of something else: at the door it would know nothing."""
    numbers = {name for name, kind in FACT_TYPES.items() if kind is not str}
    unknown = sorted(set(model.features) - numbers)
    if unknown:
        raise NotAModel(f"Looks at {unknown[0]}, which no payment is known by.")
    if not {"data", "from", "to", "payments", "frauds"} <= model.training.keys():
        raise NotAModel("Does not say what it learnt from.")
    if not isinstance(model.metrics.get("average_precision"), float):
        raise NotAModel("Does not say what it was worth.")
    model.score({})
