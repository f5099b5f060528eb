"""Who vouches for whom, should everything be lost."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from encaisse.identity.core import GuardianState
from encaisse.identity.errors import GuardianRefused
from encaisse.identity.events import GuardianChanged
from encaisse.identity.models import Guardianship, User
from encaisse.identity.queries import proven_addresses
from encaisse.kernel.errors import NotFound
from encaisse.kit.crypto import blind_index, blind_indexes, seal, unseal
from encaisse.kit.events import publish
from encaisse.kit.identifiers import new_id
from encaisse.kit.jobs import enqueue


def guardian_of(*, user_id: UUID) -> Guardianship | None:
    """Return whom a person named, whether or not they agreed yet."""
    return _open().filter(ward_id=user_id).select_related("guardian").first()


def guardianships_for(*, user_id: UUID) -> list[Guardianship]:
    """Return those who count on this person, or asked to: found by their proven addresses."""
    indexes = [
        index
        for address in proven_addresses(user_id=user_id)
        for index in blind_indexes(address.strip().lower(), purpose="guardian")
    ]
    asked = Q(state=GuardianState.PROPOSED, email_index__in=indexes)
    rows = _open().filter(asked | Q(guardian_id=user_id)).exclude(ward_id=user_id)
    return list(rows.select_related("ward").order_by("created_at"))


def address_of(row: Guardianship) -> str:
    return unseal(row.email_sealed, row.place())


@transaction.atomic
def name_guardian(*, user_id: UUID, email: str, now: datetime) -> Guardianship:
    """
    Ask somebody to vouch, in place of whoever did. The answer never tells who has an account.

    :raises GuardianRefused: the address is the person's own
    """
    User.objects.select_for_update().get(id=user_id)
    address = email.strip().lower()
    if address in {own.lower() for own in proven_addresses(user_id=user_id)}:
        raise GuardianRefused
    _open().filter(ward_id=user_id).update(state=GuardianState.ENDED)
    row = Guardianship(id=new_id(), ward_id=user_id, state=GuardianState.PROPOSED, created_at=now)
    row.email_sealed = seal(address, row.place())
    row.email_index = address_index(address)
    row.save(force_insert=True)
    publish(GuardianChanged(user_id=user_id, change="named", by=user_id, at=now))
    enqueue("identity.send_letter", kind="guardian_proposed", object_id=row.id)
    return row


@transaction.atomic
def accept(*, user_id: UUID, guardianship_id: UUID, now: datetime) -> Guardianship:
    """:raises NotFound: nobody asked this person"""
    row = _asked(user_id, guardianship_id)
    row.state, row.guardian_id = GuardianState.ACCEPTED, user_id
    row.save(update_fields=["state", "guardian"])
    publish(GuardianChanged(user_id=row.ward_id, change="accepted", by=user_id, at=now))
    return row


@transaction.atomic
def end(*, user_id: UUID, guardianship_id: UUID, now: datetime) -> None:
    """
    Stop vouching, or being vouched for, or decline to.

    :raises NotFound: it concerns other people
    """
    row = _open().select_for_update().filter(id=guardianship_id, ward_id=user_id).first()
    row = row or _asked(user_id, guardianship_id)
    row.state = GuardianState.ENDED
    row.save(update_fields=["state"])
    publish(GuardianChanged(user_id=row.ward_id, change="ended", by=user_id, at=now))


def _asked(user_id: UUID, guardianship_id: UUID) -> Guardianship:
    if guardianship_id not in {row.id for row in guardianships_for(user_id=user_id)}:
        raise NotFound
    return _open().select_for_update().get(id=guardianship_id)


def _open() -> QuerySet[Guardianship]:
    return Guardianship.objects.exclude(state=GuardianState.ENDED)


def address_index(address: str) -> bytes:
    return blind_index(address.strip().lower(), purpose="guardian")
