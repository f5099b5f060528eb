"""The process: HTTP server, mail sink, webhook deliverer and scheduler on one event loop."""

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from granian.constants import Interfaces
from granian.server.embed import Server
from starlette.applications import Starlette

from encaisse_sandbox import mail
from encaisse_sandbox.http import app
from encaisse_sandbox.http.context import Runtime
from encaisse_sandbox.http.network import Network
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
    programs_url: str
    network: Network | None = None


class PortTaken(Exception):
    """Another program listens on the port."""


def run(options: Options) -> None:
    """
    Simulate the world until a signal ends it.

    :raises PortTaken: a port is not free
    """
    for port in (options.port, options.smtp_port):
        _check_free(options.host, port)
    if options.network is not None:
        _check_free(options.network.host, options.port)
    asyncio.run(_run(options))


async def _run(options: Options) -> None:
    world = open_world(options.data_directory, options.public_url, options.programs_url)
    deliverer = Deliverer(world)
    scheduler = Scheduler(world, deliverer)
    servers = _http_servers(Runtime(world, deliverer, scheduler), options)
    _stop_on_signals(servers)
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
        await asyncio.gather(*(server.serve() for server in servers))
        for task in background:
            task.cancel()
        await deliverer.close()


def _http_servers(runtime: Runtime, options: Options) -> list[Server]:
    """Return the server of this machine and, where asked for, the one of its network."""
    servers = [_http_server(app.build(runtime), options.host, options.port)]
    if (network := options.network) is not None:
        pages = app.build_for_network(runtime, network)
        servers.append(_http_server(pages, network.host, options.port, network))
    return servers


def _http_server(served: Starlette, host: str, port: int, network: Network | None = None) -> Server:
    return Server(
        served,
        host,
        port,
        interface=Interfaces.ASGINL,
        log_enabled=False,
        websockets=False,
        ssl_cert=network.certificate if network else None,
        ssl_key=network.key if network else None,
    )


def _stop_on_signals(servers: Sequence[Server]) -> None:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        for server in servers:
            server.stop()  # type: ignore[no-untyped-call]  # the server is untyped
        # Each server waits for answers under way, some of which are slow on purpose.
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
