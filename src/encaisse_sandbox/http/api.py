"""How the provider's API receives a call: key, faults, idempotency, one transaction, answer."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from encaisse_sandbox import accounts, chaos, idempotency
from encaisse_sandbox.errors import ApiError
from encaisse_sandbox.fields import Fields
from encaisse_sandbox.http import connections
from encaisse_sandbox.http.context import Runtime, parse_fields, runtime_of
from encaisse_sandbox.records import Account, Json, dump
from encaisse_sandbox.world import World

HANG_SECONDS = 60.0
KEPT_REFUSALS = frozenset({402, 409})


@dataclass(frozen=True, slots=True)
class Call:
    """An authenticated call."""

    runtime: Runtime
    account: Account
    path: dict[str, str]
    query: QueryParams
    fields: Fields

    @property
    def world(self) -> World:
        """The world that the call acts on."""
        return self.runtime.world


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler answers, and how badly the answer travels."""

    payload: Json
    status: int = 200
    xml: bytes | None = None
    is_lost: bool = False
    delay_seconds: float = 0
    complete: Callable[[], Awaitable[Json]] | None = None


Handler = Callable[[Call], Answer]


def route(path: str, handler: Handler, method: str) -> Route:
    """Return the route that answers a path with a handler."""

    async def endpoint(request: Request) -> Response:
        return await _serve(request, handler)

    return Route(f"/v1{path}", endpoint, methods=[method], name=f"{method} {path}")


async def _serve(request: Request, handler: Handler) -> Response:
    runtime = runtime_of(request)
    world = runtime.world
    account = accounts.authenticate(world, request.headers.get("authorization", ""))
    if await _fault_before(world, account.id):
        return _lost(request)
    body = await request.body()
    asked = _asked(request, account.id, body)
    if asked and (kept := idempotency.earlier_answer(world, asked)):
        return _replay(kept.status, kept.body)
    call = Call(runtime, account, request.path_params, request.query_params, parse_fields(body))
    answer = await _execute(call, handler, asked)
    is_lost = answer.is_lost or chaos.strikes(world, account.id, "drop_after")
    await asyncio.sleep(answer.delay_seconds)
    return _lost(request) if is_lost else _response(answer)


async def _fault_before(world: World, account_id: str) -> bool:
    """Fail before anything is done; tell whether the connection is to be broken."""
    if chaos.strikes(world, account_id, "error_500"):
        raise ApiError(500, "internal_error", "Something went wrong on our side.")
    if chaos.strikes(world, account_id, "error_429"):
        raise ApiError(429, "rate_limited", "Too many requests; try again in a moment.")
    if chaos.strikes(world, account_id, "timeout"):
        await asyncio.sleep(HANG_SECONDS)
        return True
    return False


def _asked(request: Request, account_id: str, body: bytes) -> idempotency.Asked | None:
    key = request.headers.get("idempotency-key")
    if request.method != "POST" or not key:
        return None
    return idempotency.asked(account_id, key, request.method, request.url.path, body)


async def _execute(call: Call, handler: Handler, asked: idempotency.Asked | None) -> Answer:
    """Do what is asked and keep the answer, in one transaction: either both or neither."""
    world = call.world
    try:
        with world.db.transaction():
            answer = handler(call)
            if asked and answer.complete is None:
                idempotency.keep_answer(world, asked, answer.status, dump(answer.payload))
    except ApiError as error:
        if asked and error.status in KEPT_REFUSALS:
            idempotency.keep_answer(world, asked, error.status, dump(error.payload()))
        raise
    if answer.complete is None:
        return answer
    completed = Answer(payload=await answer.complete(), status=answer.status)
    if asked:
        idempotency.keep_answer(world, asked, completed.status, dump(completed.payload))
    return completed


def _replay(status: int, body: str) -> Response:
    return JSONResponse(json.loads(body), status, headers={"Idempotent-Replayed": "true"})


def _response(answer: Answer) -> Response:
    if answer.xml is not None:
        return Response(answer.xml, answer.status, media_type="application/xml")
    return JSONResponse(answer.payload, answer.status)


def _lost(request: Request) -> Response:
    connections.drop(request)
    return Response(status_code=500)
