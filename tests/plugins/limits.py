"""Every test finds the limits of the door unused, however many tries the one before made."""

import pytest

_AT_THE_DOOR = frozenset({"functional", "attacks"})


@pytest.fixture(autouse=True)
def _unused_limits(request: pytest.FixtureRequest) -> None:
    if _AT_THE_DOOR.isdisjoint(request.path.parts):
        return
    from django.core.cache import cache  # noqa: PLC0415  configured by pytest-django, after import

    from encaisse.identity.models import Allowance  # noqa: PLC0415  the same

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # a browser of the module keeps a loop
        cache.clear()
        Allowance.objects.all().delete()
