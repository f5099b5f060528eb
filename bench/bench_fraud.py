"""
What deciding on a payment costs, from a thousand past payments to a million, and whether a burst of
two hundred loses one.

Decisions, passages, cases and tallies of the past are copied by the owner, outside of what is
measured: their number is what a decision must not feel. Beside the clock, which neighbours on the
machine disturb, each line says how much work Python and PostgreSQL did and in how many exchanges.
Two hundred answers then come within a second and are taken in batches, as the inbox takes them.
"""

import os
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Lock
from uuid import UUID, uuid4

import psycopg

from stage import instance, percentiles, report, timed, yardstick

SIZES = (1_000, 1_000_000)
TRIES, WARM_UP, BURST, CARDS, THREADS = 1_000, 50, 200, 10, 8
# As the inbox takes them (providers.services).
BATCH, WORKERS = 100, 2
NOW = datetime(2026, 11, 2, 10, tzinfo=UTC)
NUMBERS = count()


@dataclass
class Measured:
    """What one kind of decision cost: moments, work in milliseconds, exchanges."""

    seconds: list[float] = field(default_factory=list)
    python: float = 0.0
    database: float = 0.0
    exchanges: int = 0

    def __str__(self) -> str:
        each = len(self.seconds)
        return (
            f"{percentiles(self.seconds)}   work: Python {self.python / each:.2f} ms, PostgreSQL "
            f"{self.database / each:.2f} ms, {self.exchanges / each:.1f} exchanges"
        )

    @property
    def median(self) -> float:
        return sorted(self.seconds)[len(self.seconds) // 2]


def main() -> None:
    with instance():
        from factories.organizations import Firm

        firm = Firm()
        print(f"rules alone                    {percentiles(weighing())}", flush=True)
        medians: list[list[float]] = []
        pay(firm.id, WARM_UP)
        for size in SIZES[: int(sys.argv[1]) if len(sys.argv) > 1 else None]:
            fill(firm.id, size)
            pay(firm.id, WARM_UP)
            found = pay(firm.id, TRIES)
            for name, measured in found.items():
                print(f"{name:9} {size:9,} past payments  {measured}", flush=True)
            medians.append([measured.median for measured in found.values()])
        if len(medians) > 1:
            ratios = " / ".join(f"{last / first:.2f}" for first, last in zip(*medians, strict=True))
            print(f"a million over a thousand, asked / answered: {ratios} (aim 1)", flush=True)
        bursts(Firm().id, Firm().id)


def weighing() -> list[float]:
    from encaisse.fraud.core.facts import restored
    from encaisse.fraud.core.policy import policy_of, weigh
    from encaisse.risk.presets import Preset

    policy, facts = policy_of(Preset.EQUILIBRE), restored({"is_card": True, "euros": 700.0})
    facts |= {"listed_allow": False, "listed_block": False}
    return [timed(lambda: weigh(policy, facts)) for _time in range(TRIES)]


def arrival(number: int) -> object:
    from encaisse.fraud.services.arrivals import Arrival, Payer

    return Arrival(
        passage_id=uuid4(),
        cents=12_000 + number % 900,
        method="card",
        payer=Payer(address=f"82.64.10.{number % 200}", agent="Firefox", device=f"d{number % 200}"),
        link_id=uuid4(),
        customer_id=UUID(int=number % 200),
        email=f"client{number % 200}@example.test",
        country="FR",
    )


def answer(arrived: object, card: str) -> object:
    from encaisse.fraud.services.arrivals import Answer, Card

    return Answer(
        arrival=arrived,  # type: ignore[arg-type]  # an Arrival
        card=Card(fingerprint=card, country="FR"),
        authentication="authenticated",
        has_liability_shift=True,
    )


def pay(organization_id: UUID, times: int) -> dict[str, Measured]:
    """Ask, then answer, so many times: payers known by now, one payment every seven minutes."""
    from encaisse.fraud.services.judge import judge_answers, judge_arrival

    asked, answered = Measured(), Measured()
    for number in [next(NUMBERS) for _ in range(times)]:
        one, now = arrival(number), NOW + timedelta(minutes=7 * number)
        with measuring(asked):
            judge_arrival(organization_id=organization_id, arrival=one, now=now)
        with measuring(answered):
            answers = [answer(one, f"card{number % 200}")]
            judge_answers(organization_id=organization_id, answers=answers, now=now)
    return {"asked": asked, "answered": answered}


@contextmanager
def measuring(measured: Measured) -> Iterator[None]:
    from django.db import connection

    def counted(execute: Callable[..., object], *arguments: object) -> object:
        measured.exchanges += 1
        return execute(*arguments)

    connection.ensure_connection()
    backend = connection.connection.info.backend_pid
    before, python, started = work_of(backend), time.process_time(), time.perf_counter()
    with connection.execute_wrapper(counted):
        yield
    measured.seconds.append(time.perf_counter() - started)
    measured.python += 1000 * (time.process_time() - python)
    measured.database += work_of(backend) - before


def work_of(process: int) -> float:
    """Return how many milliseconds a process ran, by Linux's own account."""
    path = Path(f"/proc/{process}/schedstat")
    return int(path.read_text().split()[0]) / 1e6 if path.exists() else 0.0


def fill(organization_id: UUID, size: int) -> None:
    """Copy rows until there are so many payments: one case for each fifty of them."""
    copies = {
        "fraud_frauddecision": (1, {"passage_id": "gen_random_uuid()"}),
        "fraud_passagerecord": (1, {"customer_id": "gen_random_uuid()"}),
        "fraud_subjecttally": (1, {"token": "md5(n::text)"}),
        "fraud_reviewcase": (
            50,
            {"passage_id": "gen_random_uuid()", "link_id": "gen_random_uuid()"},
        ),
    }
    hold_one(organization_id)
    url = os.environ["ENCAISSE_OWNER_DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("SET synchronous_commit = off")
        for table, (every, own) in copies.items():
            copy(owner, organization_id, table, size // every, own)
            owner.execute(f"VACUUM ANALYZE {table}")


def hold_one(organization_id: UUID) -> None:
    """Leave one decided case to copy."""
    from encaisse.fraud.core.cases import CaseState
    from encaisse.fraud.models import FraudDecision, ReviewCase
    from encaisse.kit.identifiers import new_id
    from encaisse.kit.tenancy import acting_for

    with acting_for(organization_id):
        decision = FraudDecision.objects.first()
        ReviewCase.objects.create(
            id=new_id(),
            organization_id=organization_id,
            decision=decision,
            passage_id=uuid4(),
            amount_minor=100,
            is_link=False,
            state=CaseState.RELEASED,
            decided_at=NOW,
            created_at=NOW,
        )


def copy(
    owner: "psycopg.Connection[tuple[object, ...]]",
    organization_id: UUID,
    table: str,
    size: int,
    own: dict[str, str],
) -> None:
    changes = {"id": "gen_random_uuid()", **own}
    names = owner.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table]
    )
    columns = [str(row[0]) for row in names]
    wanted = ", ".join(changes.get(column, f"o.{column}") for column in columns)
    model = "is_link IS FALSE AND state = 'released'" if table == "fraud_reviewcase" else "TRUE"
    owner.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {wanted} "
        f"FROM (SELECT * FROM {table} WHERE organization_id = %s AND {model} LIMIT 1) o, "
        f"generate_series((SELECT count(*) + 1 FROM {table}), %s) n",
        [organization_id, size],
    )


