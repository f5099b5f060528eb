"""Write docs/errors.md from the code."""

import os
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "encaisse.config.settings")
django.setup()

from encaisse.config.catalogue import errors_page  # noqa: E402  after Django's set-up

Path("docs/errors.md").write_text(errors_page(), encoding="utf-8")
