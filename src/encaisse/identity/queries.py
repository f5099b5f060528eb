"""Reading people."""

from encaisse.identity.models import User


def user_with_email(email: str) -> User | None:
    """Return the active account at this address, if there is one."""
    return User.objects.filter(email__iexact=email.strip(), is_active=True).first()
