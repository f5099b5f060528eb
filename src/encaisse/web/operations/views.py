"""What waits for a signature: read exactly what would be done, prove who you are, it is done."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_used
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from encaisse.identity.access import reasons_of
from encaisse.identity.core import FactorKind
from encaisse.identity.factors import KINDS
from encaisse.identity.forms import PasskeyStep, SecondStep
from encaisse.identity.passkeys import ask_for
from encaisse.identity.proofs import Proof
from encaisse.kernel.errors import DomainError
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import OperationKind, OperationState, Permission
from encaisse.organizations.errors import NotYoursToSign, OperationClosed, SignatureOver
from encaisse.organizations.models import Operation
from encaisse.organizations.operations import (
    Draft,
    cancel,
    open_operations,
    operation_by_id,
    read,
)
from encaisse.risk.presets import Level
from encaisse.web.access import MemberRequest, asking_page, member_page
from encaisse.web.entrance.asking import on_the_way, question_shown, use_approval_of
from encaisse.web.entrance.origin import origin_of
from encaisse.web.entrance.sending import Errand, is_sent, send_code, use_code
from encaisse.web.entrance.views import SentCodeForm
from encaisse.web.entrance.ways import WORDS, Way, ways_of
from encaisse.web.forms import PageForm
from encaisse.web.operations.signing import Signing, open_signing

_P = Permission.OPERATIONS_SIGN
_PROOFS = {
    FactorKind.TOTP: Proof.TOTP,
    FactorKind.RECOVERY_CODES: Proof.RECOVERY_CODE,
}
_SENT = {Way.TEXT: Proof.SMS, Way.MAIL: Proof.EMAIL}
_BACK: Mapping[OperationKind, Callable[[Draft], str]] = {
    OperationKind.REFUND: lambda draft: reverse("payment", args=[draft.content["intent_id"]]),
    OperationKind.COLLECT_ON: lambda _draft: reverse("bank"),
    OperationKind.CONNECT_PROVIDER: lambda _draft: reverse("provider"),
    OperationKind.EXPORT_ALL: lambda _draft: reverse("audit"),
    OperationKind.GIVE_ROLE: lambda _draft: reverse("members"),
    OperationKind.INVITE_SIGNER: lambda _draft: reverse("members"),
    OperationKind.SAFEGUARDS: lambda _draft: reverse("safeguards"),
    OperationKind.VIGILANCE: lambda _draft: reverse("vigilance"),
}


@require_GET
@member_page(_P)
def index(request: MemberRequest) -> HttpResponse:
    rows = open_operations(organization_id=request.organization_id, real_now=timezone.now())
    return render(request, "operations/index.html", {"rows": [(row, read(row)) for row in rows]})


@require_http_methods(["GET", "HEAD", "POST"])
@asking_page(_P)
def show(request: MemberRequest, operation_id: UUID) -> HttpResponse:
    try:
        signing = open_signing(request, operation_id)
    except (NotYoursToSign, OperationClosed):
        return _standing(request, operation_id)
    except SignatureOver as error:
        messages.error(request, error.message)
        return redirect(request.get_full_path())
    ways = ways_of(
        signing.user,
        level=Level(signing.signature.level),
        shown=signing.shown,
        device_id=origin_of(request, user_id=signing.user.id).device_id,
    )
    wanted = request.GET.get("par", "")
    way = next((one for one in ways if one == wanted), ways[0] if ways else None)
    if way is None:
        return render(request, "entrance/nothing_left.html", status=403)
    if (sent := _sending(request, signing, way)) is not None:
        return sent
    form = _form(request, signing, way)
    if request.method == "POST" and signing.attempt(lambda: _verified(signing, way, form)):
        return _next(request, signing)
    context = {
        "draft": signing.draft,
        "operation": signing.operation,
        "form": form,
        "way": way,
        "words": WORDS[way],
        "others": [(other, WORDS[other].choose) for other in ways if other is not way],
        "reasons": _reasons(signing),
        "is_second": signing.operation.asked_by_id != signing.user.id,
        "needed": signing.operation.needed,
        "submit": "Signer",
        "passkey_button": "Signer avec ma clé d’accès",
        **_of_way(signing, way),
    }
    return render(request, "operations/sign.html", context, status=422 if form.errors else 200)


@require_POST
@member_page(_P)
def stop(request: MemberRequest, operation_id: UUID) -> HttpResponse:
    """Give up one's own operation, or refuse somebody else's."""
    cancel(
        organization_id=request.organization_id,
        actor=request.actor,
        operation_id=operation_id,
        now=business_now(),
        real_now=timezone.now(),
    )
    messages.success(request, "Rien n’a été fait, et rien ne le sera : l’opération est close.")
    operation = operation_by_id(organization_id=request.organization_id, operation_id=operation_id)
    return redirect(_back(operation, read(operation)))


def _standing(request: MemberRequest, operation_id: UUID) -> HttpResponse:
    """Say what became of an operation that is not this person's to sign, or no longer."""
    with acting_for(request.organization_id):
        operation = operation_by_id(
            organization_id=request.organization_id, operation_id=operation_id
        )
    draft, is_over = read(operation), operation.expires_at <= timezone.now()
    state = operation.state
    if state == OperationState.OPEN and is_over:
        state = OperationState.EXPIRED
    context = {
        "operation": operation,
        "draft": draft,
        "state": state,
        "back": _back(operation, draft),
        "is_own": operation.asked_by_id == request.user.id,
    }
    return render(request, "operations/standing.html", context)


