"""
The demonstration's firm: made once per data folder, with random credentials.

Run by the supervisor as `python -m encaisse.cli.seed`, before the site opens.
"""

import json
import os
import sys
from pathlib import Path

import django

from encaisse.cli.files import write_private
from encaisse.cli.output import say

DEMO_FILE = "demo.json"
WITHOUT_PAST = "--new"


def main() -> None:
    """Make the firm unless the folder already has one: with a past, unless told --new."""
    path = Path(os.environ["ENCAISSE_DATA_DIR"]) / DEMO_FILE
    if path.exists():
        return
    django.setup()
    # Making the firm needs models, hence Django set up.
    from encaisse.cli.seed_firm import make_firm  # noqa: PLC0415

    # Written last: a seed cut short starts anew, with another address.
    write_private(
        path, json.dumps(make_firm(has_past=WITHOUT_PAST not in sys.argv), indent=2) + "\n"
    )
    say("Plomberie Martin est prête.")


if __name__ == "__main__":
    main()
