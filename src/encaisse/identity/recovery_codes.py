"""Recovery codes: shown once, then only counted."""

from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db import transaction

from encaisse.kernel.errors import NotFound


@transaction.atomic
def show_once(*, user_id: UUID) -> list[str]:
    """
    Return a person's unused codes the first time this is asked, and none ever after.

    :raises NotFound: they have none at all
    """
    wrapper = _codes(user_id, is_locked=True)
    if wrapper.did_view:
        return []
    wrapper.mark_as_viewed()
    return list(wrapper.get_unused_codes())


def unused(*, user_id: UUID) -> list[str]:
    """:raises NotFound: they have none at all"""
    return list(_codes(user_id, is_locked=False).get_unused_codes())


def _codes(user_id: UUID, *, is_locked: bool) -> Any:
    rows = Authenticator.objects.filter(user_id=user_id, type=Authenticator.Type.RECOVERY_CODES)
    row: Any = (rows.select_for_update() if is_locked else rows).first()
    if row is None:
        raise NotFound
    return row.wrap()
