"""What nobody needs any more goes: old answers, expired sessions."""

from datetime import timedelta

from django.utils import timezone

from encaisse.identity.models import Session
from encaisse.identity.sessions import SessionStore, stored_key
from encaisse.identity.tasks import clear_sessions
from encaisse.kit.clock import business_now
from encaisse.kit.idempotency import ANSWERS_KEPT, answer_once, request_digest
from encaisse.organizations.tasks import tidy
from factories.organizations import Firm


def answered(firm, key, at, number=1):
    return answer_once(
        organization_id=firm.id,
        key=key,
        digest=request_digest(method="POST", path="/refunds", body=b""),
        produce=lambda: (201, number),
        now=at,
    )


def test_an_answer_is_repeated_for_a_day_and_then_forgotten():
    firm, now = Firm(), business_now()
    answered(firm, "old", now - ANSWERS_KEPT - timedelta(minutes=1))
    answered(firm, "recent", now - ANSWERS_KEPT + timedelta(minutes=1))

    tidy(timestamp=0)

    assert answered(firm, "recent", now, number=2).is_replay
    assert not answered(firm, "old", now, number=2).is_replay


def test_expired_sessions_are_cleared_and_the_others_stay():
    live, dead = SessionStore(), SessionStore()
    live.create()
    dead.create()
    yesterday = timezone.now() - timedelta(days=1)
    Session.objects.filter(session_key=stored_key(dead.session_key)).update(expire_date=yesterday)

    clear_sessions(timestamp=0)

    assert live.exists(live.session_key)
    assert not dead.exists(dead.session_key)
