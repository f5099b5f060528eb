"""Somebody who lost everything, and who vouches for them."""

from django.utils import timezone

from encaisse.identity import guardians, recovery
from encaisse.identity.core import (
    RECOVERY_DELAY,
)
from encaisse.identity.models import Recovery
from encaisse.organizations.core import Role
from encaisse.organizations.team import add_member
from factories.organizations import NOW, Firm
from functional.web_people import (
    PASSWORD,
    Newcomer,
    client_of,
    person_at,
    prove,
    show_code_too,
)
from plugins.world import eventually


class Ward:
    """Anne, owner with Paul of a firm of two, and the accountant who vouches for her."""

    def __init__(self, *, agreed=True) -> None:
        self.firm = Firm()
        self.anne = person_at(Newcomer().email)
        self.anne.set_password(PASSWORD)
        self.anne.save()
        add_member(
            organization_id=self.firm.id, actor=self.firm.actor, user_id=self.anne.id,
            role=Role.OWNER, now=NOW,
        )  # fmt: skip
        self.accountant = person_at(Newcomer().email)
        self.start = timezone.now()
        row = guardians.name_guardian(
            user_id=self.anne.id, email=self.accountant.email.upper(), now=NOW
        )
        if agreed:
            guardians.accept(user_id=self.accountant.id, guardianship_id=row.id, now=NOW)

    def ask(self, at=None):
        return recovery.open_recovery(email=self.anne.email, now=NOW, real_now=at or self.start)

    def approve(self, row, at=None):
        return recovery.approve(
            recovery_id=row.id, guardian_id=self.accountant.id, now=NOW,
            real_now=at or self.start,
        )  # fmt: skip

    def wait(self, duration=RECOVERY_DELAY):
        return recovery.advance(now=NOW, real_now=self.start + duration)

    def due(self):
        """Go as far as both halves: the mailed link's secret and the guardian's code."""
        row = self.ask()
        code = self.approve(row)
        self.wait()
        row.refresh_from_db()
        return row, recovery.mailed_token(row), code

    def redeem(self, token, code, at=None):
        return recovery.redeem(
            token=token, code=code, now=NOW, real_now=at or self.start + RECOVERY_DELAY
        )


def mailed(world, address, words):
    def find():
        letters = world.control(f"/mail?to={address}", method="GET")["data"]
        return next((one["text"] for one in letters if words in one["text"]), None)

    return eventually(find)


def state_of(row):
    return Recovery.objects.get(id=row.id).state


def signed_in_person(user, *, proven=True):
    client = client_of(user)
    if proven:
        prove(client, user)
        show_code_too(client)
    return client
