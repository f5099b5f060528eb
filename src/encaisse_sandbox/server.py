"""The process: HTTP server, mail sink, webhook deliverer and scheduler on one event loop."""

import asyncio
import logging
import os
import signal
import socket
import sys
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from granian.constants import Interfaces
from granian.server.embed import Server

from encaisse_sandbox import mail
from encaisse_sandbox.http import app
from encaisse_sandbox.http.context import Runtime
from encaisse_sandbox.schedule import Scheduler
from encaisse_sandbox.webhooks import Deliverer
from encaisse_sandbox.world import open_world

# Answers still under way get this long; the state is on disk, so that leaving is always safe.
GRACE_SECONDS = 1.5

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """Where to keep the state and where to listen."""

    data_directory: Path
    host: str
    port: int
    smtp_port: int
    public_url: str


class PortTaken(Exception):
    """Another program listens on the port."""


def run(options: Options) -> None:
    """
    Simulate the world until a signal ends it.

    :raises PortTaken: a port is not free
    """
    for port in (options.port, options.smtp_port):
        _check_free(options.host, port)
    asyncio.run(_run(options))


async def _run(options: Options) -> None:
    world = open_world(options.data_directory, options.public_url)
    deliverer = Deliverer(world)
    scheduler = Scheduler(world, deliverer)
    server = _http_server(Runtime(world, deliverer, scheduler), options)
    _stop_on_signals(server)
    background = [
        asyncio.create_task(_announce(options)),
        asyncio.create_task(deliverer.run_forever()),
        asyncio.create_task(scheduler.run_forever()),
    ]
    mail_server = await asyncio.get_running_loop().create_server(
        partial(mail.smtp_protocol, world), options.host, options.smtp_port
    )
    for task in background:
        task.add_done_callback(_stop_with)
    with closing(world.db), closing(mail_server):
        await server.serve()
        for task in background:
            task.cancel()
        await deliverer.close()


def _http_server(runtime: Runtime, options: Options) -> Server:
    return Server(
        app.build(runtime),
        options.host,
        options.port,
        interface=Interfaces.ASGINL,
        log_enabled=False,
        websockets=False,
    )


def _stop_on_signals(server: Server) -> None:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        server.stop()  # type: ignore[no-untyped-call]  # the server is untyped
        # The server waits for answers under way, some of which are slow on purpose.
        loop.call_later(GRACE_SECONDS, os._exit, 0)

    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(name, stop)


def _stop_with(task: asyncio.Task[None]) -> None:
    """End the process when a part of the world stops by a defect, rather than run without it."""
    if not task.cancelled() and (error := task.exception()):
        logger.critical("A background task failed", exc_info=error)
        os._exit(1)


async def _announce(options: Options) -> None:
    """Say once that the world is there, when it really answers."""
    while not await _answers(options.host, options.port):  # noqa: ASYNC110  # another's socket
        await asyncio.sleep(0.02)
    address = f"http://{options.host}:{options.port}"
    sys.stdout.write(f"encaisse_sandbox ready on {address}, SMTP on port {options.smtp_port}\n")
    sys.stdout.flush()


async def _answers(host: str, port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


def _check_free(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(f"Port {port} on {host} is not free.") from error
