"""The second door: TLS, on the one address that a telephone of the same network can reach."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Network:
    """Where to listen, under which certificate, and the made-up authority that signed it."""

    host: str
    certificate: Path
    key: Path
    authority: Path