def _next(request: MemberRequest, signing: Signing) -> HttpResponse:
    if not signing.is_given:
        return redirect("operation", signing.operation.id)
    if signing.operation.state == OperationState.DONE:
        messages.success(request, f"C’est fait : {signing.draft.title.lower()}.")
        return redirect(_back(signing.operation, signing.draft))
    return redirect("operation", signing.operation.id)


def _reasons(signing: Signing) -> list[str]:
    """Say why more than usual is asked, where it is."""
    if signing.signature.level != Level.REINFORCED:
        return []
    return reasons_of(event_id=signing.signature.access_id)


def _back(operation: Operation, draft: Draft) -> str:
    return _BACK[OperationKind(operation.kind)](draft)


def _form(request: MemberRequest, signing: Signing, way: Way) -> Any:
    data = request.POST if request.method == "POST" else None
    if way is Way.PASSKEY:
        return PasskeyStep(data, user=signing.user)
    if way in _SENT:
        return SentCodeForm(data)
    if way is Way.PUSH:
        return PageForm(data)
    return SecondStep(data, user=signing.user)


def _of_way(signing: Signing, way: Way) -> dict[str, Any]:
    if way is Way.PASSKEY:
        asked = ask_for(user=signing.user, challenge=signing.challenge)
        return {"options": {"request_options": asked}}
    if way is Way.PUSH:
        return question_shown(signing.user, _errand(signing))
    if way in _SENT:
        return {"is_sent": is_sent(user=signing.user, proof=_SENT[way], errand=_errand(signing))}
    return {}


def _verified(signing: Signing, way: Way, form: Any) -> Proof | None:
    """Return what the person has just proven, None where it is wrong."""
    if way in _SENT:
        return _code_spent(signing, _SENT[way], form)
    if way is Way.PUSH:
        return _agreed(signing, form)
    if way is Way.PASSKEY:
        # The challenge is computed again from what would be done now.
        ask_for(user=signing.user, challenge=signing.challenge)
    if not form.is_valid():
        return None
    if way is Way.PASSKEY:
        _note_use(signing, form.cleaned_data["credential"])
        return Proof.PASSKEY
    if form.authenticator is None:
        return Proof.EMERGENCY_CODE
    _note_use(signing, form.authenticator)
    return _PROOFS[KINDS[Authenticator.Type(form.authenticator.type)]]


def _note_use(signing: Signing, authenticator: Authenticator) -> None:
    """Say that a factor served. The session is not told: a proof signs this, and nothing else."""
    authenticator.record_usage()
    authenticator_used.send(
        sender=Authenticator,
        request=signing.request,
        user=signing.user,
        authenticator=authenticator,
        reauthenticated=False,
        passwordless=False,
    )


def _code_spent(signing: Signing, proof: Proof, form: PageForm) -> Proof | None:
    return form.submit(
        lambda values: use_code(
            user=signing.user, proof=proof, code=values["code"], errand=_errand(signing)
        )
    )


def _agreed(signing: Signing, form: PageForm) -> Proof | None:
    return form.submit(lambda _values: use_approval_of(signing.user, _errand(signing)))


def _errand(signing: Signing) -> Errand:
    """Return what a code sent here signs, and nothing else."""
    draft = signing.draft
    amount = f" {draft.amount}" if draft.amount else ""
    return Errand(
        "operation",
        said=f"{draft.title}{amount} : {draft.payee}",
        letter="operations/mail/code",
        about=str(signing.signature.id),
        binding=signing.challenge.hex(),
    )


def _sending(request: MemberRequest, signing: Signing, way: Way) -> HttpResponse | None:
    """Answer what counts no try: sending a code, asking a telephone, looking if it answered."""
    if way is Way.PUSH:
        return on_the_way(request, signing.user, _errand(signing))
    if "envoyer" in request.POST and way in _SENT:
        return _sent(request, signing, _SENT[way])
    return None


def _sent(request: MemberRequest, signing: Signing, proof: Proof) -> HttpResponse:
    try:
        send_code(request, user=signing.user, proof=proof, errand=_errand(signing))
    except DomainError as error:
        messages.error(request, error.message)
    return redirect(request.get_full_path())
