"""Breaking a connection before its answer, as a network failure does."""

import os
import socket
import stat
from pathlib import Path

from starlette.requests import Request

_INTERNET = {socket.AF_INET, socket.AF_INET6}


def drop(request: Request) -> None:
    """
    Shut the transport of this request down, so that its client sees no answer at all.

    ASGI has no word for this and the HTTP server keeps its sockets to itself, hence the search
    among the process's own descriptors. A duplicate is used, so that the server's stays its own.
    """
    if request.client is None:
        return
    for descriptor in _open_sockets():
        with socket.socket(fileno=os.dup(descriptor)) as connection:
            if _peer_port(connection) == int(request.client.port):
                connection.shutdown(socket.SHUT_RDWR)


def _open_sockets() -> list[int]:
    descriptors = [int(entry.name) for entry in Path("/dev/fd").iterdir()]
    return [descriptor for descriptor in descriptors if _is_socket(descriptor)]


def _is_socket(descriptor: int) -> bool:
    try:
        return stat.S_ISSOCK(os.fstat(descriptor).st_mode)
    except OSError:
        return False  # closed since it was listed


def _peer_port(connection: socket.socket) -> int | None:
    if connection.family not in _INTERNET:
        return None
    try:
        return int(connection.getpeername()[1])
    except OSError:
        return None  # a listening socket has no peer
