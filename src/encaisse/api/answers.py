"""One way to answer an error, one way to answer a repeated request."""

import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Schema
from ninja.responses import NinjaJSONEncoder

from encaisse.api.auth import caller_of
from encaisse.kernel.errors import DomainError
from encaisse.kit.clock import business_now
from encaisse.kit.idempotency import IdempotencyInFlight, answer_once, request_digest
from encaisse.kit.problems import PROBLEM_TYPE, problem_of

_PROBLEM = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}


def problem_answer(description: str) -> dict[str, Any]:
    """Describe an answer that is an RFC 9457 problem."""
    return {"description": description, "content": _PROBLEM}


# What an operation that answers with `once` says of itself in the API's description.
ASKS_FOR_A_KEY: dict[str, Any] = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "schema": {"type": "string", "maxLength": 255},
            "description": "Chosen by the caller; the same key gets the same answer, done once.",
        }
    ],
    "responses": {400: problem_answer("Bad Request"), 409: problem_answer("Conflict")},
}


def domain_problem(error: DomainError) -> JsonResponse:
    """Tell a program what was refused, and what to do about it where a header says so."""
    response = problem_of(error)
    if isinstance(error, IdempotencyInFlight):
        response["Retry-After"] = "1"
    if error.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


def _as_json(made: Schema) -> Any:
    """Return the values exactly as a GET of the same object writes them."""
    return json.loads(json.dumps(made.model_dump(), cls=NinjaJSONEncoder))


def once(request: HttpRequest, produce: Callable[[], Schema], *, status: int = 201) -> HttpResponse:
    """Carry a request out once for its Idempotency-Key and answer what it made."""
    return once_told(request, lambda: (status, produce()))


def once_told(request: HttpRequest, produce: Callable[[], tuple[int, Schema]]) -> HttpResponse:
    """Do the same where what was made says which status tells it."""

    def answer_of() -> tuple[int, Any]:
        status, made = produce()
        return status, _as_json(made)

    caller = caller_of(request)
    answer = answer_once(
        organization_id=caller.organization_id,
        key=request.headers.get("Idempotency-Key", ""),
        digest=request_digest(
            method=request.method or "", path=request.get_full_path(), body=request.body
        ),
        produce=answer_of,
        now=business_now(),
    )
    response = JsonResponse(answer.body, status=answer.status)
    if answer.is_replay:
        response["Idempotent-Replayed"] = "true"
    return response
