"""
A firm with as many payments as wanted, made by copying one that really happened.

The copies are made in SQL by the owner role, as no service could write a million rows in a
minute. Running totals and daily figures are then computed from them and proved equal.
"""

import time
from collections.abc import Iterator, Mapping
from uuid import UUID

_FIRST_CHUNK, _CHUNK = 1_000, 50_000
# Three years back, a little every day; the hour moves too.
_MOMENT = "now() - mod(n, 1000) * interval '1 day' - mod(n, 601) * interval '1 minute'"


def _id(kind: str) -> str:
    """Return an expression of SQL: like our own identifiers, those of later copies come later."""
    return f"(left(md5(t.organization_id || '{kind}'), 20) || lpad(to_hex(n), 12, '0'))::uuid"


# Table → what a copy changes. `n` is the number of the copy.
_COPIES: Mapping[str, Mapping[str, str]] = {
    "invoicing_invoice": {
        "id": _id("invoice"),
        "number": "'B-' || n",
        "issued_on": f"({_MOMENT})::date",
        "due_on": f"({_MOMENT})::date + 30",
    },
    "payments_paymentrequest": {
        "id": _id("request"),
        "reference_id": _id("invoice"),
        "creditor_reference": "'RF00B' || lpad(n::text, 12, '0')",
    },
    "organizations_handle": {
        "id": "nextval(pg_get_serial_sequence('organizations_handle', 'id'))",
        "digest": "sha256((t.organization_id || 'handle' || n)::bytea)",
        "target_id": _id("request"),
    },
    "payments_paymentintent": {
        "id": _id("intent"),
        "request_id": _id("request"),
        "captured_at": _MOMENT,
    },
    "payments_paymentattempt": {
        "id": _id("attempt"),
        "intent_id": _id("intent"),
        "provider_id": "'pay_bench' || n",
    },
    "ledger_journalentry": {
        "id": _id("entry"),
        "number": "1000000 + n",
        "source": f"'payment_attempt:' || {_id('attempt')}",
        "entry_date": f"({_MOMENT})::date",
        "fiscal_year": f"extract(year from {_MOMENT})",
    },
    "ledger_journalline": {
        "id": _id("line' || t.side || '"),
        "entry_id": _id("entry"),
    },
    "webhooks_storedevent": {"id": _id("event")},
}
_WITHOUT_DATE = {"organizations_handle"}


def fill(*, organization_id: UUID, count: int) -> None:
    """Copy the firm's one paid invoice `count` times, with all that its payment left behind."""
    from django.db import connections

    started = time.perf_counter()
    with connections["owner"].cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute(f"SET encaisse.organization_id = '{UUID(str(organization_id))}'")
        models = _originals(cursor, organization_id)
        for first, last in _chunks(count):
            for table, changes in _COPIES.items():
                cursor.execute(_copy(table, changes, models[table]), [first, last])
            cursor.execute("ANALYZE")
            print(f"\r  {last:,} payments copied", end="", flush=True)
        _recount(cursor, organization_id)
        _prove(cursor, organization_id)
        cursor.execute("VACUUM ANALYZE")
    print(f"  in {time.perf_counter() - started:.0f} s, totals proved", flush=True)


def _chunks(count: int) -> Iterator[tuple[int, int]]:
    """
    Yield first and last numbers; the first chunk is small. While the statistics do not know a firm,
    the planner looks for one entry's lines among all those of the firm, for each line copied.
    """
    first, size = 1, _FIRST_CHUNK
    while first <= count:
        last = min(first + size - 1, count)
        yield first, last
        first, size = last + 1, _CHUNK


