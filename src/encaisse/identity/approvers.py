"""The telephones that answer for a person: added from the telephone itself, reached, removed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.text import Truncator

from encaisse.identity.core import Factor, FactorChange, FactorKind
from encaisse.identity.errors import ApproverRefused, NoFactor
from encaisse.identity.factors import announce, has_factor
from encaisse.identity.models import Approver, Device, User
from encaisse.kernel.errors import NotFound
from encaisse.kit.crypto import digest, seal, unseal
from encaisse.kit.identifiers import new_id
from encaisse.kit.p256 import from_base64, public_key
from encaisse.messaging.push import PushOutcome, is_push_service, send_push
from encaisse.messaging.webpush import NotASubscription, Subscription

LARGEST_NUMBER = 5
# A push message holds 4 KB, whatever a payee is called; telephones show the first lines anyway.
_LARGEST_BODY = 500


@dataclass(frozen=True, slots=True)
class Browser:
    """What a browser says of itself when it offers to answer; it may take no push message."""

    public_key: str
    endpoint: str = ""
    p256dh: str = ""
    auth: str = ""


def approvers_of(*, user_id: UUID) -> QuerySet[Approver]:
    """Return the telephones that answer for a person; one whose device is forgotten does not."""
    rows = Approver.objects.filter(user_id=user_id, device__forgotten_at__isnull=True)
    return rows.order_by("created_at")


def answers_elsewhere(*, user_id: UUID, device_id: UUID | None) -> QuerySet[Approver]:
    """Return those that may answer a question asked on this device."""
    rows = approvers_of(user_id=user_id)
    return rows if device_id is None else rows.exclude(device_id=device_id)


def approver_at(*, token: str) -> Approver | None:
    """Return whom the browser that holds this token answers for."""
    if not token:
        return None
    rows = Approver.objects.select_related("user").filter(
        device__token_digest=digest(token), device__forgotten_at__isnull=True
    )
    return rows.filter(user__frozen_at__isnull=True, user__is_active=True).first()


@transaction.atomic
def add_approver(
    *,
    user_id: UUID,
    device_id: UUID | None,
    name: str,
    browser: Browser,
    now: datetime,
    real_now: datetime,
) -> Approver:
    """
    Let a browser answer for its owner, beside another factor; it replaces what it was before.

    :raises ApproverRefused: its keys are none, it is reached nowhere we may ask, there are enough
    :raises NoFactor: a telephone that is off or lost must leave another way in
    """
    key, subscription = _read(browser)
    User.objects.select_for_update().get(id=user_id)
    if not has_factor(user_id=user_id):
        raise NoFactor
    devices = Device.objects.filter(user_id=user_id, forgotten_at__isnull=True)
    if device_id is None or not devices.filter(id=device_id).exists():
        raise ApproverRefused(reason="reconnectez-vous d’abord depuis lui")
    for former in Approver.objects.select_for_update().filter(device_id=device_id):
        former.delete()
    if approvers_of(user_id=user_id).count() >= LARGEST_NUMBER:
        raise ApproverRefused(reason=f"{LARGEST_NUMBER} téléphones répondent déjà, retirez-en un")
    row = Approver(
        id=new_id(),
        user_id=user_id,
        device_id=device_id,
        name=name,
        public_key=key,
        created_at=real_now,
    )
    if subscription is not None:
        row.subscription_sealed = seal(subscription.dump(), row.place())
    row.save(force_insert=True)
    announce(user_id=user_id, change=FactorChange.ADDED, factor=as_factor(row), now=now)
    return row


@transaction.atomic
def remove_approver(*, user_id: UUID, approver_id: UUID, now: datetime) -> str:
    """
    Let a telephone answer no more; return what it was called.

    :raises NotFound: none of theirs
    """
    row = Approver.objects.select_for_update().filter(user_id=user_id, id=approver_id).first()
    if row is None:
        raise NotFound
    removed = as_factor(row)
    row.delete()
    announce(user_id=user_id, change=FactorChange.REMOVED, factor=removed, now=now)
    return removed.name


def as_factor(row: Approver) -> Factor:
    return Factor(
        kind=FactorKind.APPROVER,
        id=str(row.id),
        name=row.name,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
    )


def tell(
    rows: QuerySet[Approver],
    content: dict[str, str],
    *,
    seconds: int,
    topic: str,
    real_now: datetime,
) -> int:
    """
    Push words to those of these telephones that take them; return to how many they went. A long
    body is cut: the page it leads to says it whole.

    Never called inside a transaction. One that has withdrawn is not asked again.
    """
    short = content | {"body": Truncator(content["body"]).chars(_LARGEST_BODY)}
    reached = 0
    for row in rows.exclude(subscription_sealed=None):
        outcome = send_push(
            subscription_of(row), short, seconds=seconds, topic=topic, real_now=real_now
        )
        reached += outcome in {PushOutcome.SENT, PushOutcome.UNKNOWN}
        if outcome is PushOutcome.GONE:
            Approver.objects.filter(id=row.id).update(subscription_sealed=None)
    return reached


def subscription_of(row: Approver) -> Subscription:
    return Subscription.load(unseal(row.subscription_sealed or b"", row.place()))


def _read(browser: Browser) -> tuple[bytes, Subscription | None]:
    try:
        key = from_base64(browser.public_key)
        public_key(key)
    except ValueError as error:
        raise ApproverRefused(reason="sa clé n’est pas lisible, rechargez la page") from error
    if not browser.endpoint:
        return key, None
    try:
        subscription = Subscription.parse(
            endpoint=browser.endpoint, p256dh=browser.p256dh, auth=browser.auth
        )
    except NotASubscription as error:
        raise ApproverRefused(reason="son adresse d’avis n’est pas lisible") from error
    if not is_push_service(subscription.endpoint):
        raise ApproverRefused(reason="le service d’avis de ce navigateur n’est pas connu ici")
    return key, subscription
