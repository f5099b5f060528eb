"""
Who may open a page. Every view says it here, or says why nobody is asked.

A page reads inside its organization's transaction, from the view to the last row rendered. A view
whose service asks the outside world runs outside any transaction: the service opens its own.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast
from uuid import UUID

import structlog
from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY, suspend_request
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from encaisse.identity.access import Operation
from encaisse.identity.adapter import FACTORS_APP
from encaisse.identity.factors import has_factor
from encaisse.identity.models import User
from encaisse.kernel.actor import Actor, ActorKind
from encaisse.kernel.errors import DomainError
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Permission, Role
from encaisse.organizations.errors import AccessDenied, NoLongerMember, PermissionDenied
from encaisse.organizations.queries import Place, places_of
from encaisse.organizations.services import require
from encaisse.risk.presets import Level
from encaisse.web.entrance.shown import has_just_shown
from encaisse.web.entrance.weighing import conclude, is_proven, weigh
from encaisse.web.errors import error_page

log = structlog.get_logger(__name__)

SESSION_ORGANIZATION = "organization_id"
SESSION_CONFIRM = "confirm"
# What was weighed then says nothing of later.
_WEIGHED_SECONDS = 300


class SignedInRequest(HttpRequest):
    """The request of somebody who signed in, whatever they may do."""

    user: User
    places: list[Place]


class MemberRequest(SignedInRequest):
    """The request of a member, in one of their organizations."""

    place: Place
    organization_id: UUID
    role: Role
    actor: Actor


_Arguments = ParamSpec("_Arguments")
_View = Callable[Concatenate[MemberRequest, _Arguments], HttpResponse]
_SignedInView = Callable[Concatenate[SignedInRequest, _Arguments], HttpResponse]
_Wrapped = Callable[..., HttpResponse]
_AnyView = TypeVar("_AnyView", bound=Callable[..., Any])


def member_page(permission: Permission) -> Callable[[_View[_Arguments]], _Wrapped]:
    """Open a page to members with the permission, inside their organization's transaction."""

    def decorate(view: _View[_Arguments]) -> _Wrapped:
        @wraps(view)
        def wrapped(
            request: HttpRequest, *args: _Arguments.args, **kwargs: _Arguments.kwargs
        ) -> HttpResponse:
            def inside(member: MemberRequest) -> HttpResponse:
                with acting_for(member.organization_id):
                    return view(member, *args, **kwargs)

            return _as_member(request, permission, inside)

        return _declared(wrapped, permission)

    return decorate


def asking_page(permission: Permission) -> Callable[[_View[_Arguments]], _Wrapped]:
    """Open a view whose service asks outside: the same checks, no transaction around it."""

    def decorate(view: _View[_Arguments]) -> _Wrapped:
        @wraps(view)
        def wrapped(
            request: HttpRequest, *args: _Arguments.args, **kwargs: _Arguments.kwargs
        ) -> HttpResponse:
            return _as_member(request, permission, lambda member: view(member, *args, **kwargs))

        return _declared(wrapped, permission)

    return decorate


def signed_in_page(reason: str) -> Callable[[_SignedInView[_Arguments]], _Wrapped]:
    """Open a page to whoever signed in, a member of something or not."""

    def decorate(view: _SignedInView[_Arguments]) -> _Wrapped:
        @wraps(view)
        def wrapped(
            request: HttpRequest, *args: _Arguments.args, **kwargs: _Arguments.kwargs
        ) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            return view(with_places(request), *args, **kwargs)

        wrapped.is_for_signed_in = True  # type: ignore[attr-defined]  # read by the middleware
        return public(reason)(wrapped)

    return decorate


