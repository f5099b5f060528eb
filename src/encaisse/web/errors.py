"""Pages that say no: what happened, whether the money is safe, what to do next."""

import sys

from django.db.utils import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from encaisse.kernel.errors import DomainError
from encaisse.web.help.words.cures import CURES
from encaisse.web.payer.stopped import TEMPLATE, is_payer, stopped

_TITLES = {
    403: "Cette page n’est pas dans votre rôle",
    404: "Rien à cette adresse",
    409: "L’état a changé entre-temps",
    422: "Une valeur a été refusée",
    503: "Le service demandé ne répond pas",
}
_DEFAULT_TITLE = "La demande n’a pas abouti"


class HttpsRequired(DomainError):
    """Ask again through HTTPS: nothing sent in clear is obeyed, nor led elsewhere."""

    code = "https_required"
    status = 403
    french = (
        "Cette demande est arrivée en clair : rien n’en a été fait. Recommencez par HTTPS, et "
        "remplacez la clé qu’elle portait peut-être."
    )


def error_page(request: HttpRequest, error: DomainError) -> HttpResponse:
    return _page(request, error.status, error.message, error.code)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  Django's name
    message = "Cet élément n’existe pas, ou vous n’y avez pas accès."
    return _page(request, 404, message, "not_found")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  Django's name
    return _page(request, 403, "Votre rôle ne permet pas cette action.", "permission_denied")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  Django's name
    return _page(request, 400, CURES["bad_request"].said, "bad_request")


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  Django's shape
    return _page(request, 403, CURES["csrf_refused"].said, "csrf_refused")


def broken(request: HttpRequest) -> HttpResponse:
    """Say that it is our fault; while the database restarts, that it is a matter of seconds."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return _restarting(request)
    return _page(request, 500, CURES["internal_error"].said, "internal_error")


def _restarting(request: HttpRequest) -> HttpResponse:
    # Nothing of the request: its session and its person are in the database.
    context = {
        "title": _TITLES[503],
        "message": CURES["restarting"].said,
        "code": "restarting",
    }
    content = (
        render_to_string(TEMPLATE, stopped(request, "restarting"))
        if is_payer(request)
        else render_to_string("web/error.html", context)
    )
    return HttpResponse(content, status=503, headers={"Retry-After": "5"})


def _page(request: HttpRequest, status: int, message: str, code: str) -> HttpResponse:
    if is_payer(request):
        return render(request, TEMPLATE, stopped(request, code), status=status)
    context = {
        "title": _TITLES.get(status, _DEFAULT_TITLE),
        "message": message,
        "code": code,
    }
    return render(request, "web/error.html", context, status=status)
