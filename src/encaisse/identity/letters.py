"""What is written to a person about their own access, whatever their organizations."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from encaisse.identity.guardians import address_of
from encaisse.identity.models import Guardianship
from encaisse.identity.recovery import mailed_token, recovery


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail: to whom, and what its template is told. The link may be a secret."""

    to: str
    facts: dict[str, object] = field(repr=False)


def send_letter(*, kind: str, object_id: UUID) -> None:
    """Write what there is to say of this, to each person concerned, and hand it over."""
    for name, letter in _LETTERS[kind](object_id):
        subject, _, text = render_to_string(f"letters/{name}.txt", letter.facts).partition("\n")
        EmailMessage(subject.strip(), text.strip() + "\n", to=[letter.to]).send()


_Letters = list[tuple[str, Letter]]


def _proposed(object_id: UUID) -> _Letters:
    row = Guardianship.objects.select_related("ward").get(id=object_id)
    facts: dict[str, object] = {"ward": row.ward, "link": _link("guardianships")}
    return [("guardian_proposed", Letter(address_of(row), facts))]


def _requested(object_id: UUID) -> _Letters:
    row = recovery(recovery_id=object_id)
    stop = {"person": row.user, "guardian": row.guardian, "link": _link("recovery", row.id)}
    answer = {"person": row.user, "link": _link("guardianships")}
    return [
        ("recovery_requested", Letter(row.user.email, stop)),
        ("recovery_to_answer", Letter(row.guardian.email, answer)),
    ]


def _approved(object_id: UUID) -> _Letters:
    row = recovery(recovery_id=object_id)
    facts = {"guardian": row.guardian, "link": _link("recovery", row.id)}
    return [("recovery_approved", Letter(row.user.email, facts))]


def _due(object_id: UUID) -> _Letters:
    row = recovery(recovery_id=object_id)
    facts = {"guardian": row.guardian, "link": _link("recovery_open", mailed_token(row))}
    return [("recovery_due", Letter(row.user.email, facts))]


def _over(object_id: UUID) -> _Letters:
    row = recovery(recovery_id=object_id)
    facts: dict[str, object] = {"state": row.state, "person": row.user}
    return [("recovery_over", Letter(one.email, facts)) for one in (row.user, row.guardian)]


def _link(route: str, *arguments: object) -> str:
    return f"{settings.PUBLIC_URL}{reverse(route, args=arguments)}"


_LETTERS: dict[str, Callable[[UUID], _Letters]] = {
    "guardian_proposed": _proposed,
    "recovery_requested": _requested,
    "recovery_approved": _approved,
    "recovery_due": _due,
    "recovery_done": _over,
    "recovery_cancelled": _over,
    "recovery_refused": _over,
    "recovery_expired": _over,
}
