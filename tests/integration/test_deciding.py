"""Decisions on PostgreSQL: in how few exchanges, on whose rules, and who becomes known by them."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from encaisse.fraud.core.cases import CaseState, Label
from encaisse.fraud.core.lists import ListedKind, ListKind
from encaisse.fraud.core.own_rules import Clause, RuleState, written_rule
from encaisse.fraud.core.verdicts import Verdict
from encaisse.fraud.errors import DecisionUnrepeatable
from encaisse.fraud.models import (
    FraudDecision,
    OwnRule,
    PassageRecord,
    ReviewCase,
    SubjectTally,
    Vigilance,
)
from encaisse.fraud.services.arrivals import Answer, Arrival, Card, Outcome, Payer
from encaisse.fraud.services.cases import decide_case
from encaisse.fraud.services.explaining import remake
from encaisse.fraud.services.judge import judge_answers, judge_arrival, note_outcomes
from encaisse.fraud.services.lists import Listing, add_entry
from encaisse.fraud.services.own_rules import draft_rule, move_rule
from encaisse.fraud.services.snoozes import snooze_rule
from encaisse.kit.clock import business_now
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for
from factories.organizations import Firm


@pytest.fixture
def firm():
    return Firm()


def arrival(cents: int = 1_000, device: str = "d", **more) -> Arrival:
    payer = Payer(address="82.64.10.7", agent="Firefox", device=device)
    return Arrival(
        passage_id=new_id(), cents=cents, method="card", payer=payer, link_id=new_id(), **more
    )


def answer(arrived: Arrival, card: str = "one", *, borne: bool = True) -> Answer:
    return Answer(
        arrival=arrived,
        card=Card(fingerprint=card, country="FR"),
        authentication="authenticated" if borne else "",
        has_liability_shift=borne,
    )


def asked(firm, arrived: Arrival):
    return judge_arrival(organization_id=firm.id, arrival=arrived, now=business_now())


def is_blocked(firm) -> bool:
    return asked(firm, arrival()).verdict == Verdict.BLOCK


def answered(firm, *answers: Answer):
    return judge_answers(organization_id=firm.id, answers=answers, now=business_now())


def latest(firm) -> FraudDecision:
    with acting_for(firm.id):
        return FraudDecision.objects.order_by("created_at", "id").last()


def expensive() -> dict[str, object]:
    return written_rule(
        code="ours",
        clauses=[Clause("euros", "at_least", "1")],
        points=0,
        floor=Verdict.BLOCK,
        reason="Trop cher pour nous.",
    )


def publish(firm) -> OwnRule:
    rule = draft_rule(
        organization_id=firm.id, actor=firm.actor, written=expensive(), now=business_now()
    )
    return moved(firm, rule, RuleState.PUBLISHED)


def moved(firm, rule: OwnRule, state: RuleState) -> OwnRule:
    return move_rule(
        organization_id=firm.id, actor=firm.actor, rule_id=rule.id, state=state, now=business_now()
    )


class TestExchanges:
    """BEGIN, the firm whose rows are seen, and COMMIT are three; the rest is read or written."""

    def test_are_one_to_read_and_one_to_write_before_the_provider_is_asked(self, firm):
        asked(firm, arrival())

        with CaptureQueriesContext(connection) as seen:
            asked(firm, arrival())

        assert len(seen) == 5

    def test_are_two_to_read_and_one_to_write_once_the_bank_answered(self, firm):
        one, other = arrival(), arrival()
        asked(firm, one)
        asked(firm, other)
        answered(firm, answer(one))

        with CaptureQueriesContext(connection) as seen:
            answered(firm, answer(other))

        assert len(seen) == 6

    def test_are_as_few_for_a_hundred_answers_and_after_hundreds_of_payments(self, firm):
        answered(firm, *[answer(arrival(device=str(n)), card=str(n)) for n in range(200)])

        with CaptureQueriesContext(connection) as seen:
            answered(firm, *[answer(arrival(device=str(n)), card=str(n)) for n in range(100)])

        assert len(seen) == 6


class TestRules:
    def test_published_by_another_process_count_at_once(self, firm):
        assert not is_blocked(firm)

        published_elsewhere(firm, expensive())

        assert is_blocked(firm)

    def test_retired_count_no_more(self, firm):
        rule = publish(firm)
        assert is_blocked(firm)

        moved(firm, rule, RuleState.RETIRED)

        assert not is_blocked(firm)

    def test_of_one_firm_never_count_in_another(self, firm):
        other = Firm()
        publish(firm)

        blocked = [is_blocked(one) for one in (firm, other, firm, other)]

        assert blocked == [True, False, True, False]

    def test_taken_back_with_their_transaction_leave_nothing_behind(self, firm):
        asked(firm, arrival())
        with pytest.raises(ZeroDivisionError), acting_for(firm.id):
            publish(firm)
            assert is_blocked(firm)
            raise ZeroDivisionError

        assert not is_blocked(firm)

    def test_are_seen_by_threads_that_decide_while_they_change(self, firm):
        def decided(_: int) -> bool:
            try:
                return is_blocked(firm)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(4) as pool:
            before = list(pool.map(decided, range(8)))
            publish(firm)
            after = list(pool.map(decided, range(8)))

        assert (set(before), set(after)) == ({False}, {True})


def published_elsewhere(firm, written) -> None:
    """Publish a rule in a process of its own, which shares nothing with this one but the base."""
    program = """
