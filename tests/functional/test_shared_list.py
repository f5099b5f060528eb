"""Firms of one host: what two say has a proof asked at a third, what one says does nothing."""

from datetime import timedelta

import pytest

from encaisse.audit.models import AuditEntry
from encaisse.fraud.core.cases import Label, LabelSource
from encaisse.fraud.core.lists import ListedKind, ListKind
from encaisse.fraud.core.shared import ASSESSMENT
from encaisse.fraud.core.starter_rules import REPORTED
from encaisse.fraud.core.verdicts import Verdict
from encaisse.fraud.errors import (
    AssessmentNotAccepted,
)
from encaisse.fraud.models import PassageRecord
from encaisse.fraud.services.arrivals import Answer, Card
from encaisse.fraud.services.explaining import remake
from encaisse.fraud.services.judge import judge_answers
from encaisse.fraud.services.lists import Listing, add_entry
from encaisse.fraud.services.shared import (
    forget_shared,
    report_lost_dispute,
)
from encaisse.fraud.services.sharing import join, leave
from encaisse.kit.clock import business_now
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Role
from encaisse.organizations.models import Membership
from factories.organizations import Firm, make_user
from factories.shared import SharingFirm, arrival
from functional.sharing import act, alone, codes, told


def also_owned_by(firm, person):
    with acting_for(firm.id):
        Membership.objects.create(
            organization_id=firm.id, user=person, role=Role.OWNER, created_at=firm.now
        )


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

    def test_of_two_firms_that_have_one_owner_in_common_is_one_word(self, third, thief):
        partner = make_user()
        firms = [SharingFirm(), SharingFirm()]
        also_owned_by(firms[1], firms[0].owner)
        also_owned_by(firms[1], partner)

        told(firms, thief)

        assert REPORTED not in codes(third.ask(thief))

    def test_of_another_firm_of_whoever_asks_is_no_word_of_others(self, neighbours, third, thief):
        """Or else two firms would be enough to read what one neighbour alone reports."""
        second = SharingFirm()
        also_owned_by(second, third.owner)

        told([neighbours[0], second], thief)

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
        firm = alone()

        firm.report(thief)

        assert firm.reports() == []
        assert {str(row.marks) for row in firm.passages()} == {"{}"}

    def test_is_told_nothing(self, neighbours, thief):
        told(neighbours, thief)

        decision = alone().ask(thief)

        assert "shared_reporters" not in decision.facts
        assert decision.facts["lists_unread"] is False

    def test_asks_the_database_nothing(self, thief, django_assert_max_num_queries):
        firm = alone()

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
