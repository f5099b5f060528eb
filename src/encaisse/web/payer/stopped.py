"""What a payer reads when their page could not open: in their language, never the back office's."""

from django.http import HttpRequest

from encaisse.web.payer.door import language_of
from encaisse.web.payer.words import words_for

TEMPLATE = "payer/stopped.html"
_PAGES = ("/p/", "/q/", "/preuves/")


def is_payer(request: HttpRequest) -> bool:
    """Tell a payer's page by its address: nothing else is known when it cannot open."""
    return request.path.startswith(_PAGES)


def stopped(request: HttpRequest, code: str) -> dict[str, object]:
    words = words_for(language_of(request))
    return {
        "w": words,
        "code": code,
        "message": words.stopped[code],
        "start": "/".join(request.path.split("/")[:3]),
    }
