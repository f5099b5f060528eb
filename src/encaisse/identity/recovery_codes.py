"""
Recovery codes: shown once, then only their hashes are kept, and counted.

django-allauth makes the codes from a seed, and also takes a list of codes instead: once they were
seen, the list holds hashes, and what somebody types is hashed before it is looked for.
"""

import secrets
from base64 import b64encode
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import encrypt
from argon2.low_level import Type, hash_secret_raw
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from encaisse.identity.core import code_typed
from encaisse.kernel.errors import NotFound

# Ten codes of a person share a salt: a try is one computation, and stolen rows are still apart.
_SALT_BYTES, _HASH_BYTES = 16, 32


@transaction.atomic
def show_once(*, user_id: UUID) -> list[str]:
    """
    Return a person's unused codes the first time this is asked, and none ever after.

    :raises NotFound: they have none at all
    """
    row = _rows(user_id).select_for_update().first()
    if row is None:
        raise NotFound
    wrapper = _opened(row)
    if wrapper.did_view:
        return []
    codes = list(wrapper.get_unused_codes())
    wrapper.mark_as_viewed()
    _harden(row, codes)
    return codes


@transaction.atomic
def as_kept(*, user_id: UUID, code: str) -> str:
    """Return what is kept of a code somebody types, the code itself where they saw none yet."""
    row = _rows(user_id).select_for_update().first()
    if row is None or not row.data.get("viewed_at"):
        return code
    if "salt" not in row.data:  # seen before they were hashed
        _harden(row, list(_opened(row).get_unused_codes()))
    return _hashed(code_typed(code), salt=row.data["salt"], cost=row.data["cost"])


def _harden(row: Authenticator, codes: list[str]) -> None:
    """Replace the seed of the codes by what only tells them again."""
    salt, cost = secrets.token_hex(_SALT_BYTES), list(settings.RECOVERY_CODE_COST)
    row.data = {
        "salt": salt,
        "cost": cost,
        "migrated_codes": [encrypt(_hashed(code, salt=salt, cost=cost)) for code in codes],
        "viewed_at": row.data["viewed_at"],
    }
    row.save(update_fields=["data"])


def _opened(row: Any) -> Any:
    """Return allauth's view of the row, which it does not type."""
    return row.wrap()


def _hashed(code: str, *, salt: str, cost: list[int]) -> str:
    """Argon2id (RFC 9106): passes, memory in KiB, lanes."""
    passes, memory, lanes = cost
    raw = hash_secret_raw(
        code.encode(),
        bytes.fromhex(salt),
        time_cost=passes,
        memory_cost=memory,
        parallelism=lanes,
        hash_len=_HASH_BYTES,
        type=Type.ID,
    )
    return b64encode(raw).decode()


def _rows(user_id: UUID) -> QuerySet[Authenticator]:
    return Authenticator.objects.filter(user_id=user_id, type=Authenticator.Type.RECOVERY_CODES)
