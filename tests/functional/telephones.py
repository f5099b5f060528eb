"""A telephone that answers for somebody, without a browser: the key it holds, what it is sent."""

import json
from dataclasses import dataclass

from django.utils import timezone

from encaisse.identity.approvals import Asked, Question, agree, ask
from encaisse.identity.approvers import Browser, add_approver
from encaisse.identity.core import approval_statement
from encaisse.identity.devices import remember
from encaisse.identity.models import Approver
from encaisse.identity.services import enrol_second_factor
from encaisse.kit.clock import business_now
from encaisse.kit.p256 import PrivateKey, new_key, point, sign, to_base64
from encaisse.messaging.push import application_key
from factories.organizations import make_user

SAID = "Remboursement 1 800,00 € : M. Dupont"


@dataclass(slots=True)
class Telephone:
    """One browser of a person: its cookie, its key, and its subscription if it has one."""

    user: object
    token: str
    key: PrivateKey
    approver: Approver
    browser_id: str = ""

    def signature(self, asked: Asked, number: str, *, key: PrivateKey | None = None) -> str:
        statement = approval_statement(str(asked.id), asked.digest, number)
        return to_base64(sign(statement, key or self.key))

    def agrees(self, asked: Asked, *, number: str = "", **changes) -> None:
        typed = number or asked.number
        given = {
            "approver": self.approver,
            "approval_id": asked.id,
            "number": typed,
            "signature": self.signature(asked, typed),
            "real_now": timezone.now(),
        }
        agree(**(given | changes))


def telephone_of(user=None, *, world=None) -> Telephone:
    """Return a telephone just added; with a world, its browser takes push messages there."""
    person = user or make_user()
    if user is None:
        enrol_second_factor(user=person)
    device = remember(
        user_id=person.id, token="", agent="Chrome sur Android", real_now=timezone.now()
    )
    key, browser_id, addresses = new_key(), "", {}
    if world is not None:
        made = world.control("/push/browsers", {"application_key": application_key()})
        browser_id, addresses = made["id"], made["subscription"]
    approver = add_approver(
        user_id=person.id,
        device_id=device.device_id,
        name="Téléphone d’Anne",
        browser=Browser(public_key=to_base64(point(key)), **addresses),
        now=business_now(),
        real_now=timezone.now(),
    )
    return Telephone(person, device.token, key, approver, browser_id)


def asked_of(user, *, purpose="sign_in:push", device_id=None, at=None, **changes) -> Asked:
    question = {"said": SAID, "agent": "Firefox sur Windows", "place": "France"}
    return ask(
        user_id=user.id,
        purpose=purpose,
        question=Question(**(question | changes)),
        device_id=device_id,
        real_now=at or timezone.now(),
    )


def pushed_to(world, telephone: Telephone) -> list[dict]:
    """Return what the telephone's browser was sent, opened, newest first."""
    found = world.control(f"/push/browsers/{telephone.browser_id}", method="GET")["data"]
    return [json.loads(one["text"]) | {"ttl": one["ttl"]} for one in found]
