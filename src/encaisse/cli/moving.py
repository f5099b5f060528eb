"""
The simulated pages may change address between two starts: another port, a network, or none.

Run by the supervisor as `python -m encaisse.cli.moving`, before the site opens.
"""

from pathlib import Path

import django

from encaisse.cli.files import write_private
from encaisse.cli.output import PROGRESS, say
from encaisse.kernel.errors import DomainError

MOVED = "encaisse.cli.moving"
_FILE = "payers-url"


def is_known(data: Path, payers_url: str) -> bool:
    """Tell whether the firms of this folder already send their payers there."""
    path = data / _FILE
    return path.exists() and path.read_text(encoding="utf-8") == payers_url


def remember(data: Path, payers_url: str) -> None:
    write_private(data / _FILE, payers_url)


def main() -> None:
    """Ask the provider of every firm again where its pages are."""
    django.setup()
    # Models, once Django is set up.
    from encaisse.organizations.queries import organization_ids  # noqa: PLC0415
    from encaisse.providers.services import reread_account  # noqa: PLC0415

    for organization_id in organization_ids():
        try:
            reread_account(organization_id=organization_id)
        except DomainError as error:
            # One firm whose key is refused does not keep the demonstration closed.
            say(f"{PROGRESS}Une entreprise garde l’ancienne adresse : {error.message}")


if __name__ == "__main__":
    main()
