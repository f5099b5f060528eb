"""Every test finds the limits of the door unused, however many tries the one before made."""

import pytest

_AT_THE_DOOR = frozenset({"functional", "attacks"})


@pytest.fixture(autouse=True)
def _unused_limits(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if _AT_THE_DOOR.isdisjoint(request.path.parts):
        return
    from django.core.cache import cache  # noqa: PLC0415  configured by pytest-django, after import

    from encaisse.identity.models import Allowance  # noqa: PLC0415  the same

    with monkeypatch.context() as patched:
        patched.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # a browser may keep a loop running
        cache.clear()
        Allowance.objects.all().delete()
