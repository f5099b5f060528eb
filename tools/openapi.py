"""Write docs/api/openapi.json from the code."""

import os
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "encaisse.config.settings")
django.setup()

from encaisse.config.catalogue import openapi_document  # noqa: E402  after Django's set-up

Path("docs/api/openapi.json").write_text(openapi_document(), encoding="utf-8")