def _originals(cursor: object, organization_id: UUID) -> dict[str, str]:
    """Return, by table, the condition that picks the rows to copy."""
    cursor.execute(
        "SELECT i.id, i.request_id, a.id, r.reference_id FROM payments_paymentintent i "
        "JOIN payments_paymentattempt a ON a.intent_id = i.id "
        "JOIN payments_paymentrequest r ON r.id = i.request_id "
        "WHERE i.organization_id = %s AND i.state = 'captured' LIMIT 1",
        [organization_id],
    )
    intent, request, attempt, invoice = cursor.fetchone()
    cursor.execute(
        "SELECT id FROM ledger_journalentry WHERE source = %s", [f"payment_attempt:{attempt}"]
    )
    entry = cursor.fetchone()[0]
    cursor.execute(
        "SELECT id FROM webhooks_storedevent WHERE organization_id = %s "
        "AND kind = 'payment.captured' LIMIT 1",
        [organization_id],
    )
    event = cursor.fetchone()[0]
    return {
        "invoicing_invoice": f"t.id = '{invoice}'",
        "payments_paymentrequest": f"t.id = '{request}'",
        "organizations_handle": f"t.target_id = '{request}'",
        "payments_paymentintent": f"t.id = '{intent}'",
        "payments_paymentattempt": f"t.id = '{attempt}'",
        "ledger_journalentry": f"t.id = '{entry}'",
        "ledger_journalline": f"t.entry_id = '{entry}'",
        "webhooks_storedevent": f"t.id = '{event}'",
    }


def _copy(table: str, changes: Mapping[str, str], picked: str) -> str:
    dated = {} if table in _WITHOUT_DATE else {"created_at": _MOMENT}
    pairs = ", ".join(f"'{column}', {value}" for column, value in (dated | changes).items())
    return (
        f"INSERT INTO {table} SELECT copy.* FROM {table} t "
        "CROSS JOIN generate_series(%s::int, %s::int) n "
        f"CROSS JOIN LATERAL json_populate_record(t, json_build_object({pairs})) copy "
        f"WHERE {picked}"
    )


def _recount(cursor: object, organization_id: UUID) -> None:
    cursor.execute(
        """
        INSERT INTO ledger_accounttotal AS total
            (id, organization_id, account, month, currency, debit_minor, credit_minor, created_at)
        SELECT gen_random_uuid(), l.organization_id, l.account, date_trunc('month', e.entry_date),
               l.currency,
               coalesce(sum(l.amount_minor) FILTER (WHERE l.side = 'debit'), 0),
               coalesce(sum(l.amount_minor) FILTER (WHERE l.side = 'credit'), 0), now()
        FROM ledger_journalline l JOIN ledger_journalentry e ON e.id = l.entry_id
        WHERE l.organization_id = %s GROUP BY 2, 3, 4, 5
        ON CONFLICT (organization_id, account, month, currency) DO UPDATE SET
            debit_minor = EXCLUDED.debit_minor, credit_minor = EXCLUDED.credit_minor
        """,
        [organization_id],
    )
    cursor.execute(
        """
        INSERT INTO reporting_dailyfigure
            (id, organization_id, day, name, count, total, created_at)
        SELECT gen_random_uuid(), organization_id,
               (captured_at AT TIME ZONE 'Europe/Paris')::date, 'captured.' || method,
               count(*), sum(amount_minor), now()
        FROM payments_paymentintent WHERE organization_id = %s AND state = 'captured'
        GROUP BY 2, 3, 4
        ON CONFLICT (organization_id, day, name) DO UPDATE SET
            count = EXCLUDED.count, total = EXCLUDED.total
        """,
        [organization_id],
    )


def _prove(cursor: object, organization_id: UUID) -> None:
    """Compare running totals with a recount of the lines, and debits with credits."""
    cursor.execute(
        "SELECT sum(debit_minor), sum(credit_minor) FROM ledger_accounttotal "
        "WHERE organization_id = %s",
        [organization_id],
    )
    totals = cursor.fetchone()
    cursor.execute(
        "SELECT sum(amount_minor) FILTER (WHERE side = 'debit'), "
        "sum(amount_minor) FILTER (WHERE side = 'credit') FROM ledger_journalline "
        "WHERE organization_id = %s",
        [organization_id],
    )
    lines = cursor.fetchone()
    assert totals == lines, (totals, lines)
    assert totals[0] == totals[1], totals
