"""Write docs/security/limits.md from the code."""

import os
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "encaisse.config.settings")
django.setup()

from encaisse.config.limits import limits_page  # noqa: E402  after Django's set-up

Path("docs/security/limits.md").write_text(limits_page(), encoding="utf-8")
