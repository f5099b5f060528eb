"""What every use case of the simulated world receives: its data, its clock, its keys."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from encaisse_sandbox.clock import Clock
from encaisse_sandbox.database import Database
from encaisse_sandbox.vault import Vault

PROVIDER_NAME = "Banc d’essai Paiements (SANDBOX)"
BANK_NAME = "Banque Sandbox"


@dataclass(slots=True)
class World:
    """The simulated outside world of one data folder."""

    db: Database
    clock: Clock
    vault: Vault
    public_url: str
    programs_url: str
    webhooks_waiting: asyncio.Event = field(default_factory=asyncio.Event)


def open_world(directory: Path, public_url: str, programs_url: str) -> World:
    """Open the world kept in this folder, or begin a new one."""
    directory.mkdir(parents=True, exist_ok=True)
    return World(
        db=Database(directory / "sandbox.sqlite3"),
        clock=Clock(directory / "clock.json"),
        vault=Vault(directory),
        public_url=public_url,
        programs_url=programs_url,
    )
