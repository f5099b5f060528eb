"""The command: python -m encaisse_sandbox --data-dir DIR --port 8001 --smtp-port 8002."""

import argparse
import logging
import sys
from pathlib import Path

from encaisse_sandbox.http.network import Network
from encaisse_sandbox.server import Options, PortTaken, run


def main() -> int:
    """Run the simulated world until it is told to stop."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    options = _options(_parser().parse_args())
    try:
        run(options)
    except PortTaken as error:
        sys.stderr.write(f"encaisse_sandbox: {error}\n")
        return 1
    return 0


def _options(arguments: argparse.Namespace) -> Options:
    public_url = arguments.public_url or f"http://{arguments.host}:{arguments.port}"
    return Options(
        data_directory=arguments.data_dir,
        host=arguments.host,
        port=arguments.port,
        smtp_port=arguments.smtp_port,
        public_url=public_url.rstrip("/"),
        programs_url=(arguments.programs_url or public_url).rstrip("/"),
        network=_network(arguments),
    )


def _network(arguments: argparse.Namespace) -> Network | None:
    if arguments.network_host is None:
        return None
    return Network(
        host=arguments.network_host,
        certificate=arguments.network_certificate,
        key=arguments.network_key,
        authority=arguments.network_authority,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m encaisse_sandbox", description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True, help="where the state is kept")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--smtp-port", type=int, default=8002)
    parser.add_argument("--public-url", help="address that payers reach the pages at")
    parser.add_argument("--programs-url", help="address that programs reach this world at")
    network = parser.add_argument_group("what a telephone of the same network may open, over TLS")
    network.add_argument("--network-host", help="address to listen on as well, on the same port")
    for name in ("certificate", "key", "authority"):
        network.add_argument(f"--network-{name}", type=Path, help="a PEM file")
    return parser


if __name__ == "__main__":
    sys.exit(main())
