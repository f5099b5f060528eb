"""Keys per subject: what they seal becomes unreadable once the key is destroyed."""

from collections.abc import Collection
from datetime import datetime
from functools import lru_cache
from uuid import UUID

import tink
from tink import aead

from encaisse.kit import crypto
from encaisse.kit.identifiers import new_id
from encaisse.kit.models import SubjectKey


def sealer_of(*, organization_id: UUID, subject: str, now: datetime) -> aead.Aead:
    """Return the subject's key, opened; it is made the first time."""
    key = SubjectKey.objects.filter(organization_id=organization_id, subject=subject).first()
    if key is None:
        key = _create(organization_id=organization_id, subject=subject, now=now)
    return _opened(organization_id, subject, bytes(key.wrapped))


def unseal_for(
    *, organization_id: UUID, subject: str, sealed: bytes | memoryview, context: str
) -> bytes | None:
    """Decrypt, or return None where the subject's key was destroyed."""
    key = openers_of(organization_id=organization_id, subjects={subject}).get(subject)
    return key.decrypt(bytes(sealed), context.encode()) if key else None


def openers_of(*, organization_id: UUID, subjects: Collection[str]) -> dict[str, aead.Aead]:
    """Return the opened keys of these subjects, by subject; a destroyed one is not there."""
    rows = SubjectKey.objects.filter(organization_id=organization_id, subject__in=subjects)
    return {row.subject: _opened(organization_id, row.subject, bytes(row.wrapped)) for row in rows}


def _create(*, organization_id: UUID, subject: str, now: datetime) -> SubjectKey:
    handle = tink.new_keyset_handle(aead.aead_key_templates.AES256_GCM)
    wrapped = crypto.wrap(handle, context_of(organization_id, subject))
    # Two first writers may meet: the row that was first is everybody's.
    SubjectKey.objects.bulk_create(
        [
            SubjectKey(
                id=new_id(),
                organization_id=organization_id,
                subject=subject,
                wrapped=wrapped,
                created_at=now,
            )
        ],
        ignore_conflicts=True,
    )
    return SubjectKey.objects.get(organization_id=organization_id, subject=subject)


@lru_cache(maxsize=4096)
def _opened(organization_id: UUID, subject: str, wrapped: bytes) -> aead.Aead:
    return crypto.unwrap(wrapped, context_of(organization_id, subject))


def context_of(organization_id: UUID, subject: str) -> bytes:
    """Return what a subject's wrapped key is bound to."""
    return f"kit_subjectkey|{subject}|{organization_id}".encode()
