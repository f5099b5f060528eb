from dataclasses import dataclass
from datetime import datetime

from encaisse.identity.core import FactorChange, FactorKind
from encaisse.kit.events import PersonEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorChanged(PersonEvent):
    """A person gained, lost or renewed something that proves who they are."""

    change: FactorChange
    kind: FactorKind
    name: str
    at: datetime
