"""The second step of signing in: choose a way, show it, go on."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, cast

from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.webauthn.internal import auth as webauthn
from django import forms
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from encaisse.identity.access import record_failure
from encaisse.identity.errors import ApprovalDenied
from encaisse.identity.forms import PasskeyStep, SecondStep
from encaisse.identity.models import User
from encaisse.identity.proofs import Proof
from encaisse.kernel.errors import DomainError
from encaisse.risk.presets import Level
from encaisse.web.access import public
from encaisse.web.entrance.asking import on_the_way, question_shown, use_approval_of
from encaisse.web.entrance.origin import origin_of
from encaisse.web.entrance.sending import Errand, is_sent, send_code, use_code
from encaisse.web.entrance.stage import EntranceStage
from encaisse.web.entrance.ways import WORDS, Way, ways_of
from encaisse.web.forms import PageForm, show_form


class Step(Protocol):
    """Where somebody proves who they are: at the door, or before something sensitive."""

    @property
    def person(self) -> User: ...

    @property
    def level(self) -> Level: ...

    @property
    def address(self) -> str: ...

    @property
    def errand(self) -> Errand:
        """What a code or an agreement asked here is for, in this browser."""
        ...

    def shown(self) -> set[Proof]: ...

    def is_passed(self) -> bool: ...

    def exit(self) -> HttpResponse: ...


class SentCodeForm(PageForm):
    """A code that was just sent, by text or by mail."""

    code = forms.CharField(
        label="Code reçu",
        max_length=12,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
        ),
    )
    fields_of_codes = {"code_wrong": "code", "code_over": "code"}


@public("somebody who has shown a password or a passkey, and is not in yet")
@require_http_methods(["GET", "HEAD", "POST"])
@login_stage_required(stage=EntranceStage.key, redirect_urlname="account_login")  # type: ignore[untyped-decorator]
def step(request: HttpRequest) -> HttpResponse:
    stage = cast("EntranceStage", request._login_stage)  # type: ignore[attr-defined]  # noqa: SLF001
    if stage.is_over():
        return stage.give_up()
    return walk(request, stage, submit="Se connecter")


def walk(request: HttpRequest, stage: Step, **shown: str) -> HttpResponse:
    """Offer what the person has left to show, take it, and go on once it is enough."""
    ways = ways_of(
        stage.person,
        level=stage.level,
        shown=stage.shown(),
        device_id=origin_of(request, user_id=stage.person.id).device_id,
    )
    if not ways:
        return render(request, "entrance/nothing_left.html", status=403)
    wanted = request.GET.get("par", "")
    way = next((one for one in ways if one == wanted), ways[0])
    others = [(other, WORDS[other].choose) for other in ways if other is not way]
    context = {"way": way, "words": WORDS[way], "others": others, **shown}
    return _SHOWN[way](request, stage, context)


def _by_passkey(request: HttpRequest, stage: Step, context: dict[str, Any]) -> HttpResponse:
    form = PasskeyStep(request.POST or None, user=stage.person)
    if form.is_bound and form.is_valid():
        form.save()
        return _go_on(stage)
    if form.is_bound:
        _note_failure(request, stage.person)
    options = {"request_options": webauthn.begin_authentication(stage.person)}
    return show_form(request, "entrance/passkey.html", form, options=options, **context)


def _by_code(request: HttpRequest, stage: Step, context: dict[str, Any]) -> HttpResponse:
    form = SecondStep(request.POST or None, user=stage.person)
    if form.is_bound and form.is_valid():
        form.save()
        return _go_on(stage)
    if form.is_bound:
        _note_failure(request, stage.person)
    return show_form(request, "entrance/code.html", form, **context)


def _by_sent_code(proof: Proof) -> Callable[..., HttpResponse]:
    def show(request: HttpRequest, stage: Step, context: dict[str, Any]) -> HttpResponse:
        user, errand = stage.person, stage.errand
        if "envoyer" in request.POST:
            return _sent(request, user, proof, errand)
        form = SentCodeForm(request.POST or None)
        if form.is_bound:
            if form.submit(
                lambda values: use_code(user=user, proof=proof, code=values["code"], errand=errand)
            ):
                record_authentication(request, user, "mfa", type=proof.value)
                return _go_on(stage)
            _note_failure(request, user)
        sent = is_sent(user=user, proof=proof, errand=errand)
        return show_form(request, "entrance/sent_code.html", form, is_sent=sent, **context)

    return show


def _by_approval(request: HttpRequest, stage: Step, context: dict[str, Any]) -> HttpResponse:
    user, errand = stage.person, stage.errand
    if (waits := on_the_way(request, user, errand)) is not None:
        return waits
    form = PageForm(request.POST if request.method == "POST" else None)
    if form.is_bound:
        if form.submit(lambda _values: use_approval_of(user, errand)):
            record_authentication(request, user, "mfa", type=Proof.PUSH.value)
            return _go_on(stage)
        if form.has_error(NON_FIELD_ERRORS, ApprovalDenied.code):
            _note_failure(request, user)
    shown = question_shown(user, errand)
    return show_form(request, "entrance/approval.html", form, **shown, **context)


def _sent(request: HttpRequest, user: User, proof: Proof, errand: Errand) -> HttpResponse:
    try:
        send_code(request, user=user, proof=proof, errand=errand)
    except DomainError as error:
        messages.error(request, error.message)
    return redirect(request.get_full_path())


def _go_on(stage: Step) -> HttpResponse:
    if stage.is_passed():
        return stage.exit()
    return redirect(stage.address)


def _note_failure(request: HttpRequest, user: User) -> None:
    record_failure(
        user_id=user.id, origin=origin_of(request, user_id=user.id), real_now=timezone.now()
    )


_SHOWN: Mapping[Way, Callable[[HttpRequest, Step, dict[str, Any]], HttpResponse]] = {
    Way.PASSKEY: _by_passkey,
    Way.PUSH: _by_approval,
    Way.CODE: _by_code,
    Way.SPARE: _by_code,
    Way.TEXT: _by_sent_code(Proof.SMS),
    Way.MAIL: _by_sent_code(Proof.EMAIL),
}
