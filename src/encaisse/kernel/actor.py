"""Who does something: a member, an API key, a payer, a provider, or Encaisse itself."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class ActorKind(StrEnum):
    MEMBER = "member"
    API_KEY = "api_key"
    PAYER = "payer"
    PROVIDER = "provider"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, with no personal data: a kind and, where there is one, a row id."""

    kind: ActorKind
    id: UUID | None = None

    @property
    def member_id(self) -> UUID | None:
        """Return which person acts, None for a program."""
        return self.id if self.kind is ActorKind.MEMBER else None

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}" if self.id else str(self.kind)


SYSTEM = Actor(ActorKind.SYSTEM)
PAYER = Actor(ActorKind.PAYER)
