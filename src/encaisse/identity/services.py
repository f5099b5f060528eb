"""Writing people."""

from django.contrib.auth.hashers import make_password

from encaisse.identity.models import User


def create_user(*, email: str, password: str | None, full_name: str = "") -> User:
    """Add a person who can sign in; without a password, only by another factor or a reset."""
    user = User(email=email.strip().lower(), full_name=full_name, password=make_password(password))
    user.save(force_insert=True)
    return user
