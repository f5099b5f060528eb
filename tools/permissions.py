"""Write docs/permissions.md from the code."""

import os
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "encaisse.config.settings")
django.setup()

from encaisse.config.permissions import permissions_page  # noqa: E402  after Django's set-up

Path("docs/permissions.md").write_text(permissions_page(), encoding="utf-8")
