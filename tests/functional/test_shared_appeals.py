"""A payer contests what firms reported: nothing of it weighs until a person has looked."""

from datetime import timedelta

import pytest
from django.db import connections

from encaisse.audit.models import AuditEntry
from encaisse.cli.errors import UsageError
from encaisse.cli.fraud_unshare import _end
from encaisse.fraud.core.shared import MOST_CONTESTED
from encaisse.fraud.core.starter_rules import REPORTED
from encaisse.fraud.errors import (
    AlreadyContested,
    NotContested,
    NothingToContest,
    TooManyContested,
)
from encaisse.fraud.services.shared import (
    contest,
    forget_shared,
    uphold,
    withdraw,
)
from encaisse.kernel.errors import NotFound
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for
from encaisse.security.core import Kind
from encaisse.security.dealings import look_at_contest
from encaisse.security.models import Alert
from encaisse.security.sentences import sentence_for
from factories.shared import SharingFirm
from functional.sharing import act, codes, told


@pytest.fixture
def thief():
    return f"thief-{new_id()}@example.test"


@pytest.fixture
def card():
    return f"card-{new_id()}"


@pytest.fixture
def neighbours():
    return [SharingFirm(), SharingFirm()]


@pytest.fixture
def third():
    return SharingFirm()


class TestAnAppeal:
    def test_suspends_what_all_report_at_once(self, neighbours, third, thief, card):
        told(neighbours, thief, card)
        decision = third.take(thief, card)

        act(third, contest, decision_id=decision.id)

        assert REPORTED not in codes(third.take(thief, card))
        assert REPORTED not in codes(SharingFirm().take(thief, card))

    def test_ends_with_a_withdrawal_that_counts_everywhere(self, neighbours, third, thief):
        told(neighbours, thief)
        act(third, contest, decision_id=third.ask(thief).id)

        for row in neighbours[0].in_force():
            act(neighbours[0], withdraw, report_id=row.id)

        assert {row.ended_why for row in neighbours[0].reports()} >= {"appeal"}
        assert REPORTED not in codes(third.ask(thief))

    def test_ends_with_reports_that_people_keep(self, neighbours, third, thief):
        told(neighbours, thief)
        act(third, contest, decision_id=third.ask(thief).id)

        for firm in neighbours:
            firm.now += timedelta(minutes=1)
            for row in firm.in_force():
                if row.kind == "email":
                    act(firm, uphold, report_id=row.id, reason="Carte volée, plainte déposée")

        assert REPORTED in codes(third.ask(thief))

    def test_that_nobody_answers_within_a_month_is_won(self, neighbours, third, thief):
        told(neighbours, thief)
        act(third, contest, decision_id=third.ask(thief).id)

        later = third.now + timedelta(days=31)
        forget_shared(organization_id=neighbours[0].id, now=later)

        ended = {row.kind: row.ended_why for row in neighbours[0].reports()}
        assert ended["email"] == "unanswered"

    def test_is_told_once_to_each_firm_that_must_look_again(self, neighbours, third, thief):
        told(neighbours, thief)
        act(third, contest, decision_id=third.ask(thief).id)
        [report] = [row for row in neighbours[0].in_force() if row.kind == "email"]

        neighbours[0].now = third.now
        for _night in range(2):
            neighbours[0].pass_a_night()

        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s "
                "AND args ->> 'report_id' = %s",
                ["security.look_at_contest", str(report.id)],
            )
            assert cursor.fetchone() == (1,)

        look_at_contest(organization_id=neighbours[0].id, report_id=report.id, real_now=third.now)
        with acting_for(neighbours[0].id):
            alert = Alert.objects.get(kind=Kind.REPORT_CONTESTED)
        assert "votre signalement du" in sentence_for(Kind(alert.kind), alert.facts, is_own=False)

    def test_to_the_host_ends_what_all_firms_report(self, neighbours, third, thief):
        told(neighbours, thief)

        ended = _end("email", f" {thief.upper()} ")

        assert ended == 2
        assert REPORTED not in codes(third.ask(thief))
        found = {row.kind: (row.ended_why, row.mark) for row in neighbours[0].reports()}
        assert found["email"] == ("host", "")
        assert neighbours[0].vigilance().sharing_weight == 100
        with acting_for(neighbours[0].id):
            assert AuditEntry.objects.filter(action="fraud_shared:ended_by_host").count() == 1

    def test_to_the_host_about_no_address_is_refused(self):
        with pytest.raises(UsageError):
            _end("ip", "n’importe où")

    def test_says_nothing_of_what_is_reported_afterwards(self, neighbours, third, thief):
        told(neighbours, thief)
        act(third, contest, decision_id=third.ask(thief).id)
        others = [SharingFirm(), SharingFirm()]
        for firm in (*others, third):
            firm.now += timedelta(minutes=1)

        told(others, thief)

        assert REPORTED in codes(third.ask(thief))

    def test_is_made_once_about_a_payment(self, neighbours, third, thief):
        told(neighbours, thief)
        decision = third.ask(thief)
        act(third, contest, decision_id=decision.id)

        with pytest.raises(AlreadyContested):
            act(third, contest, decision_id=decision.id)

    def test_is_about_a_payment_that_others_had_doubted(self, third, thief):
        with pytest.raises(NothingToContest):
            act(third, contest, decision_id=third.ask(thief).id)

    def test_is_about_a_payment_of_the_firm_itself(self, neighbours, third, thief):
        told(neighbours, thief)
        decision = third.ask(thief)

        with pytest.raises(NotFound):
            act(SharingFirm(), contest, decision_id=decision.id)

    def test_is_no_way_to_wash_the_whole_list(self, neighbours, third, thief):
        told(neighbours, thief)
        found = [third.ask(thief) for _ in range(MOST_CONTESTED + 1)]
        for decision in found[:-1]:
            act(third, contest, decision_id=decision.id)

        with pytest.raises(TooManyContested):
            act(third, contest, decision_id=found[-1].id)

    def test_is_needed_to_keep_a_report(self, neighbours, thief):
        told(neighbours, thief)
        [row, *_] = neighbours[0].in_force()

        with pytest.raises(NotContested):
            act(neighbours[0], uphold, report_id=row.id, reason="Sûr")

    def test_lost_too_often_costs_a_firm_its_voice(self, neighbours, third):
        hasty, other = neighbours
        for _ in range(2):
            email = f"{new_id()}@example.test"
            told(neighbours, email)
            act(third, contest, decision_id=third.ask(email).id)
            for row in hasty.in_force():
                if row.kind == "email":
                    act(hasty, withdraw, report_id=row.id)

        assert hasty.vigilance().sharing_weight == 50
        assert other.vigilance().sharing_weight == 100
