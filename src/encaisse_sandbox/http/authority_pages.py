"""The made-up authority of a demonstration shown to a telephone: what believing it means."""

from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from encaisse_sandbox.http import security
from encaisse_sandbox.http.network import Network
from encaisse_sandbox.http.rendering import day_in_words, page


async def show_authority(request: Request) -> Response:
    network = _network(request)
    certificate = _certificate(network)
    return page(
        "authority.html",
        host=network.host,
        until=day_in_words(certificate.not_valid_after_utc.date()),
        fingerprint=_in_lines(certificate.fingerprint(hashes.SHA256())),
    )


async def download_authority(request: Request) -> Response:
    """Give the certificate under the type that telephones offer to install."""
    network = _network(request)
    response = Response(network.authority.read_bytes(), headers=security.headers())
    response.headers["Content-Type"] = "application/x-x509-ca-cert"
    response.headers["Content-Disposition"] = 'attachment; filename="essai-encaisse.crt"'
    return response


def _in_lines(digest: bytes) -> str:
    """Write it as the terminal does, so that the eye compares line by line."""
    lines = (digest[start : start + 8] for start in range(0, len(digest), 8))
    return ":\n".join(line.hex(":").upper() for line in lines)


def _network(request: Request) -> Network:
    return cast("Network", request.app.state.network)


def _certificate(network: Network) -> x509.Certificate:
    return x509.load_pem_x509_certificate(network.authority.read_bytes())


ROUTES: list[BaseRoute] = [
    Route("/autorite", show_authority, methods=["GET"]),
    Route("/autorite.crt", download_authority, methods=["GET"]),
]
