"""`encaisse audit verify`: every chain of the journal, recomputed from its first line."""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import django

from encaisse.cli.errors import CommandFailed, ExitCode, UsageError
from encaisse.cli.output import print_document
from encaisse.cli.runtime import data_directory, use_running_database


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the chain of one organization says."""

    organization_id: UUID
    name: str
    entries: int
    head: str
    broken_at: int | None
    broken_line: str

    def as_document(self) -> dict[str, object]:
        return {
            "organization_id": str(self.organization_id),
            "name": self.name,
            "ok": self.broken_at is None,
            "entries": self.entries,
            "head": self.head,
            "broken_at": self.broken_at,
        }

    def as_line(self) -> str:
        if self.broken_at is None:
            return f"ok     {self.name} : {self.entries} lignes, sceau {self.head[:16]}"
        return f"ROMPUE {self.name} : ligne {self.broken_at}{self.broken_line}"


def run_verify(arguments: argparse.Namespace) -> int:
    """Walk the chains, one after the other; a broken one does not hide the next."""
    if arguments.export is not None:
        from encaisse.cli.audit_export import verify_export  # noqa: PLC0415  it imports this one

        return verify_export(arguments)
    use_running_database(data_directory(arguments.data_dir))
    django.setup()
    from encaisse.kit.crypto import KeysUnreadable  # noqa: PLC0415  reads Django's settings

    try:
        verdicts = [_said(one, arguments) for one in named_organizations(arguments.organization)]
    except KeysUnreadable as error:
        raise CommandFailed(f"Les clés sont illisibles : {error}") from error
    ok = all(verdict.broken_at is None for verdict in verdicts)
    if arguments.json:
        content = {"organizations": [verdict.as_document() for verdict in verdicts]}
        print_document("encaisse.audit/1", ok=ok, content=content)
    return ExitCode.OK if ok else ExitCode.FAILED


def _said(organization_id: UUID, arguments: argparse.Namespace) -> Verdict:
    verdict = _verdict(organization_id)
    if not arguments.json:
        print(verdict.as_line(), flush=True)
    return verdict


def named_organizations(handle: str | None) -> Iterator[UUID]:
    """Return the organizations to verify: all, or the one of this identifier or SIREN."""
    # Once Django is set up: organizations are models.
    from encaisse.organizations.queries import organization_ids  # noqa: PLC0415

    if handle is None:
        yield from organization_ids()
        return
    found = [one for one in organization_ids() if handle in _handles(one)]
    if not found:
        raise UsageError(f"Aucune entreprise ne répond à « {handle} » (identifiant ou SIREN).")
    yield from found


def _handles(organization_id: UUID) -> set[str]:
    return {str(organization_id), profile_of(organization_id)[1]}


def profile_of(organization_id: UUID) -> tuple[str, str]:
    from encaisse.kit.tenancy import acting_for  # noqa: PLC0415  as above
    from encaisse.organizations.queries import profile  # noqa: PLC0415

    with acting_for(organization_id):
        row = profile(organization_id=organization_id)
    return row.name, row.siren


def _verdict(organization_id: UUID) -> Verdict:
    from encaisse.audit.queries import verify_chain  # noqa: PLC0415  as above
    from encaisse.kit.tenancy import acting_for  # noqa: PLC0415

    with acting_for(organization_id):
        report = verify_chain(organization_id=organization_id)
    entry = report.entry
    line = f", {entry.created_at:%d/%m/%Y %H:%M} UTC, {entry.action}" if entry else ", absente"
    return Verdict(
        organization_id=organization_id,
        name=profile_of(organization_id)[0],
        entries=report.entries,
        head=report.head.hex(),
        broken_at=report.broken_at,
        broken_line=line,
    )
