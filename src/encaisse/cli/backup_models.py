"""The models that a host installed, in its backups: taken along, checked, put back."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from encaisse.cli.errors import CommandFailed
from encaisse.cli.files import write_private
from encaisse.cli.output import say
from encaisse.fraud.core.model import Model, NotAModel, read_model
from encaisse.fraud.services.current_model import (
    IN_USE,
    INSTALLED,
    check_signed,
    model_of_digest,
    signature_of,
    text_of,
    usable_model,
)


def models_of(folder: Path) -> dict[str, Any]:
    """Return the models of a data folder with their signatures, and which one weighs payments."""
    kept: dict[str, dict[str, str]] = {}
    for path in sorted((folder / INSTALLED).glob("*.json")):
        if model_of_digest(path.stem) is None:
            say(f"Le modèle {path.stem} est abîmé : il n’est pas dans la sauvegarde.")
            continue
        signature = signature_of(folder, path.stem).read_text(encoding="ascii")
        kept[path.stem] = {"text": text_of(path), "signature": signature}
    weighs = usable_model() if (folder / IN_USE).exists() else None
    return {"in_use": weighs.sha256 if weighs and weighs.sha256 in kept else "", "kept": kept}


def check_models(manifest: Mapping[str, Any]) -> None:
    """
    Refuse a backup whose models this installation could not weigh payments with.

    :raises CommandFailed: one is damaged, or was signed with other keys
    """
    for one in _kept(manifest).values():
        _believed(one)


def put_models_back(folder: Path, manifest: Mapping[str, Any]) -> int:
    """
    Let the model of that day weigh payments again; return how many models came back.

    Those installed since stay beside, for their decisions. A backup of before knows of none.

    :raises CommandFailed: as above
    """
    if "models" not in manifest:
        return 0
    (folder / INSTALLED).mkdir(mode=0o700, parents=True, exist_ok=True)
    for one in _kept(manifest).values():
        model = _believed(one)
        write_private(signature_of(folder, model.sha256), one["signature"])
        write_private(folder / INSTALLED / f"{model.sha256}.json", one["text"])
    weighs = _kept(manifest).get(manifest["models"]["in_use"])
    if weighs is None:
        (folder / IN_USE).unlink(missing_ok=True)
    else:
        write_private(folder / IN_USE, weighs["text"])
    return len(_kept(manifest))


def _kept(manifest: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    return dict(manifest.get("models", {}).get("kept", {}))


def _believed(one: Mapping[str, str]) -> Model:
    try:
        model = read_model(one["text"])
        check_signed(model, one["signature"])
    except NotAModel as error:
        raise CommandFailed(
            f"Un modèle de la sauvegarde ne pèserait aucun paiement ici : {error}"
        ) from error
    return model
