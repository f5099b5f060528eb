"""The pages of the shared list: what is agreed to, answered for, contested, told to the payer."""

import pytest
from django.test import Client
from django.urls import reverse

from encaisse.fraud.models import SharedReport
from encaisse.fraud.queries import waiting_cases
from encaisse.fraud.services import sharing
from encaisse.fraud.services.shared import contest
from encaisse.kit.identifiers import new_id
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Permission, Role
from encaisse.payments.services.requests import link_token
from factories.answers import captured, dispute_lost, dispute_opened, started
from factories.organizations import Firm
from factories.payments import NO_PROOF_CARD, PayableFirm
from factories.shared import SharingFirm
from functional.asking import choose, marked
from functional.signing import Signer, asked
from functional.web_people import signed_in
from plugins.world import eventually


@pytest.fixture
def thief():
    return f"thief-{new_id()}@example.test"


@pytest.fixture
def neighbours(thief):
    firms = [SharingFirm(), SharingFirm()]
    for firm in firms:
        firm.report(thief)
    return firms


def text_of(client: Client, name: str = "shared_list", *parameters) -> str:
    answer = client.get(reverse(name, args=parameters))
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def posted(client: Client, name: str, *parameters, **values):
    return client.post(reverse(name, args=parameters), values, follow=True)


def contested(neighbours, thief):
    """A third firm whose customer contests; the page of the first neighbour, who must answer."""
    third = SharingFirm()
    decision = third.ask(thief)
    contest(organization_id=third.id, actor=third.actor, decision_id=decision.id, now=third.now)
    return third


def email_report(firm):
    return next(row for row in firm.reports() if row.kind == "email")


class TestBeforeSharing:
    def test_the_page_says_what_leaves_to_whom_and_why(self):
        page = text_of(signed_in(Firm()))

        assert "Vous ne partagez rien" in page
        for said in ("Jamais un nom", "jamais lesquelles", "article 6.1.f", "article 35"):
            assert said in page

    def test_nothing_begins_without_the_assessment(self):
        client = signed_in(Firm(), proven=True)

        answer = client.post(reverse("shared_join"), {})

        assert answer.status_code == 422
        assert "acceptez d’abord l’analyse d’impact" in answer.content.decode()
        assert "Vous ne partagez rien" in text_of(client)

    def test_whoever_accepts_it_is_named(self):
        firm = Firm()
        firm.owner.full_name = "Anne Martin"
        firm.owner.save()
        owner = Signer(firm, firm.owner)

        signing = posted(owner.client, "shared_join", **marked(accept="on")).content.decode()
        before = text_of(owner.client)
        owner.sign(asked(firm))
        page = text_of(owner.client)

        assert "Partager les fraudes avec d’autres entreprises" in signing
        assert "Vous ne partagez rien" in before
        assert "Vous partagez" in page
        assert "Anne Martin" in page

    def test_two_people_sign_where_the_firm_asks_for_two(self):
        firm = Firm()
        owner, manager = Signer(firm, firm.owner), Signer(firm, role=Role.MANAGER)
        choose(firm, four_eyes=frozenset({Permission.PAYMENTS_REFUND}))
        posted(owner.client, "shared_join", **marked(accept="on"))

        owner.sign(asked(firm))
        alone = text_of(owner.client)
        manager.sign(asked(firm))

        assert "Vous ne partagez rien" in alone
        assert "Vous partagez" in text_of(owner.client)

    def test_another_assessment_than_the_one_signed_shares_nothing(self, monkeypatch):
        firm = Firm()
        owner = Signer(firm, firm.owner)
        posted(owner.client, "shared_join", **marked(accept="on"))
        monkeypatch.setattr(sharing, "ASSESSMENT", "2027-01")

        owner.sign(asked(firm))

        assert "Vous ne partagez rien" in text_of(owner.client)

    def test_a_collector_reads_and_changes_nothing(self):
        client = signed_in(Firm(), Role.COLLECTOR, proven=True)

        assert "Partager avec les autres" not in text_of(client)
        assert posted(client, "shared_join", accept="on").status_code == 403

    def test_one_leaves_as_simply(self, neighbours):
        client = signed_in(neighbours[0], proven=True)

        page = posted(client, "shared_leave").content.decode()

        assert "Vous ne partagez rien" in page
        assert "vous aviez quitté la liste" in page


