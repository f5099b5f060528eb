"""Stored files: named in clear, sealed under the organization's own file key."""

import hashlib
from datetime import datetime
from uuid import UUID

from encaisse.kernel.errors import DomainError, NotFound
from encaisse.kit.identifiers import new_id
from encaisse.kit.models import FileContent, StoredFile
from encaisse.kit.subjects import sealer_of, unseal_for

LARGEST_FILE_BYTES = 10 * 1024 * 1024
_SUBJECT = "files"


class FileTooLarge(DomainError):
    """A file holds at most 10 MB."""

    code = "file_too_large"
    status = 413
    french = "Ce fichier est trop lourd : 10 Mo au plus."


class FileUnreadable(DomainError):
    """The file's key was destroyed, its content is gone."""

    code = "file_unreadable"
    status = 410
    french = "Le contenu de ce fichier a été effacé."


def store_file(
    *,
    organization_id: UUID,
    kind: str,
    name: str,
    media_type: str,
    content: bytes,
    now: datetime,
) -> StoredFile:
    """
    Seal and keep a file in the caller's transaction.

    :raises FileTooLarge: over 10 MB
    """
    if len(content) > LARGEST_FILE_BYTES:
        raise FileTooLarge
    stored = StoredFile.objects.create(
        organization_id=organization_id,
        kind=kind,
        name=name,
        media_type=media_type,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        created_at=now,
    )
    sealer = sealer_of(organization_id=organization_id, subject=_SUBJECT, now=now)
    FileContent.objects.create(
        id=new_id(),
        organization_id=organization_id,
        file_id=stored.id,
        created_at=now,
        sealed=sealer.encrypt(content, str(stored.id).encode()),
    )
    return stored


def read_file(*, organization_id: UUID, file_id: UUID) -> tuple[StoredFile, bytes]:
    """
    Return a file and its content.

    :raises NotFound: no such file in this organization
    :raises FileUnreadable: its key was destroyed
    """
    try:
        stored = StoredFile.objects.get(organization_id=organization_id, id=file_id)
    except StoredFile.DoesNotExist as error:
        raise NotFound from error
    sealed = FileContent.objects.get(organization_id=organization_id, file_id=file_id).sealed
    content = unseal_for(
        organization_id=organization_id, subject=_SUBJECT, sealed=sealed, context=str(file_id)
    )
    if content is None:
        raise FileUnreadable
    return stored, content