import json, os, sys
import django
from django.conf import settings
django.setup()
settings.DATABASES["default"]["NAME"] = sys.argv[4]
from uuid import UUID
from encaisse.fraud.core.lists import ListedKind, ListKind
from encaisse.fraud.core.own_rules import RuleState
from encaisse.fraud.services.lists import Listing, add_entry
from encaisse.fraud.services.own_rules import draft_rule, move_rule
from encaisse.kernel.actor import Actor, ActorKind
from encaisse.kit.clock import business_now
firm, actor = UUID(sys.argv[1]), Actor(ActorKind.MEMBER, UUID(sys.argv[2]))
rule = draft_rule(
    organization_id=firm, actor=actor, written=json.loads(sys.argv[3]), now=business_now()
)
move_rule(
    organization_id=firm, actor=actor, rule_id=rule.id, state=RuleState.PUBLISHED,
    now=business_now(),
)
"""
    name = connection.settings_dict["NAME"]
    arguments = [str(firm.id), str(firm.owner.id), json.dumps(written), name]
    subprocess.run([sys.executable, "-c", program, *arguments], check=True)


class TestTheKeyOfTokens:
    def test_is_read_again_when_it_is_another_one(self, firm):
        answered(firm, answer(arrival()))
        with acting_for(firm.id):
            row = Vigilance.objects.get()
            row.token_key = "ab" * 32
            row.save(update_fields=["token_key_sealed"])

        asked(firm, arrival())

        assert latest(firm).facts["device_known"] is False


class TestATelephone:
    def test_on_the_list_of_refusal_stops_its_customer_however_it_was_typed(self, firm):
        listing = Listing(
            kind=ListKind.BLOCK, subject=ListedKind.PHONE, value="+33612345678", reason="Impayés"
        )
        add_entry(organization_id=firm.id, actor=firm.actor, listing=listing, now=business_now())

        assert asked(firm, arrival(phone="06 12 34 56 78")).verdict == Verdict.BLOCK
        assert asked(firm, arrival(phone="06 12 34 56 79")).verdict == Verdict.ALLOW


class TestAnAddress:
    @pytest.mark.parametrize(
        ("email", "is_thrown_away"), [("jean@famille-durand.fr", False), ("x@yopmail.com", True)]
    )
    def test_is_kept_by_what_it_says_and_not_by_its_domain(self, firm, email, is_thrown_away):
        asked(firm, arrival(email=email))

        with acting_for(firm.id):
            kept = PassageRecord.objects.get(organization_id=firm.id).known
        assert latest(firm).facts["email_disposable"] is is_thrown_away
        assert email.rpartition("@")[2] not in json.dumps([kept, latest(firm).facts])


class TestBeingKnown:
    def test_comes_from_a_payment_let_through(self, firm):
        answered(firm, answer(arrival()))

        asked(firm, arrival())

        assert latest(firm).facts["device_known"] is True

    def test_comes_from_a_transfer_that_arrived(self, firm):
        outcome = Outcome(arrival=arrival())
        note_outcomes(organization_id=firm.id, outcomes=[outcome], now=business_now())

        asked(firm, arrival())

        assert latest(firm).facts["device_known"] is True

    @pytest.mark.parametrize("is_refused_first", [True, False])
    def test_never_comes_from_a_try_its_bank_refused(self, firm, is_refused_first):
        outcome = Outcome(arrival=arrival(), is_refused=True)
        note_outcomes(organization_id=firm.id, outcomes=[outcome], now=business_now())
        if not is_refused_first:
            note_outcomes(organization_id=firm.id, outcomes=[outcome], now=business_now())

        asked(firm, arrival())

        assert latest(firm).facts["device_known"] is False

    def test_never_comes_from_a_try_that_is_held(self, firm):
        self.held(firm)

        asked(firm, arrival())

        assert latest(firm).facts["device_known"] is False
        assert latest(firm).facts["device_count_1h"] == 1

    def test_never_comes_from_a_try_we_refused(self, firm):
        publish(firm)
        [judged] = answered(firm, answer(arrival())).values()
        assert judged.verdict == Verdict.BLOCK

        asked(firm, arrival())

        assert latest(firm).facts["device_known"] is False

    def test_comes_once_a_person_lets_the_held_try_through(self, firm):
        case = self.held(firm)
        decide_case(
            organization_id=firm.id, actor=firm.actor, case_id=case.id,
            state=CaseState.RELEASED, label=Label.HONEST, now=business_now(),
        )  # fmt: skip

        asked(firm, arrival())

        assert latest(firm).facts["device_known"] is True

    def test_never_comes_from_a_held_try_given_up(self, firm):
        case = self.held(firm)
        decide_case(
            organization_id=firm.id, actor=firm.actor, case_id=case.id,
            state=CaseState.REFUSED, now=business_now(),
        )  # fmt: skip

        asked(firm, arrival())

        assert latest(firm).facts["device_known"] is False

    def held(self, firm) -> ReviewCase:
        one = arrival(cents=90_000)
        [judged] = answered(firm, answer(one, borne=False)).values()
        assert judged.verdict == Verdict.HOLD
        with acting_for(firm.id):
            return ReviewCase.objects.get()


class TestDecisionsOfBefore:
    def test_come_out_the_same_though_being_known_meant_more_then(self, firm):
        answered(firm, answer(arrival(cents=90_000)))
        row = latest(firm)
        row.facts_version = 1002

        assert remake(row).is_same

    def test_are_not_made_again_on_facts_of_another_shape(self, firm):
        answered(firm, answer(arrival()))
        row = latest(firm)
        row.facts_version = 1001

        with pytest.raises(DecisionUnrepeatable):
            remake(row)


class TestManyAtOnce:
    def test_batches_of_two_workers_count_every_card_exactly(self, firm):
        def batch(number: int) -> None:
            answers = [answer(arrival(), card=f"card{place % 4}") for place in range(20)]
            answered(firm, *answers)
            connections.close_all()

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(batch, range(4)))

        with acting_for(firm.id):
            facts = list(FraudDecision.objects.values_list("facts", flat=True))
            merchant = SubjectTally.objects.get(kind="merchant")
            counted = PassageRecord.objects.filter(counted_at__isnull=False).count()
        assert sorted(one["card_count_1h"] for one in facts) == sorted([*range(20)] * 4)
        assert sorted(one["merchant_count_1h"] for one in facts) == [*range(80)]
        assert merchant.state[6][-1][1] == 80
        assert counted == 80


class TestPausedRules:
    def test_are_paused_for_their_customer_only(self, firm):
        customer, now = new_id(), business_now()
        snooze_rule(
            organization_id=firm.id, actor=firm.actor, customer_id=customer,
            rule="large_unknown_device", until=now + timedelta(days=1), now=now,
        )  # fmt: skip

        mine, theirs = arrival(90_000, customer_id=customer), arrival(90_000, customer_id=new_id())
        answered(firm, answer(mine), answer(theirs))

        with acting_for(firm.id):
            rows = {row.passage_id: row.left_out for row in FraudDecision.objects.all()}
        assert rows == {mine.passage_id: ["large_unknown_device"], theirs.passage_id: []}
