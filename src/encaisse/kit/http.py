"""Asking the outside world: always with a limit of time and size, never inside a transaction."""

import atexit
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic

import httpx
from django.db import connection

TIMEOUT_SECONDS = 6.0
LARGEST_ANSWER_BYTES = 20 * 1024 * 1024
# A timeout counts from one byte to the next; this one counts the whole answer.
LONGEST_ANSWER_SECONDS = 60.0


class AskedInsideTransaction(RuntimeError):
    """A slow neighbour would hold our locks: ask first, then write. Always our mistake."""


class NothingSent(Exception):
    """The connection could not be made: the other side heard nothing, a retry is safe."""


class AnswerLost(Exception):
    """The request may have been acted upon, but no usable answer came."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


def ask(  # the arguments are those of an HTTP request
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    json: object = None,
    content: bytes | None = None,
    params: Mapping[str, str] | None = None,
    timeout_seconds: float = TIMEOUT_SECONDS,
    server_name: str = "",
) -> Answer:
    """
    Send one request and read the whole answer. Redirects are not followed.

    `server_name` is whom the certificate must name, where `url` holds an address instead.

    :raises AskedInsideTransaction: a transaction is open
    :raises NothingSent: no connection, or no address at all
    :raises AnswerLost: a timeout, a dropped connection or an answer over the size limit
    """
    if connection.in_atomic_block:
        raise AskedInsideTransaction(url)
    try:
        with _client().stream(
            method, url, headers=dict(headers or {}), json=json,
            content=content, params=params, timeout=timeout_seconds,
            extensions={"sni_hostname": server_name} if server_name else None,
        ) as response:  # fmt: skip
            body = _read(response)
    except (
        httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.InvalidURL,
    ) as error:  # fmt: skip
        raise NothingSent(str(error)) from error
    except httpx.HTTPError as error:
        raise AnswerLost(str(error)) from error
    return Answer(status=response.status_code, headers=dict(response.headers), body=body)


def _read(response: httpx.Response) -> bytes:
    chunks, deadline = bytearray(), monotonic() + LONGEST_ANSWER_SECONDS
    for chunk in response.iter_bytes():
        chunks += chunk
        if monotonic() > deadline:
            raise AnswerLost("The answer takes too long.")
        if len(chunks) > LARGEST_ANSWER_BYTES:
            raise AnswerLost("The answer is too large.")
    return bytes(chunks)


_shared: list[httpx.Client] = []


def _client() -> httpx.Client:
    """Return the process's connection pool (httpx clients are safe to share between threads)."""
    if not _shared:
        _shared.append(httpx.Client(follow_redirects=False, trust_env=False))
        atexit.register(_shared[0].close)
    return _shared[0]
