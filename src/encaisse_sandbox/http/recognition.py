"""What the pages of the payer's banks share: how the payer is recognised, and how to change."""

import json
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from encaisse_sandbox import app_codes, approvals, authentication, biometrics, checkout, payments
from encaisse_sandbox.authentication import Answer, Touched, Typed, Way
from encaisse_sandbox.biometrics import Site
from encaisse_sandbox.errors import invalid
from encaisse_sandbox.http import security
from encaisse_sandbox.http.context import runtime_of
from encaisse_sandbox.records import Challenge, Json
from encaisse_sandbox.world import World

WAYS = {
    Way.SMS: "Un code par SMS",
    Way.APP: "Le code de l’application de la banque",
    Way.PUSH: "Un accord sur le téléphone",
    Way.BIOMETRICS: "L’empreinte ou le visage, sur cet appareil",
}
_LARGEST_ANSWER = 20_000


def address(challenge: Challenge) -> str:
    """Return the page where a challenge is answered."""
    start = "/3ds" if challenge.kind == "card" else "/bank/confirm"
    return f"{start}/{challenge.id}"


def values(request: Request, world: World, challenge: Challenge) -> dict[str, Any]:
    """Return what the part of the page that recognises the payer shows."""
    way = Way(challenge.way)
    is_late = authentication.is_late(world, challenge)
    is_waiting = way is Way.PUSH and not is_late
    return {
        "challenge": challenge,
        "way": way.value,
        "ways": [(one.value, label) for one, label in WAYS.items() if one is not way],
        "is_late": is_late,
        "told": next(iter(request.query_params), ""),
        "tries_left": authentication.MAXIMUM_WRONG_CODES - challenge.wrong_codes,
        "device": _device(request, world, challenge) if way is Way.BIOMETRICS else None,
        "asks_again": is_waiting,
        "code_seconds": app_codes.STEP_SECONDS,
    }


def _device(request: Request, world: World, challenge: Challenge) -> Json:
    """Return what the browser is to be asked, or where it could be asked."""
    site = _site(request, world)
    if not site.is_usable:
        is_here = site.name in security.LOOPBACK
        port = urlsplit(site.origin).port or 80
        named = f"http://localhost:{port}{address(challenge)}" if is_here else ""
        return {"is_usable": False, "elsewhere": named}
    return {
        "is_usable": True,
        "is_known": bool(biometrics.devices(world, site)),
        "recognise": json.dumps(biometrics.to_recognise(world, site, challenge.secret)),
        "register": json.dumps(biometrics.to_register(world, site, challenge.secret)),
    }


def _site(request: Request, world: World) -> Site:
    """Return the address as the browser knows it: a proxy may stand before us."""
    host = request.headers.get("host", "")
    name = request.url.hostname or ""
    public = urlsplit(world.public_url)
    origin = f"{public.scheme}://{public.netloc}" if name == public.hostname else f"http://{host}"
    return Site(origin, name)


def read(
    request: Request, world: World, challenge: Challenge, form: FormData
) -> Answer | RedirectResponse:
    """
    Read what was answered, or do what leads back to the same page: another way, a device.

    :raises ApiError: the form is not one of ours
    """
    page = address(challenge)
    match form.get("answer"):
        case "change":
            return _change(world, challenge, str(form.get("way", "")))
        case "check":
            return RedirectResponse(f"{page}?pas-encore", 303)
        case "register":
            told = _register(request, world, challenge, form)
            return RedirectResponse(f"{page}?{told}", 303)
    is_other = form.get("way", challenge.way) != challenge.way
    if is_other or challenge.way == Way.PUSH:
        return RedirectResponse(page, 303)  # another way was chosen in another tab
    return _answer(request, world, challenge, form)


def _answer(request: Request, world: World, challenge: Challenge, form: FormData) -> Answer:
    if challenge.way == Way.BIOMETRICS:
        return Touched(_credential(form), _site(request, world))
    return Typed(str(form.get("code", "")))


def _change(world: World, challenge: Challenge, way: str) -> RedirectResponse:
    if way not in WAYS:
        raise invalid(f"way must be one of {', '.join(WAYS)}.")
    payment = payments.find(world, challenge.payment_id)
    with world.db.transaction():
        authentication.ask(world, challenge, payment, Way(way))
    return RedirectResponse(address(challenge), 303)


def _register(request: Request, world: World, challenge: Challenge, form: FormData) -> str:
    """Register the browser's device; a new question follows, which it will have to sign."""
    if challenge.way != Way.BIOMETRICS or authentication.is_late(world, challenge):
        return "pas-connu"
    site, response = _site(request, world), _credential(form)
    with world.db.transaction():
        is_kept = biometrics.register(world, site, challenge.secret, response)
        payment = payments.find(world, challenge.payment_id)
        authentication.ask(world, challenge, payment, Way.BIOMETRICS)
    return "connu" if is_kept else "pas-connu"


def _credential(form: FormData) -> Json:
    text = str(form.get("credential", ""))
    try:
        found = json.loads(text[:_LARGEST_ANSWER]) if text else {}
    except (ValueError, RecursionError) as error:
        raise invalid("The browser's answer is not JSON.") from error
    return found if isinstance(found, dict) else {}


async def show_state(request: Request) -> Response:
    """Tell a page that waits whether it may go on."""
    world = runtime_of(request).world
    challenge = authentication.find(world, request.path_params["id"])
    payment = payments.find(world, challenge.payment_id)
    is_open = challenge.state == "open" and checkout.is_payable(world, payment)
    waits = is_open and challenge.way == Way.PUSH and not authentication.is_late(world, challenge)
    headers = {"Cache-Control": "no-store"}
    return JSONResponse({"is_waiting": waits}, headers=headers)


async def decide(request: Request) -> Response:
    """Take what the payer answers on the telephone."""
    world = runtime_of(request).world
    security.check_same_origin(request, world.public_url)
    form = await request.form(max_files=0, max_fields=4)
    challenge = authentication.find(world, request.path_params["id"])
    payment = payments.find(world, challenge.payment_id)
    is_over = challenge.state != "open" or not checkout.is_payable(world, payment)
    if is_over or challenge.way != Way.PUSH or authentication.is_late(world, challenge):
        return RedirectResponse("/phone?trop-tard", 303)
    is_approved = form.get("answer") == "approve"
    approvals.decide(world, challenge, is_approved=is_approved)
    return RedirectResponse("/phone?valide" if is_approved else "/phone?pas-moi", 303)


ROUTES: list[BaseRoute] = [
    Route("/bank/waiting/{id}", show_state, methods=["GET"]),
    Route("/phone/requests/{id}", decide, methods=["POST"]),
]
