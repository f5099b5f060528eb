"""The three ports of an instance, all on the loopback address."""

import errno
import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass

from encaisse.cli.errors import CommandFailed, UsageError
from encaisse.cli.runtime import DEFAULT_PORT

LOOPBACK = "127.0.0.1"
_LARGEST = 65_533


@dataclass(frozen=True, slots=True)
class Ports:
    web: int

    @property
    def sandbox(self) -> int:
        return self.web + 1

    @property
    def smtp(self) -> int:
        return self.web + 2


class PortTaken(CommandFailed):
    """Another program listens on a port we need."""


def chosen_ports(given: int | None) -> Ports:
    """Return the ports from the option, else from PORT."""
    text = os.environ.get("PORT") or str(DEFAULT_PORT)
    if given is None and not text.isdecimal():
        raise UsageError(f"PORT vaut « {text} » ; attendu : un nombre.")
    web = int(text) if given is None else given
    if not 1 <= web <= _LARGEST:
        raise UsageError(f"Le port {web} n’est pas entre 1 et {_LARGEST}.")
    return Ports(web)


def check_free(port: int) -> None:
    """
    Make sure that nobody listens here, on either form of `localhost`.

    :raises PortTaken: somebody does
    """
    for family, address in ((socket.AF_INET, LOOPBACK), (socket.AF_INET6, "::1")):
        try:
            _bind(family, address, port)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTaken(
                    f"Le port {port} est déjà pris. Choisissez-en un autre : PORT=9000 make demo."
                ) from error
            if error.errno == errno.EACCES:
                raise PortTaken(f"Le port {port} est réservé à l’administrateur.") from error
            # A machine without IPv6 has no ::1 to listen on: nothing to check there.
            if error.errno not in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}:
                raise


def check_free_at(address: object, ports: Iterable[int]) -> None:
    """:raises PortTaken: somebody listens on one of them at this address"""
    host = str(address)
    for port in ports:
        try:
            _bind(socket.AF_INET6 if ":" in host else socket.AF_INET, host, port)
        except OSError as error:
            raise PortTaken(
                f"Le port {port} de {host} ne peut pas servir ({error.strerror}). "
                "Choisissez-en un autre : PORT=9000 make demo."
            ) from error


def _bind(family: socket.AddressFamily, address: str, port: int) -> None:
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # Connections still closing do not make a port taken; a listener does all the same.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((address, port))
        probe.listen(1)
