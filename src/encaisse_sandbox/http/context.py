"""What the doors share: the running world, and reading a request."""

import json
from dataclasses import dataclass, field
from typing import cast

from starlette.requests import Request

from encaisse_sandbox.errors import invalid
from encaisse_sandbox.fields import Fields
from encaisse_sandbox.schedule import Scheduler
from encaisse_sandbox.stories import Theatre
from encaisse_sandbox.webhooks import Deliverer
from encaisse_sandbox.world import World


@dataclass(frozen=True, slots=True)
class Runtime:
    """The world with the tasks that make it move."""

    world: World
    deliverer: Deliverer
    scheduler: Scheduler
    theatre: Theatre = field(default_factory=Theatre)


def runtime_of(request: Request) -> Runtime:
    """Return the world that the request talks to."""
    return cast("Runtime", request.app.state.runtime)


def parse_fields(body: bytes) -> Fields:
    """
    Read a JSON object; an empty body is an empty object.

    :raises ApiError: the body is something else
    """
    try:
        values = json.loads(body) if body else {}
    except (ValueError, RecursionError) as error:
        raise invalid("The body is not JSON.") from error
    if not isinstance(values, dict):
        raise invalid("The body must be a JSON object.")
    return Fields(values)
