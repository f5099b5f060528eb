"""The pages where a firm sees, decides and lists payments that do not look like the others."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from encaisse.fraud.core.cases import CaseState
from encaisse.fraud.models import (
    FraudDecision,
    ListEntry,
    OwnRule,
    ReviewCase,
    Snooze,
)
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Role
from encaisse.payments.core import AttemptState
from encaisse.payments.models import PaymentAttempt
from factories.payments import NO_PROOF_CARD, PayableFirm
from functional.web_people import signed_in
from plugins.world import eventually


@pytest.fixture
def firm(world):
    return PayableFirm(world)


@pytest.fixture
def held(firm):
    firm.pay(firm.request(20_000), NO_PROOF_CARD)
    return eventually(lambda: case_of(firm))


def case_of(firm):
    with acting_for(firm.id):
        return ReviewCase.objects.select_related("decision").order_by("-created_at").first()


def attempt_state(firm):
    with acting_for(firm.id):
        return PaymentAttempt.objects.latest("created_at").state


def text_of(client: Client, name: str, *parameters, **query) -> str:
    answer = client.get(reverse(name, args=parameters), query)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def posted(client: Client, name: str, *parameters, **values):
    return client.post(reverse(name, args=parameters), values, follow=True)


class TestTheQueue:
    def test_teaches_while_it_is_empty(self, firm):
        assert "Rien à vérifier" in text_of(signed_in(firm), "reviews")

    def test_says_why_each_payment_waits_and_how_long_is_left(self, firm, held):
        page = text_of(signed_in(firm), "reviews")

        assert "n’a pas vérifié le porteur" in page
        assert "pour décider" in page

    def test_is_the_first_thing_to_do_today_for_who_may_decide(self, firm, held):
        owner = text_of(signed_in(firm), "home")
        collector = text_of(signed_in(firm, Role.COLLECTOR), "home")

        assert "1 paiement étonne, 200,00" in owner
        assert reverse("reviews") in owner
        assert "Décidez avant le" in owner
        assert "paiement étonne" not in collector

    def test_keeps_what_was_decided(self, firm, held):
        client = signed_in(firm, proven=True)
        posted(client, "review_refuse", held.id, note="Voix inconnue")

        assert "Refusé" in text_of(client, "reviews", etat="tranches")
        assert "Voix inconnue" in text_of(client, "review", held.id)

    def test_is_read_but_not_decided_by_who_only_takes_payments(self, firm, held):
        client = signed_in(firm, Role.COLLECTOR)

        assert "Libérer et encaisser" not in text_of(client, "review", held.id)
        answer = client.post(reverse("review_release", args=[held.id]))
        assert answer.status_code in {302, 403}
        assert case_of(firm).state == CaseState.WAITING


class TestACase:
    def test_lets_the_money_be_taken(self, firm, held):
        answer = posted(signed_in(firm, proven=True), "review_release", held.id, note="Rappelée")

        assert "encaissement est demandé" in answer.content.decode()
        eventually(lambda: attempt_state(firm) == AttemptState.CAPTURED)

    def test_gives_the_money_up_and_blocks_what_served(self, firm, held):
        posted(signed_in(firm, proven=True), "review_refuse", held.id, fraud="1")

        eventually(lambda: attempt_state(firm) == AttemptState.CANCELED)
        with acting_for(firm.id):
            assert ListEntry.objects.filter(subject="card").exists()

    def test_says_so_when_somebody_decided_meanwhile(self, firm, held):
        client = signed_in(firm, proven=True)
        posted(client, "review_refuse", held.id)

        answer = client.post(reverse("review_release", args=[held.id]))

        assert answer.status_code == 409
        assert "case_decided" in answer.content.decode()

    def test_asks_the_payer_once_to_call(self, firm, held):
        client = signed_in(firm, proven=True)

        first = posted(client, "review_identity", held.id)
        again = posted(client, "review_identity", held.id)

        assert "Un e-mail lui demande" in first.content.decode()
        assert "déjà demandé" in again.content.decode()
        eventually(lambda: mailed(firm, "souhaite vous entendre"))

    def test_lets_a_rule_rest_for_this_customer_only(self, firm, held):
        code = held.decision.reasons[0]["code"]

        posted(signed_in(firm, proven=True), "review_snooze", held.id, rule=code, days="7")

        with acting_for(firm.id):
            snooze = Snooze.objects.get()
        assert snooze.customer_id == firm.customer.id
        assert snooze.until - business_now() < timedelta(days=7)

    def test_pauses_no_rule_that_did_not_count(self, firm, held):
        client = signed_in(firm, proven=True)

        answer = client.post(
            reverse("review_snooze", args=[held.id]), {"rule": "listed", "days": "7"}
        )

        assert answer.status_code == 404


def mailed(firm, words: str) -> bool:
    letters = firm.world.control(f"/mail?to={firm.customer.email}", method="GET")["data"]
    return any(words in letter["subject"] for letter in letters)


class TestDecisions:
    def test_are_read_newest_first_and_by_verdict(self, firm, held):
        client = signed_in(firm)

        assert "Preuve demandée" in text_of(client, "decisions")
        assert "n’a pas vérifié le porteur" in text_of(client, "decisions", verdict="hold")
        assert "Aucune décision de ce genre" in text_of(client, "decisions", verdict="block")

    def test_come_out_the_same_when_made_again(self, firm, held):
        assert "Même décision" in text_of(signed_in(firm), "decision", held.decision_id)

    def test_of_another_version_are_read_and_not_made_again(self, firm, held):
        row = held.decision
        with acting_for(firm.id):
            older = FraudDecision.objects.create(
                **{
                    field.attname: getattr(row, field.attname)
                    for field in FraudDecision._meta.fields
                    if field.attname not in {"id", "policy_version"}
                },
                id=firm.owner.id,
                policy_version=0,
            )

        assert "le moteur a changé" in text_of(signed_in(firm), "decision", older.id)


class TestLists:
    def add(self, firm, **values):
        defaults = {"kind": "block", "subject": "email", "value": "x@y.fr", "reason": "Essai"}
        return signed_in(firm, proven=True).post(reverse("fraud_list_add"), {**defaults, **values})

    @pytest.mark.parametrize("kind", ["allow", "block"])
    def test_never_hold_a_domain_where_anybody_has_a_mailbox(self, firm, kind):
        answer = self.add(firm, kind=kind, subject="domain", value="@Gmail.com")

        assert answer.status_code == 422
        assert "Tout le monde peut avoir une adresse chez gmail.com" in answer.content.decode()
        with acting_for(firm.id):
            assert not ListEntry.objects.exists()

    def test_take_a_value_and_give_it_up(self, firm):
        assert self.add(firm).status_code == 302
        with acting_for(firm.id):
            entry = ListEntry.objects.get()

        page = posted(signed_in(firm, proven=True), "fraud_list_end", entry.id).content.decode()

        assert "C’est retiré" in page
        with acting_for(firm.id):
            assert ListEntry.objects.get().ended_at is not None

    @pytest.mark.parametrize(
        ("subject", "value"),
        [("email", "pas une adresse"), ("country", "France"), ("network", "10.0.0.0/9")],
    )
    def test_refuse_what_is_not_of_its_kind(self, firm, subject, value):
        answer = self.add(firm, subject=subject, value=value)

        assert answer.status_code == 422
        assert "listed_value_invalid" in answer.content.decode()

    def test_refuse_the_same_value_twice(self, firm):
        self.add(firm)

        assert "already_listed" in self.add(firm).content.decode()

    def test_are_exported_and_taken_back_whole(self, firm, world):
        self.add(firm, value="=cmd@exemple.fr")
        exported = signed_in(firm, proven=True).post(reverse("fraud_list_export"))
        other = PayableFirm(world)

        answer = load(other, exported.content)

        assert "1 valeur inscrite" in answer.content.decode()
        with acting_for(other.id):
            assert ListEntry.objects.get().value == "=cmd@exemple.fr"

    def test_take_a_netset_in_once(self, firm):
        netset = b"# voisins\n192.0.2.0/24\n198.51.100.7\n192.0.2.0/24\n"

        load(firm, netset)
        again = load(firm, netset)

        assert "0 valeur inscrite" in again.content.decode()
        with acting_for(firm.id):
            assert sorted(row.value for row in ListEntry.objects.all()) == [
                "192.0.2.0/24",
                "198.51.100.7",
            ]

    @pytest.mark.parametrize(
        "content",
        [b"", b"\xff\xfe\x00", b"genre;valeur\nemail\n", b"genre;valeur\nlune;x\n", b"bonjour\n"],
    )
    def test_refuse_a_file_they_cannot_read_and_keep_nothing_of_it(self, firm, content):
        answer = load(firm, b"192.0.2.1\n" + content if content == b"bonjour\n" else content)

        assert answer.status_code == 422
        with acting_for(firm.id):
            assert not ListEntry.objects.exists()


def load(firm, content: bytes):
    upload = SimpleUploadedFile("liste.csv", content, content_type="text/csv")
    client = signed_in(firm, proven=True)
    return client.post(reverse("fraud_list_import"), {"kind": "block", "file": upload}, follow=True)


class TestWhatAFraudCosts:
    def test_opens_on_the_example_without_counting_twice(self, firm):
        page = text_of(signed_in(firm), "fraud_cost").replace("\u202f", " ").replace("\xa0", " ")

        for amount in ("8 700 €", "3 700 €", "5 200 €"):
            assert amount in page

    def test_adds_up_what_is_typed(self, firm):
        page = text_of(signed_in(firm), "fraud_cost", payment=1000, fees=15, materials=400)

        assert "415" in page

    def test_is_taken_away_as_a_table(self, firm):
        client = signed_in(firm)

        answer = client.get(reverse("fraud_cost"), {"payment": 5000, "format": "csv"})

        assert answer["Content-Type"].startswith("text/csv")
        assert "Paiement repris par la banque;5000" in answer.content.decode("utf-8-sig")

    def test_refuses_what_is_no_amount(self, firm):
        answer = signed_in(firm).get(reverse("fraud_cost"), {"payment": "beaucoup"})

        assert answer.status_code == 422


def rule_of(firm):
    with acting_for(firm.id):
        return OwnRule.objects.get()


class TestOwnRules:
    TYPED = {
        "reason": "Plus de 100 €.", "subject": "euros", "comparison": "at_least", "value": "100",
        "points": "0", "floor": "hold",
    }  # fmt: skip

    def write(self, firm, **values):
        client = signed_in(firm, proven=True)
        return client.post(reverse("own_rule_new"), {**self.TYPED, **values}, follow=True)

    def move(self, firm, action):
        client = signed_in(firm, proven=True)
        return posted(client, "own_rule_move", rule_of(firm).id, action=action)

    def test_is_tried_on_the_past_without_being_kept(self, firm, held):
        page = self.write(firm, essayer="1").content.decode()

        assert "elle touche 1 paiement" in page
        with acting_for(firm.id):
            assert not OwnRule.objects.exists()

    def test_watched_changes_nothing_and_counts_what_it_saw(self, firm):
        self.write(firm)
        self.move(firm, "observer")

        firm.pay(firm.request(12_000))
        eventually(lambda: attempt_state(firm) == AttemptState.CAPTURED)

        assert "elle aurait compté 2 fois" in text_of(signed_in(firm), "own_rules")

    def test_published_holds_and_its_decision_is_made_again(self, firm):
        self.write(firm)
        self.move(firm, "publier")

        firm.pay(firm.request(12_000))
        case = eventually(lambda: case_of(firm))

        assert case.decision.reasons[0]["sentence"] == "Plus de 100 €."
        self.move(firm, "retirer")
        assert "Même décision" in text_of(signed_in(firm), "decision", case.decision_id)

    def test_moves_once(self, firm):
        self.write(firm)
        self.move(firm, "publier")

        answer = self.move(firm, "publier")

        assert answer.status_code == 409
        assert "rule_moved" in answer.content.decode()

    def test_says_in_french_what_is_no_rule(self, firm):
        answer = self.write(firm, value="beaucoup")

        assert answer.status_code == 422
        assert "n’est pas un nombre" in answer.content.decode()
