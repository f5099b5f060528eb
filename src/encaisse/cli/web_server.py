"""The web server's command line: one place for what it may do and how it writes its log."""

import ssl
from dataclasses import dataclass
from pathlib import Path

import httpx

from encaisse.cli.ports import LOOPBACK
from encaisse.cli.supervisor import python_module

_THREADS = 8
_LOGS = Path(__file__).parents[1] / "config" / "granian-logs.json"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate and its key, in files."""

    certificate: Path
    key: Path


def web_command(*, port: int, tls: Certificate | None = None, host: str = LOOPBACK) -> list[str]:
    """
    Return the command that serves the site.

    With TLS, 1.3 and 1.2 only. The server's library offers no choice of suites: ECDHE everywhere,
    with AES-256-GCM, ChaCha20 or AES-128-GCM, and nothing older.
    """
    return python_module(
        "granian",
        "--interface=wsgi",
        f"--host={host}",
        f"--port={port}",
        "--workers=1",
        f"--blocking-threads={_THREADS}",
        "--workers-kill-timeout=3",
        "--no-ws",
        f"--log-config={_LOGS}",
        *_tls_options(tls),
        "encaisse.config.wsgi:application",
    )


def answers(url: str, authority: Path | None = None) -> bool:
    """Tell whether a server answers there, under a certificate of this authority if any."""
    trusted = ssl.create_default_context(cafile=authority)
    try:
        answer = httpx.get(url, timeout=2.0, trust_env=False, verify=trusted)
    except httpx.TransportError:
        return False
    return answer.status_code == httpx.codes.OK


def _tls_options(tls: Certificate | None) -> list[str]:
    if tls is None:
        return []
    return [
        f"--ssl-certificate={tls.certificate}",
        f"--ssl-keyfile={tls.key}",
        "--ssl-protocol-min=tls1.2",
    ]
