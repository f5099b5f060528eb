"""Ports for servers under test: below those the kernel lends to outgoing connections."""

import os
import random
import socket

# Linux lends 32768 and up; each test worker keeps to a range of its own.
_FIRST, _WIDTH = 11_000, 5_000
# Not the seeded dice of the tests: two tests must not draw the same port.
_DICE = random.SystemRandom()
_WORKERS = ("main", "gw0", "gw1", "gw2")


def free_ports(count: int) -> list[int]:
    """Return consecutive ports that nobody listens on."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    start = _FIRST + _WIDTH * (_WORKERS.index(worker) if worker in _WORKERS else 0)
    while True:
        first = _DICE.randrange(start, start + _WIDTH - count)
        ports = list(range(first, first + count))
        if all(_is_free(port) for port in ports):
            return ports


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
