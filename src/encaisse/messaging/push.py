"""Handing a message to the push service of a browser, with an outcome that is never guessed."""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from encaisse.kit.crypto import seal, unseal
from encaisse.kit.http import AnswerLost, NothingSent
from encaisse.kit.outside import AddressRefused, post_outside
from encaisse.kit.p256 import PrivateKey, dumped, loaded, new_key, point, to_base64
from encaisse.messaging.models import PushKey
from encaisse.messaging.webpush import Subscription, authorization, encrypted

# The whole instance has one: browsers are told of it when they subscribe.
_ONLY = UUID(int=1)
_GONE = frozenset({404, 410})


class PushOutcome(StrEnum):
    SENT = "sent"
    REFUSED = "refused"
    # The browser has withdrawn: nothing will ever arrive there.
    GONE = "gone"
    UNKNOWN = "unknown"


def application_key() -> str:
    """Return the public key browsers are given, base64url; made at the first call."""
    return to_base64(point(_key()))


def is_push_service(endpoint: str) -> bool:
    """Tell whether an address is of a push service of the list: a browser's, and no other."""
    parts = urlsplit(endpoint)
    host = (parts.hostname or "").lower()
    if settings.DEMO and endpoint.startswith(f"{settings.ENCAISSE_SANDBOX_URL}/push/"):
        return bool(settings.ENCAISSE_SANDBOX_URL)
    known = settings.ENCAISSE_PUSH_HOSTS
    return parts.scheme == "https" and any(
        host == one or (one.startswith(".") and host.endswith(one)) for one in known
    )


def send_push(
    subscription: Subscription,
    content: Mapping[str, str],
    *,
    seconds: int,
    topic: str,
    real_now: datetime,
) -> PushOutcome:
    """
    Send words to one browser. Never called inside a transaction.

    After `seconds` the push service forgets them; a newer one of the same topic replaces them.
    """
    if not is_push_service(subscription.endpoint):
        return PushOutcome.REFUSED
    body = encrypted(
        json.dumps(content, ensure_ascii=False).encode(),
        subscription,
        salt=secrets.token_bytes(16),
        sender=new_key(),
    )
    headers = {
        "Authorization": authorization(
            subscription.endpoint, key=_key(), contact=_contact(), real_now=real_now
        ),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(seconds),
        "Urgency": "high",
        "Topic": topic,
    }
    try:
        answer = post_outside(subscription.endpoint, content=body, headers=headers)
    except (NothingSent, AddressRefused):
        return PushOutcome.REFUSED
    except AnswerLost:
        return PushOutcome.UNKNOWN
    if answer.status in _GONE:
        return PushOutcome.GONE
    return PushOutcome.SENT if answer.status < 300 else PushOutcome.REFUSED


def _contact() -> str:
    """Return whom a push service writes to about us (RFC 8292, 2.1)."""
    public = settings.PUBLIC_URL
    is_address = urlsplit(public).scheme == "https"
    return public if is_address else f"mailto:{settings.ENCAISSE_MAIL_FROM}"


def _key() -> PrivateKey:
    row = PushKey.objects.filter(id=_ONLY).first()
    if row is None:
        fresh = PushKey(id=_ONLY, created_at=timezone.now())
        fresh.private_sealed = seal(dumped(new_key()), fresh.place())
        # Of two processes at once, one writes it and both read it.
        PushKey.objects.bulk_create([fresh], ignore_conflicts=True)
        row = PushKey.objects.get(id=_ONLY)
    return loaded(unseal(row.private_sealed, row.place()))
