"""Reading people."""

from uuid import UUID

from allauth.account.models import EmailAddress

from encaisse.identity.models import User


def person_at(*, address: str) -> User | None:
    """Return who signs in with this address."""
    return User.objects.filter(email__iexact=address.strip()).first()


def proven_addresses(*, user_id: UUID) -> list[str]:
    """Return the addresses a person showed to be theirs."""
    rows = EmailAddress.objects.filter(user_id=user_id, verified=True)
    return list(rows.values_list("email", flat=True))
