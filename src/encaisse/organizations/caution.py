"""What speaks for having an operation signed however small it is."""

from dataclasses import dataclass
from uuid import UUID

from encaisse.organizations.core import SIGNED_WITH, OperationKind, Role, allows
from encaisse.organizations.models import Membership


@dataclass(frozen=True, slots=True)
class Caution:
    """Why an operation is signed, and by how many where there are so many."""

    signers: int
    sentences: tuple[str, ...]


def asked_by(organization_id: UUID, kind: OperationKind, caution: Caution | None) -> int:
    """Return how many people caution asks for: never more than could sign."""
    if caution is None:
        return 0
    roles = [role for role in Role if allows(role, SIGNED_WITH[kind])]
    people = Membership.objects.filter(
        organization_id=organization_id, role__in=roles, user__frozen_at__isnull=True
    ).count()
    return max(1, min(caution.signers, people))
