"""The doors of the simulated telephone network and push service: what a program hands over."""

import re

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from encaisse_sandbox import push, telephone
from encaisse_sandbox.errors import ApiError, invalid
from encaisse_sandbox.http import security
from encaisse_sandbox.http.context import parse_fields, runtime_of

_E164 = re.compile(r"\+[1-9]\d{6,14}")
# Kept for fiction, like all numbers of this world: this one never answers.
UNREACHABLE = "+33639989999"


async def send(request: Request) -> Response:
    """
    Take a text message for a telephone.

    :raises ApiError: a page of the web asks, or the number cannot be reached
    """
    _check_program(request)
    fields = parse_fields(await request.body())
    recipient = fields.text("to", maximum=20)
    if not _E164.fullmatch(recipient):
        raise invalid("to must be a number in E.164 form.")
    if recipient == UNREACHABLE:
        raise ApiError(422, "unreachable", "No telephone answers at this number.")
    sent = telephone.send(runtime_of(request).world, recipient, fields.text("text", maximum=1000))
    return JSONResponse({"id": sent.id, "status": "sent"}, 201)


async def deliver(request: Request) -> Response:
    """
    Take a push message for a browser (RFC 8030, 5).

    :raises ApiError: a page of the web asks, or it is not for this browser
    """
    _check_program(request)
    world, token = runtime_of(request).world, request.path_params["token"]
    taken = push.deliver(world, token, dict(request.headers), await request.body())
    return Response(status_code=201, headers={"Location": f"/push/messages/{taken.id}"})


def _check_program(request: Request) -> None:
    if "origin" in request.headers or "sec-fetch-site" in request.headers:
        raise ApiError(403, "forbidden", "Messages are taken from programs only.")
    peer = request.client.host if request.client else ""
    if peer not in security.LOOPBACK:
        raise ApiError(403, "forbidden", "Messages are taken from this machine only.")


ROUTES: list[BaseRoute] = [
    Route("/sms", send, methods=["POST"]),
    Route("/push/{token}", deliver, methods=["POST"]),
]