class TestReports:
    def test_are_shown_with_their_end_and_withdrawn(self, neighbours):
        client = signed_in(neighbours[0], proven=True)
        assert "fraude reconnue par quelqu’un" in text_of(client)

        page = posted(client, "shared_withdraw", email_report(neighbours[0]).id).content.decode()

        assert "Retiré par vous" in page

    def test_leave_as_a_table_that_names_nobody(self, neighbours, thief):
        answer = posted(signed_in(neighbours[0], proven=True), "shared_export")

        table = answer.content.decode()
        assert "email;reviewed" in table.replace(",", ";")
        assert thief not in table

    def test_contested_are_answered_for_by_a_person(self, neighbours, thief):
        third = contested(neighbours, thief)
        client = signed_in(neighbours[0], proven=True)
        assert "Une personne conteste votre signalement" in text_of(client)

        posted(client, "shared_withdraw", email_report(neighbours[0]).id)

        assert "Une personne conteste" not in text_of(client)
        assert "Retiré après une contestation" in text_of(client)
        assert third.ask(thief).facts["shared_reporters"] == 0

    def test_are_kept_with_a_reason(self, neighbours, thief):
        contested(neighbours, thief)
        client = signed_in(neighbours[0], proven=True)
        report = email_report(neighbours[0])

        nothing = client.post(reverse("shared_uphold", args=[report.id]), {"reason": ""})
        page = posted(client, "shared_uphold", report.id, reason="Plainte déposée")

        assert nothing.status_code == 422
        assert "Maintenu par vous" in page.content.decode()
        with acting_for(neighbours[0].id):
            assert SharedReport.objects.get(id=report.id).note == "Plainte déposée"


class TestPaymentsThatOthersDoubted:
    def test_are_contested_for_whoever_complains(self, neighbours, thief):
        third = SharingFirm()
        decision = third.ask(thief)
        client = signed_in(third, proven=True)
        assert "Signalé par 2 autres entreprises" in text_of(client)

        page = posted(client, "shared_contest", decision.id).content.decode()

        assert "en cours d’examen" in page
        assert "Cette personne conteste" not in page

    def test_are_listed_once_what_was_said_is_lifted(self, neighbours, thief):
        third = SharingFirm()
        third.ask(thief)
        report = email_report(neighbours[0])

        posted(signed_in(neighbours[0], proven=True), "shared_withdraw", report.id)

        page = text_of(signed_in(third))
        assert "1 paiement avait été vérifié ou retenu sur un signalement levé depuis" in page
        assert "Levé depuis" in page

    def test_say_so_in_their_decision(self, neighbours, thief):
        third = SharingFirm()
        decision = third.ask(thief)

        page = text_of(signed_in(third), "decision", decision.id)

        assert "Autres entreprises qui l’ont signalé" in page
        assert "Même décision, mêmes raisons" in page


class TestThePayer:
    @pytest.fixture
    def firm(self, world):
        return PayableFirm(world)

    def test_reads_nothing_of_a_list_that_is_not_shared(self, firm):
        token = link_token(firm.request())

        assert "Lutte contre la fraude" not in text_of(Client(), "payer_payment", token)
        assert Client().get(reverse("payer_fraud", args=[token])).status_code == 404

    @pytest.mark.parametrize(
        ("language", "said"),
        [("fr", "Contester, vous opposer, savoir"), ("en", "To contest, to object, to know")],
    )
    def test_reads_what_is_shared_and_how_to_contest(self, firm, language, said):
        self.share(firm)
        token = link_token(firm.request())

        assert reverse("payer_fraud", args=[token]) in text_of(Client(), "payer_payment", token)
        page = Client().get(reverse("payer_fraud", args=[token]), {"lang": language})

        assert said in page.content.decode()
        assert "cnil.fr" in page.content.decode()

    def test_held_and_called_a_fraud_is_reported_with_the_card_of_the_network(self, firm):
        self.share(firm)
        firm.pay(firm.request(20_000), NO_PROOF_CARD)
        case = eventually(lambda: held(firm))

        posted(signed_in(firm, proven=True), "review_refuse", case.id, fraud="1")

        with acting_for(firm.id):
            found = {row.kind: row.reason for row in SharedReport.objects.all()}
        assert found == {"card": "reviewed", "email": "reviewed"}

    def test_whose_bank_won_is_reported_and_whose_bank_only_asks_is_not(self, firm):
        self.share(firm)
        won, asked = started(firm, firm.request(30_000)), started(firm, firm.request(7_000))
        for attempt in (won, asked):
            captured(firm, attempt)

        dispute_lost(firm, won, 30_000)
        dispute_opened(firm, asked, 7_000)

        with acting_for(firm.id):
            found = {(row.passage_id, row.reason) for row in SharedReport.objects.all()}
        assert found == {(won.id, "disputed")}

    def share(self, firm):
        owner = Signer(firm, firm.owner)
        posted(owner.client, "shared_join", **marked(accept="on"))
        owner.sign(asked(firm))


def held(firm):
    with acting_for(firm.id):
        return waiting_cases(organization_id=firm.id).first()
