"""Each person's choice: of what they are told, and how."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from encaisse.kernel.errors import DomainError
from encaisse.security.core import RULES, Channel, Kind, Severity, channels_of, kinds_in_order
from encaisse.security.preferences import choose, reached_by
from encaisse.security.queries import chosen_by
from encaisse.web.access import SignedInRequest, signed_in_page

_Choices = dict[Kind, dict[Channel, bool]]
WORDS = {Channel.EMAIL: "E-mail", Channel.SMS: "SMS", Channel.PUSH: "Avis"}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_page("each person chooses for themselves")
def choose_channels(request: SignedInRequest) -> HttpResponse:
    error, choices = None, _stored(request)
    if request.method == "POST":
        choices = _typed(request)
        try:
            choose(user_id=request.user.id, chosen=choices, real_now=timezone.now())
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, "Vos choix sont gardés.")
            return redirect("alert_settings")
    context = {
        "rows": [_row(kind, choices[kind]) for kind, _rule in kinds_in_order()],
        "error": error,
        "reached": reached_by(user_id=request.user.id),
    }
    return render(request, "security/alert_settings.html", context, status=422 if error else 200)


def _stored(request: SignedInRequest) -> _Choices:
    chosen = chosen_by(user_id=request.user.id)
    told = {kind: channels_of(kind, chosen.get(kind, {})) for kind in RULES}
    return {
        kind: {channel: channel in channels for channel in Channel}
        for kind, channels in told.items()
    }


def _typed(request: SignedInRequest) -> _Choices:
    return {
        kind: {channel: _name(kind, channel) in request.POST for channel in Channel}
        for kind in RULES
    }


def _row(kind: Kind, channels: dict[Channel, bool]) -> dict[str, object]:
    return {
        "title": RULES[kind].title,
        "severity": RULES[kind].severity,
        "is_grave": RULES[kind].severity is Severity.GRAVE,
        "boxes": [(_name(kind, one), WORDS[one], is_on) for one, is_on in channels.items()],
    }


def _name(kind: Kind, channel: Channel) -> str:
    return f"{kind}-{channel}"
