"""Stories on the first page: asked for by a button, told step by step by a local program."""

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from encaisse_sandbox.errors import conflict, invalid
from encaisse_sandbox.fields import Fields
from encaisse_sandbox.http import security
from encaisse_sandbox.http.context import Runtime, runtime_of
from encaisse_sandbox.http.control import control_route
from encaisse_sandbox.http.rendering import page
from encaisse_sandbox.records import Json
from encaisse_sandbox.stories import Ending, Play, PlayState

_LONGEST = 2000


async def ask(request: Request) -> Response:
    runtime = runtime_of(request)
    security.check_same_origin(request, runtime.world.public_url)
    play = runtime.theatre.ask(request.path_params["name"])
    return RedirectResponse(f"/stories/plays/{play.id}", 303)


async def list_stories(request: Request) -> Response:
    """List what can be played, as soon as somebody plays it."""
    theatre = runtime_of(request).theatre
    return JSONResponse({"stories": theatre.repertoire}, 200 if theatre.has_teller else 503)


async def show(request: Request) -> Response:
    theatre = runtime_of(request).theatre
    play = theatre.find(request.path_params["id"])
    return page(
        "story.html",
        asks_again=not play.is_over,
        play=play,
        about=theatre.repertoire.get(play.name, play.name),
        site=theatre.site,
    )


async def tell_progress(request: Request) -> Response:
    """Tell a page's script whether there is more to show than it shows."""
    play = runtime_of(request).theatre.find(request.path_params["id"])
    shown = request.query_params.get("shown", "")
    has_more = play.is_over or shown != str(len(play.steps))
    return JSONResponse({"is_waiting": not has_more}, headers=security.headers())


async def next_story(runtime: Runtime, _: Request, fields: Fields) -> tuple[int, Json]:
    told = fields.child("stories")
    if told is None:
        raise invalid("stories must be an object of names and what they are about.")
    repertoire = {name: told.text(name, maximum=_LONGEST) for name in told.names()}
    play = await runtime.theatre.next(repertoire, fields.address("site"))
    return 200, {"play": None if play is None else {"id": play.id, "story": play.name}}


async def add_step(runtime: Runtime, request: Request, fields: Fields) -> tuple[int, Json]:
    _playing(runtime, request).steps.append(fields.text("step", maximum=_LONGEST))
    return 201, {}


async def end(runtime: Runtime, request: Request, fields: Fields) -> tuple[int, Json]:
    play = _playing(runtime, request)
    play.failure = fields.optional_text("failure", maximum=_LONGEST) or ""
    if play.failure:
        play.state = PlayState.FAILED
        return 200, {}
    play.ending = Ending(
        saw=fields.text("saw", maximum=_LONGEST),
        did=fields.text("did", maximum=_LONGEST),
        would_have_cost=fields.integer("would_have_cost", minimum=0),
        verdict=fields.text("verdict"),
        is_well=fields.boolean("is_well"),
    )
    play.state = PlayState.TOLD
    return 200, {}


def _playing(runtime: Runtime, request: Request) -> Play:
    play = runtime.theatre.find(request.path_params["id"])
    if play.state != PlayState.PLAYING:
        raise conflict("not_playing", "This story is not being played.")
    return play


ROUTES: list[BaseRoute] = [
    Route("/stories", list_stories, methods=["GET"]),
    Route("/stories/plays/{id}", show, methods=["GET"]),
    Route("/stories/plays/{id}/progress", tell_progress, methods=["GET"]),
    Route("/stories/{name}", ask, methods=["POST"]),
    control_route("/stories/next", next_story, "POST"),
    control_route("/stories/plays/{id}/steps", add_step, "POST"),
    control_route("/stories/plays/{id}/end", end, "POST"),
]