def proven_for_factors(view: Callable[..., Any]) -> Callable[..., Any]:
    """
    Ask for a proof again where factors change, one of those factors among what is shown: whoever
    has the password alone would otherwise add a factor of theirs, and sign with it (NIST SP
    800-63B-4, 4.1.2). A first one is added right after signing in.
    """

    @wraps(view)
    def with_factor(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if _owes_factor(request):
            return _ask_factor(request)
        return view(request, *args, **kwargs)

    guarded = reauthentication_required(app=FACTORS_APP)(with_factor)

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        opened = guarded if request.user.is_authenticated else view
        return opened(request, *args, **kwargs)

    return wrapped


def _owes_factor(request: HttpRequest) -> bool:
    """Tell whether somebody has a factor and has not shown it of late."""
    user = cast("User", request.user)
    is_enrolling = not get_adapter(request).is_reauthentication_required(app=FACTORS_APP)
    if is_enrolling or user.must_enrol or not has_factor(user_id=user.id):
        return False
    return not is_proven(request, user, Level.STANDARD)


def _ask_factor(request: HttpRequest) -> HttpResponse:
    request.session[SESSION_CONFIRM] = {
        "action": FACTORS_APP,
        "organization": request.session.get(SESSION_ORGANIZATION),
        "level": Level.STANDARD,
    }
    return suspend_request(request, reverse("confirm"))


def recently_proven(view: _Wrapped) -> _Wrapped:
    """Ask for the password or a code again, before a view that weighs or signs what it does."""
    guarded = reauthentication_required(view)

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        opened: _Wrapped = guarded if request.user.is_authenticated else view
        return opened(request, *args, **kwargs)

    return wrapped


def just_proven(view: _Wrapped) -> _Wrapped:
    """Do the same where signing in a moment ago is proof enough: what is done only closes doors."""
    guarded = recently_proven(view)

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = request.user
        is_fresh = user.is_authenticated and has_just_shown(request, user)
        return (view if is_fresh else guarded)(request, *args, **kwargs)

    return wrapped


def proven_for(action: str) -> Callable[[_Wrapped], _Wrapped]:
    """
    Ask for the password or a code again where rights move, and weigh what is then done: from an
    unknown device or after failures, more is asked, or it is refused.
    """

    def decorate(view: _Wrapped) -> _Wrapped:
        @wraps(view)
        def weighed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method != "POST" or not request.user.is_authenticated:
                return view(request, *args, **kwargs)
            return _weighed(request, action, lambda: view(request, *args, **kwargs))

        return recently_proven(weighed)

    return decorate


def _weighed(request: HttpRequest, action: str, act: Callable[[], HttpResponse]) -> HttpResponse:
    """Do it where what was shown is enough for its risk; otherwise ask for more, then do it."""
    user = cast("User", request.user)
    asked = request.session.pop(SESSION_CONFIRM, None)
    if asked is None or not _is_same(request, asked, action):
        try:
            event = weigh(request, user, Operation(action))
        except AccessDenied as error:
            return error_page(request, error)
        asked = {
            "action": action,
            "organization": request.session.get(SESSION_ORGANIZATION),
            "level": event.level,
            "access": str(event.id),
            "until": time.time() + _WEIGHED_SECONDS,
        }
    if not is_proven(request, user, Level(asked["level"])):
        request.session[SESSION_CONFIRM] = asked
        return suspend_request(request, reverse("confirm"))
    response = act()
    if response.status_code < 400:
        conclude(request, user, UUID(asked["access"]))
    return response


def _is_same(request: HttpRequest, asked: dict[str, Any], action: str) -> bool:
    return (
        asked["action"] == action
        and asked["until"] >= time.time()
        and is_of_this_firm(request, asked)
    )


def is_of_this_firm(request: HttpRequest, asked: dict[str, Any]) -> bool:
    """Tell whether what waits for a proof was asked in the firm the session works in now."""
    return bool(asked.get("organization") == request.session.get(SESSION_ORGANIZATION))


def work_in(request: HttpRequest, organization_id: UUID | None) -> None:
    """Go to work in another firm: what waited for a proof was meant for the former one."""
    wanted = None if organization_id is None else str(organization_id)
    if request.session.get(SESSION_ORGANIZATION) == wanted:
        return
    for waiting in (SESSION_CONFIRM, STATE_SESSION_KEY, SESSION_ORGANIZATION):
        request.session.pop(waiting, None)
    if wanted is not None:
        request.session[SESSION_ORGANIZATION] = wanted


def ask_recent_proof(request: HttpRequest) -> None:
    """Do the same from inside a view, where only what it has read says that it is needed."""
    reauthentication_required(_nothing_more)(request)


def _nothing_more(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def public(reason: str) -> Callable[[_AnyView], _AnyView]:
    """Say why a view asks nobody's permission; the architecture test reads it."""

    def decorate(view: _AnyView) -> _AnyView:
        view.is_public = reason  # type: ignore[attr-defined]  # read by the architecture test
        return view

    return decorate


def _declared(view: _Wrapped, permission: Permission) -> _Wrapped:
    view.permission = permission  # type: ignore[attr-defined]  # read by the architecture test
    return view


def _as_member(
    request: HttpRequest, permission: Permission, view: Callable[[MemberRequest], HttpResponse]
) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    signed_in = with_places(request)
    if not signed_in.places:
        return redirect("welcome")
    try:
        member = _at_work(signed_in)
        _require(member, permission)
        response = view(member)
    except DomainError as error:
        response = error_page(request, error)
    response.setdefault("Cache-Control", "no-store")
    return response


def _require(member: MemberRequest, permission: Permission) -> None:
    """:raises PermissionDenied: the role does not carry it; the log says who tried what"""
    try:
        require(member.role, permission)
    except PermissionDenied:
        log.warning("permission_refused", permission=permission, role=member.role)
        raise


def with_places(request: HttpRequest) -> SignedInRequest:
    """Read the firms of whoever signed in, once a request."""
    signed_in: SignedInRequest = request  # type: ignore[assignment]  # checked by the callers
    if not hasattr(signed_in, "places"):
        signed_in.places = places_of(user_id=signed_in.user.id)
    return signed_in


def _at_work(request: SignedInRequest) -> MemberRequest:
    member: MemberRequest = request  # type: ignore[assignment]  # completed here
    member.place = _chosen_place(request)
    member.organization_id = member.place.organization_id
    member.role = member.place.role
    member.actor = Actor(ActorKind.MEMBER, request.user.id)
    return member


def _chosen_place(request: SignedInRequest) -> Place:
    """
    Return the firm this session works in.

    :raises NoLongerMember: it was left since: what was meant for it must not land in another
    """
    wanted = request.session.get(SESSION_ORGANIZATION)
    if wanted is None:
        wanted = str(request.places[0].organization_id)
        request.session[SESSION_ORGANIZATION] = wanted
    found = [place for place in request.places if str(place.organization_id) == wanted]
    if not found:
        work_in(request, None)
        raise NoLongerMember
    return found[0]
