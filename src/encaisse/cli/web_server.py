"""The web server's command line: one place for what it may do and how it writes its log."""

from dataclasses import dataclass
from pathlib import Path

from encaisse.cli.ports import LOOPBACK
from encaisse.cli.supervisor import python_module

_THREADS = 8
_LOGS = Path(__file__).parents[1] / "config" / "granian-logs.json"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate and its key, in files."""

    certificate: Path
    key: Path


def web_command(*, port: int, tls: Certificate | None = None) -> list[str]:
    """
    Return the command that serves the site.

    With TLS, 1.3 and 1.2 only. The server's library offers no choice of suites: ECDHE everywhere,
    with AES-256-GCM, ChaCha20 or AES-128-GCM, and nothing older.
    """
    return python_module(
        "granian",
        "--interface=wsgi",
        f"--host={LOOPBACK}",
        f"--port={port}",
        "--workers=1",
        f"--blocking-threads={_THREADS}",
        "--workers-kill-timeout=3",
        "--no-ws",
        f"--log-config={_LOGS}",
        *_tls_options(tls),
        "encaisse.config.wsgi:application",
    )


def _tls_options(tls: Certificate | None) -> list[str]:
    if tls is None:
        return []
    return [
        f"--ssl-certificate={tls.certificate}",
        f"--ssl-keyfile={tls.key}",
        "--ssl-protocol-min=tls1.2",
    ]
