"""The help page: everything on one page, that a device keeps and searches without a network."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from encaisse.web.access import public
from encaisse.web.help import entries
from encaisse.web.help.words.finding import LARGEST_TEXT, find


@require_GET
@public("it explains the pages to anybody, and holds nothing of any firm")
def index(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "")[:LARGEST_TEXT].strip()
    context = {
        "text": text,
        "found": find(text, entries.every_entry()),
        "questions": entries.questions(),
        "pages": entries.pages(),
        "terms": entries.terms(),
        "messages_told": entries.messages(),
    }
    return render(request, "help/index.html", context)
