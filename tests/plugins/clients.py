"""Test clients made by the thousand: none reads all the stylesheets before its first request."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    from django.conf import settings  # noqa: PLC0415  configured by pytest-django, after import

    # A file is looked for when it is asked for. The served Encaisse keeps the ordinary way.
    settings.WHITENOISE_AUTOREFRESH = True
