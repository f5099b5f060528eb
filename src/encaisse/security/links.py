"""The link in a message that freezes one account: single use, seven days, no sign-in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from encaisse.identity.freezing import freeze, is_frozen
from encaisse.identity.models import User
from encaisse.kit.crypto import digest
from encaisse.organizations.handles import new_token
from encaisse.security.errors import FreezeLinkInvalid
from encaisse.security.freezing import may_freeze
from encaisse.security.models import FreezeLink

LIFE = timedelta(days=7)
_LARGEST_TOKEN = 64


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """What a link would do, or has done already."""

    user: User
    is_frozen: bool


def make_link(*, user_id: UUID, given_to: UUID, real_now: datetime) -> str:
    """Return the secret of a new link, for one message to one person."""
    token = new_token()
    FreezeLink.objects.create(
        digest=digest(token),
        user_id=user_id,
        given_to_id=given_to,
        expires_at=real_now + LIFE,
        created_at=real_now,
    )
    return token


def open_link(*, token: str, real_now: datetime) -> OpenedLink:
    """
    Say what a link would do; nothing changes.

    :raises FreezeLinkInvalid: unknown, too old, used, or whoever got it may not any more
    """
    return _opened(FreezeLink.objects.select_related("user"), token, real_now)[1]


@transaction.atomic
def use_link(*, token: str, real_now: datetime) -> OpenedLink:
    """
    Freeze the account the link was made for. Two taps at once freeze it once.

    :raises FreezeLinkInvalid: unknown, too old, used, or whoever got it may not any more
    """
    rows = FreezeLink.objects.select_related("user").select_for_update(of=("self",))
    link, opened = _opened(rows, token, real_now)
    if not opened.is_frozen:
        freeze(user_id=link.user_id, by=link.given_to_id, real_now=real_now)
    if link.used_at is None:
        link.used_at = real_now
        link.save(update_fields=["used_at"])
    return OpenedLink(link.user, is_frozen=True)


def forget_links(*, real_now: datetime) -> int:
    """Delete the links nobody can use any more; return how many."""
    return FreezeLink.objects.filter(expires_at__lt=real_now).delete()[0]


def _opened(
    rows: "QuerySet[FreezeLink]", token: str, now: datetime
) -> tuple[FreezeLink, OpenedLink]:
    link = rows.filter(digest=digest(token[:_LARGEST_TOKEN]), expires_at__gt=now).first()
    if link is None or not may_freeze(by=link.given_to_id, user_id=link.user_id, real_now=now):
        raise FreezeLinkInvalid
    found = OpenedLink(link.user, is_frozen=is_frozen(user_id=link.user_id))
    # A used link of a frozen account says so; once it is reopened, it freezes nothing again.
    if link.used_at is not None and not found.is_frozen:
        raise FreezeLinkInvalid
    return link, found
