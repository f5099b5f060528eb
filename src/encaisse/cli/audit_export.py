"""`encaisse audit export`, and what verifies an export: no database, no server, no secret."""

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import django

from encaisse.audit.offline import Chain, verify_lines
from encaisse.cli.audit import named_organizations, profile_of
from encaisse.cli.errors import CommandFailed, ExitCode, UsageError
from encaisse.cli.files import write_private_lines
from encaisse.cli.output import print_document, say
from encaisse.cli.runtime import data_directory, use_running_database


class ExportUnreadable(CommandFailed):
    code = "audit_export_unreadable"


def run_export(arguments: argparse.Namespace) -> int:
    """Sign the ends of the chains, then write them all."""
    use_running_database(data_directory(arguments.data_dir))
    django.setup()
    from encaisse.kit.crypto import KeysUnreadable, public_keys  # noqa: PLC0415  reads Django's

    if arguments.file.exists():
        raise UsageError(f"{arguments.file} existe déjà.")
    try:
        keys = [key.hex() for key in public_keys()]
        count = write_private_lines(arguments.file.absolute(), _lines(arguments))
    except KeysUnreadable as error:
        raise CommandFailed(f"Les clés sont illisibles : {error}") from error
    say(f"Journal écrit : {arguments.file} ({count} lignes).")
    for key in keys:
        say(f"Clé publique, à garder ailleurs : {key}")
    if arguments.json:
        content = {"path": str(arguments.file), "lines": count, "public_keys": keys}
        print_document("encaisse.audit-export/1", ok=True, content=content)
    return ExitCode.OK


def verify_export(arguments: argparse.Namespace) -> int:
    """Recompute the chains of an export and check who signed them."""
    keys = [_key(text) for text in arguments.public_key or []]
    if not keys:
        raise UsageError("Donnez la clé publique de l’installation : --public-key.")
    try:
        with arguments.export.open(encoding="utf-8") as file:
            chains = verify_lines(file, public_keys=keys)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ExportUnreadable(f"Cet export est illisible ({error}).") from error
    ok = all(chain.broken_at is None for chain in chains)
    if arguments.json:
        content = {"organizations": [_as_document(chain) for chain in chains]}
        print_document("encaisse.audit/1", ok=ok, content=content)
    else:
        for chain in chains:
            print(_as_line(chain), flush=True)
    return ExitCode.OK if ok else ExitCode.FAILED


def _lines(arguments: argparse.Namespace) -> Iterator[str]:
    """Give the lines as they are read: a journal of years is never whole in memory."""
    from encaisse.audit.checkpoints import sign_checkpoint  # noqa: PLC0415  reads Django's settings
    from encaisse.audit.export import header_line, lines_of  # noqa: PLC0415

    yield f"{header_line(datetime.now(UTC))}\n"
    for organization_id in named_organizations(arguments.organization):
        sign_checkpoint(organization_id=organization_id, now=datetime.now(UTC))
        name, _siren = profile_of(organization_id)
        for line in lines_of(
            organization_id=organization_id, name=name, has_facts=arguments.with_facts
        ):
            yield f"{line}\n"


def _key(text: str) -> bytes:
    """Return a key given in hexadecimal, or in a file."""
    path = Path(text)
    written = path.read_text(encoding="utf-8").strip() if path.is_file() else text
    try:
        key = bytes.fromhex(written)
    except ValueError as error:
        raise UsageError("Une clé publique s’écrit en 64 chiffres hexadécimaux.") from error
    if len(key) != 32:
        raise UsageError("Une clé publique s’écrit en 64 chiffres hexadécimaux.")
    return key


def _as_document(chain: Chain) -> dict[str, object]:
    return {
        "organization_id": str(chain.organization_id),
        "name": chain.name,
        "ok": chain.broken_at is None,
        "entries": chain.entries,
        "signed_until": chain.signed_until,
        "erased": chain.erased,
        "head": chain.head.hex(),
        "broken_at": chain.broken_at,
        "reason": chain.reason,
    }


def _as_line(chain: Chain) -> str:
    if chain.broken_at is None:
        return f"ok     {chain.name} : {chain.entries} lignes, sceau {chain.head.hex()[:16]} signé"
    return f"ROMPUE {chain.name} : ligne {chain.broken_at}, {chain.reason}"
