"""Importing statements: all of a file or nothing, and each line once whatever file it comes in."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef

from encaisse.audit import services as audit
from encaisse.kernel.actor import Actor
from encaisse.kernel.identifiers import Iban, IbanInvalid
from encaisse.kit.bulk import insert_all
from encaisse.kit.crypto import seal
from encaisse.kit.files import store_file
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for
from encaisse.treasury.camt import read_statements
from encaisse.treasury.core.statement import Statement, StatementLine, occurrences
from encaisse.treasury.errors import StatementOfOtherAccount, StatementUnreadable
from encaisse.treasury.models import (
    BankAccount,
    BankStatement,
    BankTransaction,
    BankTransactionTwin,
    UnmatchedTransaction,
)
from encaisse.treasury.services.accounts import iban_indexes
from encaisse.treasury.services.finders import details_of
from encaisse.treasury.services.matching import match_pending

_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import brought: lines new to us, lines already known, lines matched at once."""

    new_lines: int
    known_lines: int
    matched: int


def import_statement(
    *, organization_id: UUID, actor: Actor, name: str, content: bytes, now: datetime
) -> ImportReport:
    """
    Import a camt file and match its lines.

    :raises StatementUnreadable: not camt, damaged, too large or without a statement
    :raises StatementUnbalanced: its balances and lines do not add up
    :raises StatementOfOtherAccount: about an account the firm has not declared
    """
    statements = read_statements(content)
    with acting_for(organization_id):
        stored = store_file(
            organization_id=organization_id,
            kind="bank_statement",
            name=name[:160],
            media_type="application/xml",
            content=content,
            now=now,
        )
        new = sum(
            _import_one(organization_id, statement, stored.id, now) for statement in statements
        )
        audit.record(
            organization_id=organization_id,
            actor=actor,
            action="bank_statement:imported",
            target=f"file:{stored.id}",
            facts={"new_lines": new},
            now=now,
        )
    matched = match_pending(organization_id=organization_id, now=now)
    total = sum(len(statement.lines) for statement in statements)
    return ImportReport(new_lines=new, known_lines=total - new, matched=matched)


def _import_one(organization_id: UUID, statement: Statement, file_id: UUID, now: datetime) -> int:
    account = _account_of(organization_id, statement)
    row = BankStatement(
        id=new_id(),
        organization_id=organization_id,
        account=account,
        file_id=file_id,
        statement_id=statement.statement_id,
        first_day=statement.first_day,
        last_day=statement.last_day,
        opening_minor=statement.opening.minor,
        closing_minor=statement.closing.minor,
        new_lines=0,
        created_at=now,
    )
    row.save(force_insert=True)
    numbered = list(zip(statement.lines, occurrences(statement.lines), strict=True))
    chunks = [numbered[start : start + _CHUNK] for start in range(0, len(numbered), _CHUNK)]
    row.new_lines = sum(_insert_new(row, chunk, now) for chunk in chunks)
    row.save(update_fields=["new_lines"])
    account.synced_until = max(account.synced_until or statement.last_day, statement.last_day)
    account.save(update_fields=["synced_until"])
    return row.new_lines


def _account_of(organization_id: UUID, statement: Statement) -> BankAccount:
    try:
        iban = Iban.parse(statement.iban)
    except IbanInvalid as error:
        raise StatementUnreadable(reason="son IBAN n’est pas valable") from error
    account = (
        BankAccount.objects.select_for_update()
        .filter(organization_id=organization_id, iban_index__in=iban_indexes(iban))
        .first()
    )
    if account is None:
        raise StatementOfOtherAccount
    return account