def bursts(first: UUID, second: UUID) -> None:
    """Two hundred answers on ten cards: each card must have counted each of its own."""
    reference = yardstick()
    prepared = ready(first)
    seconds = timed(lambda: arriving(first, prepared))
    exact(first)
    print(
        f"{BURST} answers within a second, in batches: all decided, exact, {seconds:.2f} s after "
        "the first came (aim under 1.5 s)",
        flush=True,
    )
    prepared = ready(second)
    seconds = timed(lambda: at_once(second, prepared))
    exact(second)
    name = f"{BURST} at once, one by one, {THREADS} threads"
    report(name, BURST, seconds, reference=reference, aim=200)


def ready(organization_id: UUID) -> list[object]:
    """Return two hundred answers to tries that were asked about before."""
    from encaisse.fraud.services.judge import judge_arrival

    found = []
    for number in range(BURST):
        one = arrival(number)
        judge_arrival(organization_id=organization_id, arrival=one, now=NOW)
        found.append(answer(one, f"card{number % CARDS}"))
    return found


def arriving(organization_id: UUID, answers: list[object]) -> None:
    """Let one answer come every five milliseconds; two workers take all that wait, in batches."""
    from django.db import connection

    from encaisse.fraud.services.judge import judge_answers
    from encaisse.kit.gathering import gathered
    from encaisse.kit.tenancy import acting_for

    inbox: deque[object] = deque()
    left, taking = [BURST], Lock()

    def work() -> None:
        while left[0] or inbox:
            with taking:
                batch = [inbox.popleft() for _ in range(min(BATCH, len(inbox)))]
            if batch:
                # As whoever records what a provider tells does it: what is told waits for the end.
                with acting_for(organization_id), gathered():
                    judge_answers(organization_id=organization_id, answers=batch, now=NOW)
            else:
                time.sleep(0.002)
        connection.close()

    with ThreadPoolExecutor(WORKERS) as workers:
        working = [workers.submit(work) for _ in range(WORKERS)]
        started = time.perf_counter()
        for number, one in enumerate(answers):
            time.sleep(max(0.0, started + number / BURST - time.perf_counter()))
            inbox.append(one)
            left[0] -= 1
    for one in working:
        one.result()


def at_once(organization_id: UUID, answers: list[object]) -> None:
    from django.db import connection

    from encaisse.fraud.services.judge import judge_answers
    from encaisse.kit.gathering import gathered
    from encaisse.kit.tenancy import acting_for

    def one_by_one(mine: list[object]) -> None:
        for one in mine:
            with acting_for(organization_id), gathered():
                judge_answers(organization_id=organization_id, answers=[one], now=NOW)
        connection.close()

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(one_by_one, [answers[place::THREADS] for place in range(THREADS)]))


def exact(organization_id: UUID) -> None:
    from encaisse.fraud.models import FraudDecision
    from encaisse.kit.tenancy import acting_for

    with acting_for(organization_id):
        rows = FraudDecision.objects.filter(stage="answered")
        facts = list(rows.values_list("facts", flat=True))
    seen = Counter(known.get("card_count_1h", 0) for known in facts)
    assert len(facts) == BURST, len(facts)
    assert seen == dict.fromkeys(range(BURST // CARDS), CARDS), seen


if __name__ == "__main__":
    main()
