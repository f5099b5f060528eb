"""`encaisse check --public`: the site as a stranger on the Internet sees it, with a grade."""

import argparse
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit

from encaisse.cli.check_public_pages import (
    check_cookies,
    check_headers,
    check_home,
    check_hsts,
    check_mixed_content,
    check_redirect,
    visit,
)
from encaisse.cli.check_public_tls import (
    Target,
    check_certificate,
    check_negotiated,
    check_protocols,
    check_suites,
    greet,
)
from encaisse.cli.errors import ExitCode, UsageError
from encaisse.cli.files import note
from encaisse.cli.findings import Status
from encaisse.cli.output import print_document
from encaisse.cli.public_findings import Grade, Graded, grade_of
from encaisse.cli.runtime import data_directory
from encaisse.kit.notes import PUBLIC_CHECKS

_HTTPS_PORT, _HTTP_PORT = 443, 80
_MARKS = {Status.OK: "ok    ", Status.WARN: "alerte", Status.FAIL: "ÉCHEC "}
_WORDS = {
    Grade.BEST: "rien à redire",
    Grade.A: "solide, un détail peut être mieux",
    Grade.B: "correct, avec une faiblesse à corriger",
    Grade.C: "une porte est restée ouverte",
    Grade.D: "les visiteurs ne peuvent pas savoir à qui ils parlent",
    Grade.F: "à réparer avant toute chose",
}


def run_public(arguments: argparse.Namespace) -> int:
    """Look at one site from outside; no other site is contacted."""
    target = target_of(arguments.public)
    http_port = arguments.http_port
    if http_port is None and target.port == _HTTPS_PORT:
        http_port = _HTTP_PORT
    negotiated = greet(target)
    found = visit(target)
    results = [
        *check_protocols(target),
        check_negotiated(negotiated),
        *check_suites(target),
        *check_certificate(target),
        check_redirect(target, http_port),
        check_home(found),
        check_hsts(target, found),
        *check_headers(found),
        check_cookies(found),
        check_mixed_content(found),
    ]
    ok = all(result.finding.status is not Status.FAIL for result in results)
    grade = grade_of(results)
    content = {
        "url": arguments.public,
        "grade": grade.value,
        "negotiated": asdict(negotiated),
        "checks": [result.as_document() for result in results],
    }
    _note(data_directory(arguments.data_dir), arguments.public, content)
    if arguments.json:
        print_document("encaisse.check_public/1", ok=ok, content=content)
    else:
        _show(results, grade)
    return ExitCode.OK if ok else ExitCode.FAILED


def _note(folder: Path, address: str, content: Mapping[str, object]) -> None:
    """Keep what was seen for the page of proofs, where there is an installation to keep it."""
    if folder.is_dir():
        note(folder, PUBLIC_CHECKS, address.rstrip("/"), content)


def target_of(address: str) -> Target:
    """
    Return the host and port of an https address.

    :raises UsageError: it is not one
    """
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"« {address} » n’est pas une adresse.") from error
    if parts.scheme != "https" or not parts.hostname:
        raise UsageError(f"« {address} » : attendu une adresse https://…")
    return Target(parts.hostname, port or _HTTPS_PORT)


def _show(results: list[Graded], grade: Grade) -> None:
    for result in results:
        print(f"{_MARKS[result.finding.status]}  {result.id:34} {result.finding.message}")
        if result.finding.cure:
            print(f"{'':8}{'':34} → {result.finding.cure}")
    print(f"\nNote : {grade.value} ({_WORDS[grade]}).")
