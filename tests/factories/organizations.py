"""Organizations of one test each, made through the services."""

import itertools
import random
from datetime import UTC, datetime
from uuid import UUID, uuid4

from encaisse.identity.models import User
from encaisse.kernel.actor import Actor, ActorKind
from encaisse.kernel.identifiers import luhn_valid
from encaisse.organizations import services
from encaisse.organizations.services import ProfileDraft

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_COUNT = itertools.count(1)


def random_siren() -> str:
    digits = "".join(str(random.randint(1, 9)) for _ in range(8))
    return next(f"{digits}{key}" for key in range(10) if luhn_valid(f"{digits}{key}"))


def make_user(**values: object) -> User:
    return User.objects.create(email=f"{uuid4()}@example.test", **values)


def make_profile_draft(**values: object) -> ProfileDraft:
    defaults = {
        "name": f"Plomberie {next(_COUNT)}",
        "siren": random_siren(),
        "street": "12 rue du Lavoir",
        "postal_code": "44000",
        "city": "Nantes",
        "email": "contact@plomberie.example",
    }
    return ProfileDraft(**{**defaults, **values})


class Firm:
    """An organization with its owner, as tests speak of it."""

    def __init__(self, **values: object) -> None:
        self.owner = make_user()
        self.actor = Actor(ActorKind.MEMBER, self.owner.id)
        self.organization = services.create_organization(
            owner_id=self.owner.id, draft=make_profile_draft(**values), now=NOW
        )

    @property
    def id(self) -> UUID:
        return self.organization.id
