"""Without a network: a page that says what is safe, help, and the worker that shows them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from encaisse.web.access import public
from encaisse.web.help.entries import version


@require_GET
@public("every device keeps it for when there is no network")
def page(request: HttpRequest) -> HttpResponse:
    """Say what goes on without the reader; after a form was sent, that nobody knows yet."""
    return render(request, "web/offline.html", {"was_sending": "envoi" in request.GET})


@require_GET
@public("a browser fetches it by itself")
def worker(request: HttpRequest) -> HttpResponse:
    """Return the worker: at the root, or it would not see every page of the site."""
    context = {"version": version()}
    return render(request, "web/app-worker.js", context, content_type="text/javascript")
