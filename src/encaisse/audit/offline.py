"""
Verifying an exported journal anywhere: no database, no server, no secret. Only public keys.

What it proves: no line was changed, added or taken away up to the last signed checkpoint, and the
checkpoints are the instance's. Lines cut off the end together with their checkpoints are found by
whoever noted a later one.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from encaisse.audit.core import GENESIS, Checkpoint, Link, payload_digest
from encaisse.audit.signatures import is_signed

SCHEMA = "encaisse.audit-export/1"


@dataclass(slots=True)
class Chain:
    """What an export says of one organization, and the first link that does not hold."""

    organization_id: UUID
    name: str
    entries: int = 0
    signed_until: int = 0
    erased: int = 0
    head: bytes = GENESIS
    broken_at: int | None = None
    reason: str = ""
    heads: dict[int, bytes] = field(default_factory=dict)

    def break_at(self, sequence: int, reason: str) -> None:
        """Remember the first broken link only: those behind it say nothing more."""
        if self.broken_at is None or sequence < self.broken_at:
            self.broken_at, self.reason = sequence, reason


def verify_lines(lines: Iterable[str], *, public_keys: Collection[bytes]) -> list[Chain]:
    """
    Return each organization's chain, verified.

    :raises ValueError, TypeError, KeyError: not an export of ours
    """
    documents = _documents(lines)
    if next(documents, {}).get("schema") != SCHEMA:
        raise ValueError("not an export of the journal")
    chains: list[Chain] = []
    for document in documents:
        match document.get("kind"), chains:
            case "organization", _:
                chains.append(Chain(UUID(document["id"]), str(document["name"])))
            case "entry", [*_, chain]:
                _follow(chain, document)
            case "checkpoint", [*_, chain]:
                _check(chain, document, public_keys)
            case _:
                raise ValueError("a line of no known kind")
    for chain in chains:
        if chain.broken_at is None and chain.signed_until < chain.entries:
            chain.break_at(chain.signed_until + 1, "aucun sceau signé ne couvre cette ligne")
    return chains


def _documents(lines: Iterable[str]) -> Iterator[Mapping[str, Any]]:
    for line in lines:
        document = json.loads(line)
        if not isinstance(document, dict):
            raise TypeError("a line that is no object")
        yield document


def _follow(chain: Chain, document: Mapping[str, Any]) -> None:
    """Recompute one link from the one before."""
    wanted = chain.entries + 1
    link = Link(
        organization_id=chain.organization_id,
        sequence=int(document["sequence"]),
        at=datetime.fromisoformat(document["at"]),
        actor=str(document["actor"]),
        action=str(document["action"]),
        target=str(document["target"]),
        payload_digest=bytes.fromhex(document["payload_digest"]),
    )
    digest = link.digest(chain.head)
    if link.sequence != wanted:
        chain.break_at(wanted, "une ligne manque ou est en trop")
    elif digest.hex() != document["digest"]:
        chain.break_at(wanted, "la ligne a été changée")
    elif not _facts_hold(chain, link, document):
        chain.break_at(wanted, "ses détails ont été changés")
    chain.entries, chain.head = wanted, digest
    chain.heads[wanted] = digest


def _facts_hold(chain: Chain, link: Link, document: Mapping[str, Any]) -> bool:
    if "payload" not in document:
        return True
    payload = document["payload"]
    if payload is None:
        chain.erased += 1
        return True
    salt = bytes.fromhex(payload["salt"])
    return payload_digest(payload["facts"], salt) == link.payload_digest


def _check(chain: Chain, document: Mapping[str, Any], public_keys: Collection[bytes]) -> None:
    """Compare a checkpoint with the chain and its signature with the keys that are trusted."""
    sequence, head = int(document["sequence"]), bytes.fromhex(document["head"])
    at = datetime.fromisoformat(document["at"])
    message = Checkpoint(chain.organization_id, sequence, head, at).message()
    if not is_signed(message, bytes.fromhex(document["signature"]), public_keys=public_keys):
        chain.break_at(max(sequence, 1), "le sceau n’est pas signé par cette installation")
    elif sequence > chain.entries:
        chain.break_at(chain.entries + 1, "une ligne signée manque à la fin")
    elif chain.heads.get(sequence, GENESIS) != head:
        chain.break_at(max(sequence, 1), "le sceau signé ne porte pas sur cette chaîne")
    else:
        chain.signed_until = max(chain.signed_until, sequence)
