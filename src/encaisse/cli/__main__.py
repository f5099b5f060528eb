"""`python -m encaisse.cli`, the same as the `encaisse` command."""

import sys

from encaisse.cli.main import main

sys.exit(main())
