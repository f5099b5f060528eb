"""Reading people."""

from uuid import UUID

from allauth.account.models import EmailAddress


def proven_addresses(*, user_id: UUID) -> list[str]:
    """Return the addresses a person showed to be theirs."""
    rows = EmailAddress.objects.filter(user_id=user_id, verified=True)
    return list(rows.values_list("email", flat=True))
