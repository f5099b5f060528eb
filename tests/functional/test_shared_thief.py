"""The shared list out of reach, and in the hands of a thief of the next firm."""

import pytest
from django.db import connections

from encaisse.fraud.core.starter_rules import REPORTED
from encaisse.fraud.core.verdicts import Verdict
from encaisse.fraud.models import SharedAppeal, SharedReport
from encaisse.fraud.services.shared import (
    contest,
)
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for
from factories.shared import SharingFirm
from functional.sharing import act, codes, locked, run, told


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


class TestAListThatDoesNotAnswer:
    def test_lets_the_decision_be_made_and_says_so(self, neighbours, third, thief, caplog):
        told(neighbours, thief)

        with locked("fraud_sharedreport"):
            decision = third.ask(thief)

        assert decision.outcome == Verdict.ALLOW
        assert decision.facts["lists_unread"] is True
        assert "shared_reporters" not in decision.facts

    def test_is_read_again_at_the_next_payment(self, neighbours, third, thief):
        told(neighbours, thief)
        with locked("fraud_sharedreport"):
            third.ask(thief)

        assert REPORTED in codes(third.ask(thief))


class TestAThiefInTheNextFirm:
    """Raw SQL, as the application, inside another firm's transaction."""

    def test_reads_no_report_of_others(self, neighbours, third, thief):
        told(neighbours, thief)

        with acting_for(third.id):
            assert not SharedReport.objects.exists()
            assert not SharedAppeal.objects.exists()

    def test_learns_how_many_and_never_who(self, neighbours, third, thief):
        told(neighbours, thief)
        marks = [row.mark for row in neighbours[0].in_force() if row.kind == "email"]

        rows = run(third, "SELECT * FROM fraud_shared_weight(%s, %s)", [marks, third.now])

        assert rows == [(marks[0], 2, "reviewed")]

    def test_does_not_even_learn_that_one_firm_reports(self, neighbours, third, thief):
        neighbours[0].report(thief)
        marks = [row.mark for row in neighbours[0].in_force()]

        assert run(third, "SELECT * FROM fraud_shared_weight(%s, %s)", [marks, third.now]) == []

    def test_writes_and_withdraws_for_nobody_else(self, neighbours, third, thief):
        told(neighbours, thief)
        row = neighbours[0].in_force()[0]

        assert run(third, "DELETE FROM fraud_sharedreport RETURNING id") == []
        row.id, row._state.adding = new_id(), True
        row.mark = "f" * 64
        with pytest.raises(Exception, match="row-level security"), acting_for(third.id):
            row.save(force_insert=True)
        assert {row.kind for row in neighbours[0].in_force()} == {"email", "ip"}

    @pytest.mark.parametrize(
        "asked",
        [
            "SELECT * FROM fraud_shared_contested()",
            "SELECT * FROM fraud_shared_under_review(now())",
        ],
    )
    def test_asks_nothing_about_appeals_of_others(self, neighbours, third, thief, asked):
        told(neighbours, thief)
        act(third, contest, decision_id=third.ask(thief).id)

        assert run(SharingFirm(), asked) == []

    @pytest.mark.parametrize("verb", ["TRUNCATE fraud_sharedreport", "TRUNCATE fraud_sharedappeal",
                                      "UPDATE fraud_sharedappeal SET mark = ''"])  # fmt: skip
    def test_empties_nothing(self, third, verb):
        with pytest.raises(Exception, match="permission denied"):
            run(third, verb)

    def test_is_told_nothing_outside_a_firm(self, neighbours, thief):
        told(neighbours, thief)
        marks = [row.mark for row in neighbours[0].in_force()]

        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT * FROM fraud_shared_weight(%s, now())", [marks])
            assert cursor.fetchall() == []
