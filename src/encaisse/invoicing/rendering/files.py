"""The PDF kept for an issued document: made once, then the same file for everyone."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from encaisse.invoicing.models import Document, DocumentFile
from encaisse.invoicing.rendering.document import PaymentBlock
from encaisse.invoicing.rendering.pdf import render_document
from encaisse.kit.files import store_file
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for


def pdf_file(
    *, organization_id: UUID, document: Document, payment: PaymentBlock | None, now: datetime
) -> UUID:
    """Return the stored PDF of a document, made the first time. How to pay is printed for good."""
    with acting_for(organization_id):
        known = _known(organization_id, document)
        if known is not None:
            return known
        content = render_document(document.read(), payment=payment)
        try:
            with transaction.atomic():
                return _keep(organization_id, document, content, now)
        except IntegrityError:  # another process was first: its file is everybody's
            return DocumentFile.objects.get(
                organization_id=organization_id, document=document
            ).file_id


def _known(organization_id: UUID, document: Document) -> UUID | None:
    return (
        DocumentFile.objects.filter(organization_id=organization_id, document=document)
        .values_list("file_id", flat=True)
        .first()
    )


def _keep(organization_id: UUID, document: Document, content: bytes, now: datetime) -> UUID:
    stored = store_file(
        organization_id=organization_id,
        kind="document",
        name=f"{document.number}.pdf",
        media_type="application/pdf",
        content=content,
        now=now,
    )
    DocumentFile.objects.create(
        id=new_id(),
        organization_id=organization_id,
        document=document,
        file_id=stored.id,
        created_at=now,
    )
    return stored.id
