"""The command: python -m encaisse_sandbox --data-dir DIR --port 8001 --smtp-port 8002."""

import argparse
import logging
import sys
from pathlib import Path

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
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m encaisse_sandbox", description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True, help="where the state is kept")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--smtp-port", type=int, default=8002)
    parser.add_argument("--public-url", help="address that payers reach the pages at")
    return parser


if __name__ == "__main__":
    sys.exit(main())
