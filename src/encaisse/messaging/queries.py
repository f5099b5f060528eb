"""Reading mail: what was sent to whom about what."""

from uuid import UUID

from django.db.models import QuerySet

from encaisse.kit.crypto import unseal
from encaisse.messaging.models import OutboundMail


def mails(*, organization_id: UUID) -> QuerySet[OutboundMail]:
    """Return the mails of an organization, newest first."""
    return OutboundMail.objects.filter(organization_id=organization_id).order_by(
        "-created_at", "-id"
    )


def mails_about(*, organization_id: UUID, object_id: UUID) -> QuerySet[OutboundMail]:
    """Return the mails about one object, oldest first."""
    return OutboundMail.objects.filter(
        organization_id=organization_id, object_id=object_id
    ).order_by("created_at", "id")


def recipient_of(mail: OutboundMail) -> str:
    return unseal(mail.to_sealed, mail.place("to"))


def subject_of(mail: OutboundMail) -> str:
    return unseal(mail.subject_sealed, mail.place("subject"))
