"""The ASGI application: every route, and how a refusal is shown."""

import logging
from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from encaisse_sandbox.errors import ApiError
from encaisse_sandbox.http import (
    authority_pages,
    bank_pages,
    checkout_pages,
    control,
    gateway,
    home_pages,
    provider,
    recognition,
    story_pages,
)
from encaisse_sandbox.http.context import Runtime
from encaisse_sandbox.http.network import Network
from encaisse_sandbox.http.rendering import PACKAGE, page

PROGRAM_PATHS = ("/v1/", "/control/", "/sms", "/push/")

_STATIC = Mount("/static", StaticFiles(directory=PACKAGE / "static"))

logger = logging.getLogger(__name__)


async def healthz(_: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def no_icon(_: Request) -> Response:
    """Browsers ask for an icon by themselves; this world has none."""
    return Response(status_code=204)


async def show_refusal(request: Request, error: Exception) -> Response:
    """Answer a refusal: JSON to a program, a page to a person."""
    if not isinstance(error, ApiError):
        raise error
    if request.url.path.startswith(PROGRAM_PATHS):
        headers = {"Retry-After": "1"} if error.status == 429 else None
        return JSONResponse(error.payload(), error.status, headers=headers)
    has_home = not hasattr(request.app.state, "network")
    return page("refusal.html", status=error.status, error=error, has_home=has_home)


async def show_http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "invalid_request")
    return await show_refusal(request, ApiError(error.status_code, code, error.detail))


async def show_defect(request: Request, error: Exception) -> Response:
    """Log a defect of ours and answer in the caller's form."""
    logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return await show_refusal(request, ApiError(500, "internal_error", "Something went wrong."))


def build(runtime: Runtime) -> Starlette:
    """Return the application that serves this world."""
    routes: list[BaseRoute] = [
        Route("/healthz", healthz),
        Route("/favicon.ico", no_icon),
        *provider.ROUTES,
        *control.ROUTES,
        *gateway.ROUTES,
        *checkout_pages.ROUTES,
        *bank_pages.ROUTES,
        *recognition.ROUTES,
        *home_pages.ROUTES,
        *story_pages.ROUTES,
        _STATIC,
    ]
    return _application(runtime, routes)


def build_for_network(runtime: Runtime, network: Network) -> Starlette:
    """
    Return what the same network may open: the pages a payer needs, and nothing that drives the
    world, speaks to programs or shows the mailbox. What is not listed here does not exist there.
    """
    routes: list[BaseRoute] = [
        Route("/favicon.ico", no_icon),
        *checkout_pages.ROUTES,
        *bank_pages.ROUTES,
        *recognition.ROUTES,
        *home_pages.NETWORK_ROUTES,
        *authority_pages.ROUTES,
        _STATIC,
    ]
    application = _application(runtime, routes)
    application.state.network = network
    return application


def _application(runtime: Runtime, routes: Sequence[BaseRoute]) -> Starlette:
    app = Starlette(
        routes=routes,
        exception_handlers={
            ApiError: show_refusal,
            HTTPException: show_http_error,
            Exception: show_defect,
        },
    )
    app.state.runtime = runtime
    return app
