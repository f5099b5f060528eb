"""The PDF kept for an issued document: made once in each language, then everybody's."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from encaisse.invoicing.models import Document, DocumentFile
from encaisse.invoicing.rendering.document import PaymentBlock
from encaisse.invoicing.rendering.pdf import render_document
from encaisse.invoicing.rendering.words import words_in
from encaisse.kernel.language import Language
from encaisse.kit.files import store_file
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for


def pdf_file(
    *,
    organization_id: UUID,
    document: Document,
    payment: PaymentBlock | None,
    language: Language,
    now: datetime,
) -> UUID:
    """Return the stored PDF of a document, made the first time. How to pay is printed for good."""
    with acting_for(organization_id):
        known = _known(document, language)
        if known is not None:
            return known
        content = render_document(document.read(), payment=payment, language=language)
        try:
            with transaction.atomic():
                return _keep(document, language, content, now)
        except IntegrityError:  # another process was first: its file is everybody's
            return _files(document, language).get().file_id


def _known(document: Document, language: Language) -> UUID | None:
    return _files(document, language).values_list("file_id", flat=True).first()


def _files(document: Document, language: Language) -> QuerySet[DocumentFile]:
    return DocumentFile.objects.filter(
        organization_id=document.organization_id, document=document, language=language
    )


def _keep(document: Document, language: Language, content: bytes, now: datetime) -> UUID:
    name = words_in(language).file_names[document.kind]
    stored = store_file(
        organization_id=document.organization_id,
        kind="document",
        name=name.format(number=document.number),
        media_type="application/pdf",
        content=content,
        now=now,
    )
    DocumentFile.objects.create(
        id=new_id(),
        organization_id=document.organization_id,
        document=document,
        language=language,
        file_id=stored.id,
        created_at=now,
    )
    return stored.id
