"""
What deciding on a payment costs, from a thousand past payments to a million, and whether a burst of
two hundred loses one.

Decisions and tallies of the past are copied by the owner: their number is what a decision must not
feel. Two hundred payments then arrive at once, on ten cards, from eight threads.
"""

import os
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg

from stage import instance, percentiles, report, timed, yardstick

SIZES = (1_000, 1_000_000)
TRIES, WARM_UP, BURST, CARDS, THREADS = 1_000, 50, 200, 10, 8
NOW = datetime(2026, 11, 2, 10, tzinfo=UTC)


def main() -> None:
    with instance():
        from factories.organizations import Firm

        firm = Firm()
        print(f"rules alone                    {percentiles(weighing())}", flush=True)
        asked, answered = deciders(firm.id)
        asked()
        answered()
        for size in SIZES[: int(sys.argv[1]) if len(sys.argv) > 1 else None]:
            fill(firm.id, size)
            for name, act in (("asked", asked), ("answered", answered)):
                for _time in range(WARM_UP):
                    act()
                found = percentiles([timed(act) for _time in range(TRIES)])
                print(f"{name:9} {size:9,} past payments  {found}", flush=True)
        burst(Firm().id)


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
        cents=12_000 + number,
        method="card",
        payer=Payer(address=f"82.64.10.{number % 200}", agent="Firefox", device=f"d{number % 50}"),
        link_id=UUID(int=number % 100),
        customer_id=UUID(int=number % 100),
        email=f"client{number % 100}@example.test",
        country="FR",
    )


def deciders(organization_id: UUID) -> tuple[object, object]:
    from encaisse.fraud.services.arrivals import Answer, Card
    from encaisse.fraud.services.judge import judge_answers, judge_arrival

    numbers = iter(range(10**9))

    def asked() -> None:
        judge_arrival(organization_id=organization_id, arrival=arrival(next(numbers)), now=NOW)

    def answered() -> None:
        number = next(numbers)
        answer = Answer(
            arrival=arrival(number),
            card=Card(fingerprint=f"card{number % 80}", country="FR"),
            authentication="authenticated",
            has_liability_shift=True,
        )
        at = NOW + timedelta(seconds=number)
        judge_answers(organization_id=organization_id, answers=[answer], now=at)

    return asked, answered


def fill(organization_id: UUID, size: int) -> None:
    """Copy one decision, one passage and one tally until there are so many of each."""
    copies = {
        "fraud_frauddecision": {"passage_id": "gen_random_uuid()"},
        "fraud_passagerecord": {"customer_id": "gen_random_uuid()"},
        "fraud_subjecttally": {"token": "md5(n::text)"},
    }
    with psycopg.connect(os.environ["ENCAISSE_OWNER_DATABASE_URL"], autocommit=True) as owner:
        for table, own in copies.items():
            changes = {"id": "gen_random_uuid()", **own}
            columns = [
                row[0]
                for row in owner.execute(
                    "SELECT column_name FROM information_schema.columns WHERE table_name = %s",
                    [table],
                )
            ]
            wanted = ", ".join(changes.get(column, f"o.{column}") for column in columns)
            owner.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {wanted} "
                f"FROM (SELECT * FROM {table} WHERE organization_id = %s LIMIT 1) o, "
                f"generate_series((SELECT count(*) + 1 FROM {table}), %s) n",
                [organization_id, size],
            )
            owner.execute(f"VACUUM ANALYZE {table}")


def burst(organization_id: UUID) -> None:
    """Answer two hundred payments at once; every card must have counted each of its own."""
    from django.db import connection

    from encaisse.fraud.models import FraudDecision
    from encaisse.fraud.services.arrivals import Answer, Card
    from encaisse.fraud.services.judge import judge_answers
    from encaisse.kit.tenancy import acting_for

    def one(number: int) -> None:
        card = Card(fingerprint=f"card{number % CARDS}", country="FR")
        answer = Answer(arrival=arrival(number), card=card, authentication="authenticated")
        judge_answers(organization_id=organization_id, answers=[answer], now=NOW)
        connection.close()

    reference = yardstick()

    def all_at_once() -> None:
        with ThreadPoolExecutor(THREADS) as threads:
            list(threads.map(one, range(BURST)))

    seconds = timed(all_at_once)
    with acting_for(organization_id):
        facts = list(FraudDecision.objects.values_list("facts", flat=True))
    seen = Counter(known.get("card_count_1h", 0) for known in facts)
    assert len(facts) == BURST, len(facts)
    assert seen == dict.fromkeys(range(BURST // CARDS), CARDS), seen
    report(
        f"burst of {BURST}, none lost, counts exact", BURST, seconds, reference=reference, aim=200
    )


if __name__ == "__main__":
    main()