def _insert_new(
    statement: BankStatement, numbered: Sequence[tuple[StatementLine, int]], now: datetime
) -> int:
    """Insert the lines not yet known, with a place in the queue of what is to be matched."""
    fingerprints = [line.fingerprint() for line, _ in numbered]
    known = _known(statement, fingerprints)
    unknown = [
        (line, fingerprint, occurrence)
        for (line, occurrence), fingerprint in zip(numbered, fingerprints, strict=True)
        if (fingerprint, occurrence) not in known
    ]
    stored = _lines_without_twin(statement, [line for line, _, _ in unknown])
    fresh, twins = [], []
    for line, fingerprint, occurrence in unknown:
        same = stored[line.printed(), not line.bank_reference]
        if same:
            twins.append(_twin(statement, same.pop(0), fingerprint, occurrence, now))
        else:
            fresh.append(_transaction(statement, line, fingerprint, occurrence, now))
    insert_all(twins)
    insert_all(fresh)
    insert_all(
        [
            UnmatchedTransaction(
                id=new_id(), organization_id=row.organization_id, transaction=row, created_at=now
            )
            for row in fresh
        ]
    )
    return len(fresh)


def _known(statement: BankStatement, fingerprints: Sequence[str]) -> set[tuple[str, int]]:
    """Return which of these lines are stored, as they are or as their twin was."""
    about = {
        "organization_id": statement.organization_id,
        "account_id": statement.account_id,
        "fingerprint__in": fingerprints,
    }
    lines = BankTransaction.objects.filter(**about).values_list("fingerprint", "occurrence")
    twins = BankTransactionTwin.objects.filter(**about).values_list("fingerprint", "occurrence")
    return {*lines, *twins}


# What is printed on a stored line, and whether the bank's reference is there too → which ones.
_Stored = defaultdict[tuple[str, bool], list[UUID]]


def _lines_without_twin(statement: BankStatement, unknown: Sequence[StatementLine]) -> _Stored:
    """
    Return the stored lines that may be these ones, seen with or without the bank's reference.

    Two lines that both bear a reference, or both bear none, were told apart already. So were the
    lines of one statement, and a line that has its twin is nobody else's.
    """
    found: _Stored = defaultdict(list)
    if not unknown:
        return found
    twin = BankTransactionTwin.objects.filter(
        organization_id=statement.organization_id, transaction_id=OuterRef("id")
    )
    rows = BankTransaction.objects.filter(
        ~Exists(twin),
        organization_id=statement.organization_id,
        account_id=statement.account_id,
        booked_on__in={line.booked_on for line in unknown},
        amount_minor__in={line.amount.minor for line in unknown},
    ).exclude(statement_id=statement.id)
    if all(line.bank_reference for line in unknown):
        rows = rows.filter(bank_reference="")
    for row in rows.order_by("id"):
        found[_printed(row), bool(row.bank_reference)].append(row.id)
    return found


def _printed(row: BankTransaction) -> str:
    if not row.bank_reference:
        return row.fingerprint
    details = details_of(row)
    return StatementLine(
        amount=row.amount,
        booked_on=row.booked_on,
        value_on=row.value_on,
        end_to_end_id=row.end_to_end_id,
        remittance=details.remittance,
        counterparty_name=details.name,
        counterparty_iban=details.iban,
        bank_code=row.bank_code,
    ).printed()


def _twin(
    statement: BankStatement,
    transaction_id: UUID,
    fingerprint: str,
    occurrence: int,
    now: datetime,
) -> BankTransactionTwin:
    return BankTransactionTwin(
        id=new_id(),
        organization_id=statement.organization_id,
        transaction_id=transaction_id,
        account_id=statement.account_id,
        fingerprint=fingerprint,
        occurrence=occurrence,
        created_at=now,
    )


def _transaction(
    statement: BankStatement,
    line: StatementLine,
    fingerprint: str,
    occurrence: int,
    now: datetime,
) -> BankTransaction:
    row = BankTransaction(
        id=new_id(),
        organization_id=statement.organization_id,
        account_id=statement.account_id,
        statement=statement,
        booked_on=line.booked_on,
        value_on=line.value_on,
        amount_minor=line.amount.minor,
        currency=line.amount.currency,
        bank_reference=line.bank_reference[:60],
        end_to_end_id=line.end_to_end_id,
        bank_code=line.bank_code,
        fingerprint=fingerprint,
        occurrence=occurrence,
        created_at=now,
    )
    details = {
        "remittance": line.remittance,
        "name": line.counterparty_name,
        "iban": line.counterparty_iban,
    }
    row.details_sealed = seal(json.dumps(details, ensure_ascii=False), row.place("details"))
    return row
