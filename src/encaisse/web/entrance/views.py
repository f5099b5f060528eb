"""The second step of signing in: choose a way, show it, go on."""

from typing import cast

from allauth.account.internal.decorators import login_stage_required
from allauth.mfa.base.forms import AuthenticateForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from encaisse.identity.access import record_failure
from encaisse.web.access import public
from encaisse.web.entrance.origin import origin_of
from encaisse.web.entrance.shown import proofs_shown
from encaisse.web.entrance.stage import EntranceStage
from encaisse.web.entrance.ways import Way, ways_of
from encaisse.web.forms import show_form


@public("somebody who has shown a password or a passkey, and is not in yet")
@require_http_methods(["GET", "HEAD", "POST"])
@login_stage_required(stage=EntranceStage.key, redirect_urlname="account_login")
def step(request: HttpRequest) -> HttpResponse:
    stage = cast("EntranceStage", request._login_stage)  # type: ignore[attr-defined]  # noqa: SLF001
    ways = _ways(request, stage)
    if not ways:
        return render(request, "entrance/nothing_left.html", status=403)
    way = _chosen(request, ways)
    form = AuthenticateForm(
        request.POST if request.method == "POST" else None, user=stage.login.user
    )
    if request.method == "POST" and form.is_valid():
        form.save()
        return stage.exit() if stage.is_passed() else redirect("entrance")
    if form.is_bound:
        _record_failure(request, stage)
    others = [other for other in ways if other != way]
    return show_form(request, "entrance/step.html", form, way=way, others=others, level=stage.level)


def _ways(request: HttpRequest, stage: EntranceStage) -> list[Way]:
    user = stage.login.user
    shown = proofs_shown(request, user, origin=origin_of(request, user_id=user.id))
    return ways_of(user, level=stage.level, shown=shown)


def _chosen(request: HttpRequest, ways: list[Way]) -> Way:
    wanted = request.GET.get("par", "")
    return next((way for way in ways if way.proof == wanted), ways[0])


def _record_failure(request: HttpRequest, stage: EntranceStage) -> None:
    user = stage.login.user
    record_failure(
        user_id=user.id, origin=origin_of(request, user_id=user.id), real_now=timezone.now()
    )
