"""Where an agreement is asked for: put the question, show the number, wait for the telephone."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from encaisse.identity.approvals import (
    Asked,
    Question,
    ask,
    last_asked,
    ring,
    use_approval,
)
from encaisse.identity.core import ApprovalState
from encaisse.identity.errors import ApprovalWaiting
from encaisse.identity.models import User
from encaisse.identity.proofs import Proof
from encaisse.kernel.errors import DomainError
from encaisse.kit.places import country_of, country_words
from encaisse.web.entrance.origin import origin_of
from encaisse.web.entrance.sending import Errand


def on_the_way(request: HttpRequest, user: User, errand: Errand) -> HttpResponse | None:
    """Ask the telephones, or tell that none has answered yet; None once one has."""
    if "envoyer" in request.POST:
        return _ask(request, user, errand)
    asked = _last(user, errand)
    is_waiting = asked is not None and asked.state is ApprovalState.OPEN
    if "etat" in request.GET:
        # Read by the page that waits, which goes on by itself.
        headers = {"Cache-Control": "no-store"}
        return JsonResponse({"is_answered": not is_waiting}, headers=headers)
    if request.method == "POST" and is_waiting:
        messages.info(request, ApprovalWaiting().message)
        return redirect(request.get_full_path())
    return None


def question_shown(user: User, errand: Errand) -> dict[str, object]:
    """Return what the page that waits shows."""
    return {"asked": _last(user, errand)}


def use_approval_of(user: User, errand: Errand) -> Proof:
    """
    Use an agreement and return what it proves.

    :raises ApprovalWaiting: nobody answered yet
    :raises ApprovalDenied: it was refused
    :raises ApprovalOver: there is none, or for something else
    """
    use_approval(
        user_id=user.id,
        purpose=errand.purpose(Proof.PUSH),
        about=errand.about,
        binding=errand.binding,
        real_now=timezone.now(),
    )
    return Proof.PUSH


def _ask(request: HttpRequest, user: User, errand: Errand) -> HttpResponse:
    """Put a new question, outside any transaction."""
    now, origin = timezone.now(), origin_of(request, user_id=user.id)
    question = Question(
        said=errand.said[:1].upper() + errand.said[1:],
        agent=origin.agent,
        place=country_words(country_of(origin.address)),
        about=errand.about,
        binding=errand.binding,
    )
    try:
        asked = ask(
            user_id=user.id,
            purpose=errand.purpose(Proof.PUSH),
            question=question,
            device_id=origin.device_id,
            real_now=now,
        )
    except DomainError as error:
        messages.error(request, error.message)
        return redirect(request.get_full_path())
    url = f"{settings.PUBLIC_URL}{reverse('approval', args=[asked.id])}"
    ring(asked, user_id=user.id, device_id=origin.device_id, url=url, real_now=now)
    return redirect(request.get_full_path())


def _last(user: User, errand: Errand) -> Asked | None:
    return last_asked(
        user_id=user.id,
        purpose=errand.purpose(Proof.PUSH),
        about=errand.about,
        real_now=timezone.now(),
    )
