"""The first page, the telephone, the mailbox, the attestation: what a person looks at."""

import re
from datetime import timedelta
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from encaisse_sandbox import (
    accounts,
    app_codes,
    approvals,
    cards,
    events,
    mail,
    telephone,
    transfers,
)
from encaisse_sandbox.clock import paris_date
from encaisse_sandbox.errors import missing
from encaisse_sandbox.http import security
from encaisse_sandbox.http.context import runtime_of
from encaisse_sandbox.http.rendering import page
from encaisse_sandbox.records import Mail, Message
from encaisse_sandbox.world import PROVIDER_NAME

LOGGED_EVENTS = 30
DELIVERY_STATES = {
    "pending": "en attente",
    "delivered": "reçu",
    "failed": "abandonné",
    "dropped": "perdu exprès",
}
SHOWN_MESSAGES = 50
_CODE = re.compile(r"\b\d{6}\b")


async def show_home(request: Request) -> Response:
    runtime = runtime_of(request)
    world, theatre = runtime.world, runtime.theatre
    return page(
        "home.html",
        stories=theatre.repertoire if theatre.has_teller else {},
        now=world.clock.now(),
        days_ahead=_days_ahead(world.clock.offset_seconds),
        cards=cards.published(),
        banks=transfers.BANKS,
        states=DELIVERY_STATES,
        events=events.history(world, None, LOGGED_EVENTS),
        advanced="avance" in request.query_params,
    )


def _days_ahead(offset_seconds: float) -> str | None:
    """Return how far the clock is ahead, as « 1 jour » or « 2,5 jours »."""
    tenths = round(offset_seconds / 8_640)
    if tenths == 0:
        return None
    number = f"{tenths / 10:g}".replace(".", ",")
    return f"{number} jour{'s' if tenths >= 20 else ''}"


async def advance_one_day(request: Request) -> Response:
    runtime = runtime_of(request)
    security.check_same_origin(request, runtime.world.public_url)
    await runtime.scheduler.advance(timedelta(days=1))
    return RedirectResponse("/?avance#horloge", 303)


async def show_telephone(request: Request) -> Response:
    found = telephone.messages(runtime_of(request).world, limit=SHOWN_MESSAGES)
    return _telephone(request, found, has_home=True)


async def show_payer_telephone(request: Request) -> Response:
    """Show the payer's own messages: the network need not read those of the firm's people."""
    world = runtime_of(request).world
    found = telephone.messages(world, recipient=telephone.PAYER_NUMBER, limit=SHOWN_MESSAGES)
    return _telephone(request, found, has_home=False)


def _telephone(request: Request, found: list[Message], *, has_home: bool) -> Response:
    world = runtime_of(request).world
    now = world.clock.now()
    return page(
        "phone.html",
        messages=[(message, _code(message)) for message in found],
        requests=[
            (one, app_codes.shown(one.challenge.secret, now)) for one in approvals.requests(world)
        ],
        seconds_left=app_codes.seconds_left(now),
        told=next(iter(request.query_params), ""),
        has_home=has_home,
    )


def _code(message: Message) -> str | None:
    match = _CODE.search(message.text)
    return match[0] if match else None


async def show_mailbox(request: Request) -> Response:
    found = mail.received(runtime_of(request).world, limit=SHOWN_MESSAGES)
    return page("mailbox.html", letters=[mail.read(item) for item in found])


async def show_mail(request: Request) -> Response:
    item = _mail(request)
    letter = mail.read(item)
    html = mail.readable_html(item) if letter.html is not None else None
    return page("mail.html", inline_styles=True, letter=letter, html=html)


async def download_attachment(request: Request) -> Response:
    """Serve an attachment as a download that a browser never opens in place."""
    letter = mail.read(_mail(request))
    number = request.path_params["number"]
    if not 1 <= number <= len(letter.attachments):
        raise missing("attachment", str(number))
    attachment = letter.attachments[number - 1]
    response = Response(attachment.content, headers=security.headers())
    response.headers["Content-Type"] = "application/octet-stream"
    response.headers["Content-Disposition"] = _disposition(attachment.name)
    return response


def _disposition(name: str) -> str:
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"


def _mail(request: Request) -> Mail:
    identifier = request.path_params["id"]
    found = mail.find(runtime_of(request).world, identifier)
    if found is None:
        raise missing("mail", identifier)
    return found


async def show_attestation(request: Request) -> Response:
    world = runtime_of(request).world
    return page(
        "attestation.html",
        account=accounts.find(world, request.path_params["account_id"]),
        provider=PROVIDER_NAME,
        attestation=accounts.attestation(paris_date(world.clock.now())),
    )


ROUTES: list[BaseRoute] = [
    Route("/", show_home, methods=["GET"]),
    Route("/clock/day", advance_one_day, methods=["POST"]),
    Route("/phone", show_telephone, methods=["GET"]),
    Route("/mailbox", show_mailbox, methods=["GET"]),
    Route("/mailbox/{id}", show_mail, methods=["GET"]),
    Route("/mailbox/{id}/attachments/{number:int}", download_attachment, methods=["GET"]),
    Route("/attestation/{account_id}", show_attestation, methods=["GET"]),
]
NETWORK_ROUTES: list[BaseRoute] = [
    Route("/phone", show_payer_telephone, methods=["GET"]),
    Route("/attestation/{account_id}", show_attestation, methods=["GET"]),
]
