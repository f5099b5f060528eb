"""Firms of one host: what two say has a proof asked at a third, what one says does nothing."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connections, transaction

from encaisse.audit.models import AuditEntry
from encaisse.fraud.core.cases import Label, LabelSource
from encaisse.fraud.core.lists import ListedKind, ListKind
from encaisse.fraud.core.policy import REPORTED
from encaisse.fraud.core.shared import ASSESSMENT, MOST_CONTESTED
from encaisse.fraud.core.verdicts import Verdict
from encaisse.fraud.errors import (
    AlreadyContested,
    AssessmentNotAccepted,
    NotContested,
    NothingToContest,
    TooManyContested,
)
from encaisse.fraud.models import PassageRecord, SharedAppeal, SharedReport
from encaisse.fraud.services.arrivals import Answer, Card
from encaisse.fraud.services.explaining import remake
from encaisse.fraud.services.judge import judge_answers
from encaisse.fraud.services.lists import Listing, add_entry
from encaisse.fraud.services.shared import (
    contest,
    forget_shared,
    report_lost_dispute,
    uphold,
    withdraw,
)
from encaisse.fraud.services.sharing import join, leave
from encaisse.kernel.errors import NotFound
from encaisse.kit.clock import business_now
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.models import Membership
from encaisse.security.core import Kind
from encaisse.security.dealings import look_at_contest
from encaisse.security.models import Alert
from encaisse.security.sentences import sentence_for
from factories.organizations import Firm
from factories.shared import SharingFirm, arrival


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


def codes(decision) -> set[str]:
    return {reason["code"] for reason in decision.reasons}


def act(firm, verb, **values):
    return verb(organization_id=firm.id, actor=firm.actor, now=firm.now, **values)


def told(neighbours, email, card=""):
    for firm in neighbours:
        firm.report(email, card)


class TestOneWord:
    def test_of_a_firm_weighs_nothing_elsewhere(self, neighbours, third, thief, card):
        neighbours[0].report(thief, card)

        decision = third.take(thief, card)

        assert decision.outcome == Verdict.ALLOW
        assert decision.facts["shared_reporters"] == 0

    def test_repeated_weighs_no_more(self, neighbours, third, thief, card):
        for _ in range(3):
            neighbours[0].report(thief, card)

        assert REPORTED not in codes(third.take(thief, card))
        assert {row.kind for row in neighbours[0].in_force()} == {"card", "email", "ip"}

    def test_of_two_firms_of_one_owner_is_one_word(self, third, thief):
        firms = [SharingFirm(), SharingFirm()]
        with acting_for(firms[1].id):
            Membership.objects.update(user=firms[0].owner)

        told(firms, thief)

        assert REPORTED not in codes(third.ask(thief))

    def test_is_not_heard_of_a_firm_that_just_began_to_share(self, neighbours, third, thief):
        told([neighbours[0], SharingFirm(days=29)], thief)

        assert REPORTED not in codes(third.ask(thief))

    def test_is_not_heard_of_a_firm_nobody_pays(self, neighbours, third, thief):
        told([neighbours[0], SharingFirm(payments=3)], thief)

        assert REPORTED not in codes(third.ask(thief))


class TestAFirmThatMarksEverything:
    def test_loses_its_voice(self, neighbours, third, thief):
        liar = SharingFirm()
        assert liar.vigilance().sharing_weight == 100

        for number in range(7):
            liar.report(f"honest-{number}-{new_id()}@example.test")

        assert liar.vigilance().sharing_weight == 0
        told([neighbours[0], liar], thief)
        assert REPORTED not in codes(third.ask(thief))

    def test_does_not_block_the_customer_of_a_neighbour(self, third, card):
        customer = f"honest-{new_id()}@example.test"
        liars = [SharingFirm(), SharingFirm()]
        for liar in liars:
            for number in range(7):
                liar.report(f"{number}-{new_id()}@example.test")
            liar.report(customer, card)

        assert third.take(customer, card).outcome == Verdict.ALLOW


class TestTwoHonestFirms:
    def test_have_a_proof_asked_at_a_third(self, neighbours, third, thief):
        told(neighbours, thief)

        decision = third.ask(thief)

        assert decision.verdict == Verdict.CHALLENGE
        [reason] = [one for one in decision.reasons if one["code"] == REPORTED]
        assert reason["sentence"] == (
            "Signalé par 2 autres entreprises (son adresse e-mail\u202f: fraude reconnue par "
            "quelqu’un de l’entreprise)."
        )

    def test_are_heard_about_a_card_whatever_the_e_mail(self, neighbours, third, thief, card):
        told(neighbours, thief, card)

        decision = third.take(f"{new_id()}@example.test", card)

        assert decision.verdict == Verdict.CHALLENGE
        assert decision.outcome == Verdict.ALLOW, "its bank gave a proof"

    def test_have_somebody_look_where_the_bank_gives_no_proof(self, neighbours, third, thief, card):
        told(neighbours, thief, card)

        decision = third.take(thief, card, authentication="failed", has_liability_shift=True)

        assert (decision.verdict, decision.outcome) == (Verdict.CHALLENGE, Verdict.HOLD)

    def test_never_have_more_than_a_proof_asked_however_many(self, third, thief, card):
        told([SharingFirm() for _ in range(5)], thief, card)

        decision = third.take(thief, card)

        assert decision.facts["shared_reporters"] == 5
        assert (decision.verdict, decision.outcome) == (Verdict.CHALLENGE, Verdict.ALLOW)

    def test_are_not_heard_about_a_card_known_at_one_account_only(self, third, card):
        came = arrival(f"{new_id()}@example.test")
        seen = Answer(arrival=came, card=Card(fingerprint=card, country="FR"))

        judge_answers(organization_id=third.id, answers=[seen], now=third.now)

        with acting_for(third.id):
            assert set(PassageRecord.objects.get(id=came.passage_id).marks) == {"email"}

    def test_do_not_outweigh_the_trust_of_the_firm_itself(self, neighbours, third, thief):
        told(neighbours, thief)
        trusted = Listing(
            kind=ListKind.ALLOW,
            subject=ListedKind.EMAIL,
            value=thief,
            reason="Client de longue date",
        )
        act(third, add_entry, listing=trusted)

        assert REPORTED not in codes(third.ask(thief))

    def test_lead_to_a_decision_that_comes_out_the_same_again(self, neighbours, third, thief):
        told(neighbours, thief)
        decision = third.ask(thief)

        with acting_for(third.id):
            assert remake(decision).is_same

    def test_lead_to_decisions_that_those_of_before_still_come_out_like(self, third, thief):
        decision = third.ask(thief)
        decision.policy_version = 2
        del decision.facts["shared_reporters"]

        with acting_for(third.id):
            assert remake(decision).is_same


class TestWhatIsReported:
    def test_is_what_a_person_called_a_fraud_and_is_the_same_elsewhere(self, third, thief, card):
        third.report(thief, card)

        found = {row.kind: (row.expires_at - third.now).days for row in third.in_force()}

        assert found == {"card": 90, "email": 90, "ip": 7}

    def test_names_nobody(self, third, thief, card):
        third.report(thief, card)

        for row in third.in_force():
            written = str(vars(row))
            assert all(secret not in written for secret in (thief, card, "81.", "6000"))

    def test_waits_for_a_dispute_to_be_lost(self, third, thief, card):
        passage_id = third.take(thief, card).passage_id
        third.say(passage_id, Label.FRAUD, LabelSource.DISPUTE)
        assert third.in_force() == []

        report_lost_dispute(organization_id=third.id, passage_id=passage_id, now=third.now)

        assert {row.reason for row in third.in_force()} == {"disputed"}
        assert max((row.expires_at - third.now).days for row in third.in_force()) == 180

    def test_is_withdrawn_once_it_turns_out_honest(self, neighbours, third, thief):
        told(neighbours, thief)
        passage_id = neighbours[0].in_force()[0].passage_id

        neighbours[0].say(passage_id, Label.HONEST, LabelSource.DISPUTE)

        assert {row.ended_why for row in neighbours[0].reports()} == {"honest"}
        assert REPORTED not in codes(third.ask(thief))

    def test_ends_and_is_forgotten(self, neighbours, third, thief):
        told(neighbours, thief)
        later = third.now + timedelta(days=91)

        for firm in neighbours:
            forget_shared(organization_id=firm.id, now=later)
            assert {(row.ended_why, row.mark) for row in firm.reports()} == {("expired", "")}

        third.now = later
        assert REPORTED not in codes(third.ask(thief))

    def test_counts_no_more_after_its_day_even_before_it_is_forgotten(
        self, neighbours, third, thief
    ):
        told(neighbours, thief)

        third.now += timedelta(days=91)

        assert REPORTED not in codes(third.ask(thief))

    def test_leaves_no_trace_a_year_later(self, third, thief):
        third.report(thief)
        forget_shared(organization_id=third.id, now=third.now + timedelta(days=91))

        forget_shared(organization_id=third.id, now=third.now + timedelta(days=460))

        assert third.reports() == []


class TestAFirmThatDoesNotShare:
    def test_sends_nothing(self, thief):
        firm = _alone()

        firm.report(thief)

        assert firm.reports() == []
        assert {str(row.marks) for row in firm.passages()} == {"{}"}

    def test_is_told_nothing(self, neighbours, thief):
        told(neighbours, thief)

        decision = _alone().ask(thief)

        assert "shared_reporters" not in decision.facts
        assert decision.facts["lists_unread"] is False

    def test_asks_the_database_nothing(self, thief, django_assert_max_num_queries):
        firm = _alone()

        with django_assert_max_num_queries(100) as seen:
            firm.ask(thief)

        assert not [one for one in seen.captured_queries if "fraud_shared" in one["sql"]]

    def test_shares_only_once_somebody_accepted_the_assessment(self):
        firm = Firm()

        with pytest.raises(AssessmentNotAccepted):
            join(organization_id=firm.id, actor=firm.actor, has_accepted=False, now=business_now())

    def test_writes_in_its_journal_who_accepted_it(self, third):
        with acting_for(third.id):
            event = AuditEntry.objects.get(action="fraud_shared:joined")

        assert str(third.actor.id) in event.actor
        assert third.vigilance().sharing_assessment == ASSESSMENT

    def test_takes_all_back_when_it_leaves(self, neighbours, third, thief):
        told(neighbours, thief)

        act(neighbours[0], leave)

        assert {(row.ended_why, row.mark) for row in neighbours[0].reports()} == {("left", "")}
        assert {str(row.marks) for row in neighbours[0].passages()} == {"{}"}
        assert REPORTED not in codes(third.ask(thief))


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


class TestAListThatDoesNotAnswer:
    def test_lets_the_decision_be_made_and_says_so(self, neighbours, third, thief, caplog):
        told(neighbours, thief)

        with _locked("fraud_sharedreport"):
            decision = third.ask(thief)

        assert decision.outcome == Verdict.ALLOW
        assert decision.facts["lists_unread"] is True
        assert "shared_reporters" not in decision.facts

    def test_is_read_again_at_the_next_payment(self, neighbours, third, thief):
        told(neighbours, thief)
        with _locked("fraud_sharedreport"):
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


def run(firm, statement, parameters=None):
    with acting_for(firm.id), connections["default"].cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def _alone():
    """A firm that has payments like the others, and shares nothing."""
    firm = SharingFirm.__new__(SharingFirm)
    Firm.__init__(firm)
    firm.now = business_now()
    firm.be_paid(1)
    return firm


@contextmanager
def _locked(table):
    """Another connection holds the whole table."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield
