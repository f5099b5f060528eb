"""
Renewing the keys of 100,000 fields, beside a plain UPDATE of the same rows; and what sealing costs
to a page of 100 customers, beside the same page without a sealed value.
"""

import statistics
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connections

from stage import instance, percentiles, timed

FIELDS = 100_000
CUSTOMERS = 100
TRIES, WARM_UP = 300, 30
_COLUMNS = (
    "id, organization_id, code, name, search_key, is_professional, siren, email, phone_sealed, "
    "street, postal_code, city, country, language, created_at"
)


def main() -> None:
    with instance():
        from factories.organizations import Firm

        settings.ALLOWED_HOSTS = ["testserver"]
        measure_page(Firm(), Firm())
        measure_rotation(Firm())


def measure_rotation(firm: object) -> None:
    from encaisse.kit.crypto import ring_in_use
    from encaisse.kit.rotation import retire, rotate, spread

    fill(firm.id, FIELDS)
    plain = plain_update(firm.id)
    started = time.perf_counter()
    done = rotate(on_batch=lambda _column, _count: None)
    seconds = time.perf_counter() - started
    assert done.values >= FIELDS
    assert sum(found.stale for found in spread(ring_in_use())) == 0
    assert retire() == 1
    print(
        f"rotation of {done.values:,} fields: {seconds:.1f} s, {done.values / seconds:,.0f}/s, "
        f"{seconds / plain:.2f} x a plain UPDATE of the same rows ({plain:.1f} s)",
        flush=True,
    )


def measure_page(firm: object, beside: object) -> None:
    """Ask both pages in turn: what else the machine does weighs on them alike."""
    pages = (caller(firm), caller(beside))
    for one in (firm, beside):
        fill(one.id, CUSTOMERS)
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "UPDATE counterparties_counterparty SET phone_sealed = NULL WHERE organization_id = %s",
            [beside.id],
        )
    rounds = [[timed(partial(ask)) for ask in pages] for _ in range(WARM_UP + TRIES)]
    sealed, clear = zip(*rounds[WARM_UP:], strict=True)
    overhead = statistics.median(sealed) / statistics.median(clear) - 1
    print(f"page of {CUSTOMERS} customers, phones sealed     {percentiles(sealed)}")
    print(f"page of {CUSTOMERS} customers, nothing sealed    {percentiles(clear)}")
    print(f"overhead of sealing: {overhead:.1%} (aim: under 10 %)", flush=True)


def caller(firm: object) -> object:
    from django.test import Client

    from encaisse.organizations.api_keys import create_api_key
    from encaisse.organizations.core import Permission

    now = datetime.now(UTC)
    made = create_api_key(
        organization_id=firm.id, actor=firm.actor, name="banc", scopes=list(Permission),
        expires_at=now + timedelta(days=1), now=now,
    )  # fmt: skip
    client = Client(headers={"authorization": f"Bearer {made.secret}"})

    def ask() -> None:
        answer = client.get("/api/v1/customers", {"limit": CUSTOMERS})
        assert answer.status_code == 200
        assert len(answer.json()["data"]) == CUSTOMERS

    return ask


def plain_update(organization_id: UUID) -> float:
    """Return how long PostgreSQL takes to write the same bytes again, in the same batches."""
    from encaisse.kit.rotation import BATCH

    connection = connections["owner"]
    started, last = time.perf_counter(), None
    with connection.cursor() as cursor:
        while True:
            after = "AND id > %s" if last else ""
            cursor.execute(
                "WITH batch AS (SELECT id FROM counterparties_counterparty "
                f"WHERE organization_id = %s {after} ORDER BY id LIMIT {BATCH}) "
                "UPDATE counterparties_counterparty AS stored SET phone_sealed = phone_sealed "
                "FROM batch WHERE stored.id = batch.id RETURNING stored.id",
                [organization_id, *([last] if last else [])],
            )
            rows = cursor.fetchall()
            if not rows:
                return time.perf_counter() - started
            last = max(row[0] for row in rows)


def fill(organization_id: UUID, count: int) -> None:
    from encaisse.kit.crypto import Place, seal

    with (
        connections["owner"].cursor() as cursor,
        cursor.copy(f"COPY counterparties_counterparty ({_COLUMNS}) FROM STDIN") as copy,
    ):
        for number in range(count):
            row_id = uuid4()
            place = Place("counterparties_counterparty", "phone", row_id, organization_id)
            copy.write_row(
                [
                    row_id, organization_id, f"C{number:06d}", f"Client {number}", "client", False,
                    "", "", seal(f"06 {number:08d}", place), "", "", "", "FR", "fr",
                    datetime.now(UTC),
                ]
            )  # fmt: skip


if __name__ == "__main__":
    main()
