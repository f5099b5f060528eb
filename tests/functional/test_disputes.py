"""A contested payment, from the bank's question to its verdict: staged, answered once, told."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from attacks.test_uploads import SVG, bomb, picture, zipped
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.ledger.queries import balance
from encaisse.organizations.core import Role
from encaisse.payments.core import AnswerState, DisputeState
from encaisse.payments.errors import DisputeAnswered, DisputeAnsweredTooLate, EvidenceChanged
from encaisse.payments.models import Dispute, DisputeAnswer, DisputePhoto, PaymentAttempt
from encaisse.payments.services.answers import contest, give_up, send_answer, stage_answer
from encaisse.payments.sweep import sweep
from encaisse.providers.contract import ProviderOutcomeUnknown
from encaisse.security.core import AlertState, Kind
from encaisse.security.disputes import look_at_dispute, watch_disputes
from encaisse.security.models import Alert
from factories.answers import captured, dispute_lost, dispute_opened, request_about, started
from factories.invoicing import invoice_of, make_accepted_quote
from factories.payments import PayableFirm
from functional.web_people import signed_in
from plugins.world import eventually
from unit.invoicing.documents import page_texts

PDF = b"%PDF-1.7 dossier"


@pytest.fixture
def firm(world):
    return PayableFirm(world)


@pytest.fixture
def idle(world):
    """Nobody works behind: each step is asked for by the test."""
    world.stop_worker()
    yield
    world.start_worker()


@pytest.fixture(scope="module")
def untouched(world):
    firm = PayableFirm(world)
    return firm, told(firm), signed_in(firm, proven=True)


def only(firm, model):
    with acting_for(firm.id):
        return model.objects.get()


def contested(firm):
    """A payment taken at the sandbox, then contested there."""
    provider_id = firm.pay(firm.request())
    eventually(lambda: only(firm, PaymentAttempt).state == "captured")
    asked = {"payment_id": provider_id, "reason": "product_not_received"}
    firm.world.control("/disputes", asked)
    return eventually(lambda: first_dispute(firm))


def first_dispute(firm):
    with acting_for(firm.id):
        return Dispute.objects.first()


def told(firm):
    """A contested payment as the provider told of it: for what does not leave us."""
    attempt = started(firm, firm.request())
    captured(firm, attempt)
    return dispute_opened(firm, attempt, 12_000)


def act(firm, verb, dispute, **values):
    defaults = {
        "organization_id": firm.id,
        "actor": firm.actor,
        "dispute_id": dispute.id,
        "now": business_now(),
    }
    return verb(**{**defaults, **values})


def given(firm, dispute):
    return act(firm, contest, dispute, pack=PDF, staged_at=None)


def carried(firm, answer):
    return send_answer(organization_id=firm.id, answer_id=answer.id, now=business_now())


def page(client, name, dispute, **typed):
    path = reverse(name, args=[dispute.id])
    return client.post(path, typed) if typed else client.get(path)


def photo(content=None):
    return SimpleUploadedFile("photo.jpg", content or picture("JPEG"), "image/jpeg")


def balances(firm, *accounts):
    with acting_for(firm.id):
        return [
            balance(organization_id=firm.id, account_prefix=account).minor for account in accounts
        ]


class TestAnAnswer:
    def test_goes_from_the_inbox_to_the_bank_and_what_is_won_comes_back(self, firm):
        dispute = contested(firm)
        client = signed_in(firm, proven=True)
        inbox = client.get(reverse("disputes")).content.decode()
        page(client, "dispute_stage", dispute, statement="Livré le 3.", photos=[photo(), photo()])
        confirm = page(client, "dispute_send", dispute)
        at = confirm.context["form"].initial["staged_at"]

        sent = page(client, "dispute_send", dispute, staged_at=at)

        with acting_for(firm.id):
            assert Alert.objects.filter(kind=Kind.DISPUTE_DUE).count() == 1
        assert "Rien reçu" in inbox
        assert "ncore 13" in inbox
        assert "Envoyer ce dossier à la banque" in confirm.content.decode()
        assert sent.status_code == 302
        eventually(lambda: only(firm, DisputeAnswer).state == AnswerState.SENT)
        assert only(firm, Dispute).state == DisputeState.UNDER_REVIEW
        assert "lit votre dossier" in page(client, "dispute", dispute).content.decode()
        assert balances(firm, "416", "511") == [12_000, 0]
        firm.world.control(f"/disputes/{dispute.provider_id}/close", {"outcome": "won"})
        eventually(lambda: only(firm, Dispute).state == DisputeState.WON)
        assert balances(firm, "416", "511") == [0, 12_000]

    def test_is_one_however_many_people_give_it_at_once(self, firm, idle):
        dispute = told(firm)

        def try_it(_number):
            try:
                return given(firm, dispute)
            except DisputeAnswered:
                return None
            finally:
                connections.close_all()

        with ThreadPoolExecutor(4) as people:
            answers = [answer for answer in people.map(try_it, range(4)) if answer]

        assert len(answers) == 1
        assert only(firm, DisputeAnswer).round == 1
        with pytest.raises(DisputeAnswered):
            act(firm, give_up, dispute)

    def test_whose_confirmation_is_lost_ends_in_the_truth(self, firm, world):
        dispute = contested(firm)
        world.stop_worker()
        try:
            answer = given(firm, dispute)
            firm.chaos(api={"drop_after": 1}, next=1)

            state = carried(firm, answer)
        finally:
            world.start_worker()

        assert state is AnswerState.SENT
        assert only(firm, Dispute).state == DisputeState.UNDER_REVIEW

    def test_that_nobody_confirms_stays_unknown_until_the_sweep_knows(self, firm, world):
        dispute = contested(firm)
        world.stop_worker()
        try:
            answer = given(firm, dispute)
            firm.chaos(api={"drop_after": 1}, next=2)
            with pytest.raises(ProviderOutcomeUnknown):
                carried(firm, answer)
            between = only(firm, DisputeAnswer).state

            found = sweep(organization_id=firm.id, now=business_now() + timedelta(minutes=5))
        finally:
            world.start_worker()

        assert between == AnswerState.UNKNOWN
        assert only(firm, DisputeAnswer).state == AnswerState.SENT
        assert found is not None

    def test_that_reaches_the_provider_too_late_is_told_and_nothing_is_sent(self, firm, world):
        dispute = contested(firm)
        world.stop_worker()
        try:
            answer = given(firm, dispute)
            world.control("/clock/advance", {"days": 15})

            state = carried(firm, answer)
        finally:
            world.start_worker()

        assert state is AnswerState.REFUSED
        assert only(firm, DisputeAnswer).failure == "evidence_too_late"
        shown = page(signed_in(firm, proven=True), "dispute", dispute).content.decode()
        assert "a refusé votre réponse" in shown

    def test_given_up_is_lost_at_once_and_what_it_paid_is_owed_again(self, firm):
        dispute = contested(firm)
        client = signed_in(firm, proven=True)
        confirm = page(client, "dispute_abandon", dispute).content.decode()

        page(client, "dispute_abandon", dispute, yes="1")

        assert "Renoncer à 120,00" in confirm
        eventually(lambda: only(firm, DisputeAnswer).state == AnswerState.SENT)
        assert only(firm, Dispute).state == DisputeState.LOST
        assert balances(firm, "411", "416", "511") == [0, 0, 0]


class TestWhatIsRefused:
    def test_after_the_deadline_is_said_in_french(self, firm, idle):
        dispute = told(firm)
        late = business_now() + timedelta(days=15)

        with pytest.raises(DisputeAnsweredTooLate) as refused:
            act(firm, contest, dispute, pack=PDF, staged_at=None, now=late)

        assert "date limite est passée" in refused.value.message

    def test_what_changed_since_it_was_read_is_read_again(self, firm, idle):
        dispute = told(firm)
        first = act(firm, stage_answer, dispute, statement="Livré.", photos=[])
        act(firm, stage_answer, dispute, statement="Livré le 4.", photos=[picture("JPEG")])

        with pytest.raises(EvidenceChanged):
            act(firm, contest, dispute, pack=PDF, staged_at=first.updated_at)

        assert only(firm, DisputeAnswer).state == AnswerState.DRAFT

    @pytest.mark.parametrize(
        "content",
        [SVG, zipped(picture()), picture()[:60], picture("GIF"), b"%PDF-1.7 x", bomb(20_000),
         bomb(60_000, really=False), picture() + b"\x00" * 11_000_000],
        ids=["svg", "zip", "cut", "gif", "pdf", "bomb", "lying", "eleven megabytes"],
    )  # fmt: skip
    def test_what_is_no_photo_is_not_kept(self, untouched, content):
        firm, dispute, client = untouched

        answer = page(client, "dispute_stage", dispute, photos=[photo(content)])

        assert answer.status_code == 422
        with acting_for(firm.id):
            assert not DisputePhoto.objects.exists()

    def test_a_ninth_photo_and_what_a_photo_hides_stay_out(self, firm, idle):
        dispute = told(firm)
        client = signed_in(firm, proven=True)
        place = picture("JPEG", comment=b"xq9 44.83,-0.57")
        page(client, "dispute_stage", dispute, photos=[photo(place) for _one in range(8)])

        ninth = page(client, "dispute_stage", dispute, photos=[photo()])

        assert ninth.status_code == 422
        assert "8 photos au plus" in ninth.content.decode()
        kept = page(client, "dispute_pack", dispute)
        assert b"xq9" not in kept.content
        assert len(page_texts(kept.content)) == 9

    def test_a_removed_photo_does_not_go(self, firm, idle):
        dispute = told(firm)
        client = signed_in(firm, proven=True)
        page(client, "dispute_stage", dispute, photos=[photo()])
        row = only(firm, DisputePhoto)

        page(client, "dispute_unstage", dispute, photo=str(row.id))

        assert len(page_texts(page(client, "dispute_pack", dispute).content)) == 1
        assert page(client, "dispute_unstage", dispute, photo=str(row.id)).status_code == 404

    def test_another_role_reads_and_does_not_answer(self, firm, idle):
        dispute = told(firm)
        client = signed_in(firm, Role.COLLECTOR, proven=True)

        shown = page(client, "dispute", dispute)

        assert shown.status_code == 200
        assert "Répondre à la banque" not in shown.content.decode()
        assert page(client, "dispute_send", dispute, staged_at="").status_code == 403
        assert page(client, "dispute_stage", dispute, statement="x").status_code == 403


class TestThePack:
    def test_says_what_was_agreed_by_whom_and_what_was_invoiced(self, firm, idle):
        quote = make_accepted_quote(firm, deposit_basis_points=0)
        invoice = invoice_of(firm, quote)
        attempt = started(firm, request_about(firm, invoice))
        captured(firm, attempt)
        dispute = dispute_opened(firm, attempt, 5_000)
        act(firm, stage_answer, dispute, statement="Posé le 3 mars, devant lui.", photos=[])
        client = signed_in(firm, proven=True)

        answer = page(client, "dispute_pack", dispute)

        text = "\n".join(page_texts(answer.content))
        assert answer["Content-Type"] == "application/pdf"
        for proof in (
            quote.document.number, quote.document.sha256[:10], "192.0.2.7", "Camille Leroy",
            invoice.number, "Chauffe-eau 200 L", "Posé le 3 mars", dispute.provider_id,
        ):  # fmt: skip
            assert proof in text

    def test_costs_a_fixed_number_of_queries(self, firm, idle, django_assert_max_num_queries):
        dispute = told(firm)
        client = signed_in(firm, proven=True)

        with django_assert_max_num_queries(60):
            page(client, "dispute", dispute)


class TestAlerts:
    def alerts(self, firm):
        with acting_for(firm.id):
            return list(Alert.objects.filter(kind=Kind.DISPUTE_DUE).order_by("created_at"))

    def opened(self, firm):
        """A dispute, looked at as the job does; twice, as a job may."""
        dispute = told(firm)
        for _time in range(2):
            look_at_dispute(
                organization_id=firm.id,
                dispute_id=dispute.id,
                now=business_now(),
                real_now=timezone.now(),
            )
        return dispute

    def watch(self, firm, days):
        now, real_now = business_now(), timezone.now()
        span = timedelta(days=days)
        watch_disputes(organization_id=firm.id, now=now + span, real_now=real_now + span)

    def test_tell_once_when_it_opens_and_once_more_when_time_runs_out(self, firm, idle):
        self.opened(firm)
        (opened,) = self.alerts(firm)
        self.watch(firm, 5)
        between = len(self.alerts(firm))

        for _time in range(3):
            self.watch(firm, 12)

        assert "120,00" in opened.facts["amount"]
        assert between == 1
        first, second = self.alerts(firm)
        assert (first.state, second.state) == (AlertState.CLOSED, AlertState.OPEN)
        assert (second.count, second.facts["left"]) == (1, "moins de 48 heures")

    def test_end_with_the_answer(self, firm, idle):
        dispute = self.opened(firm)
        given(firm, dispute)

        self.watch(firm, 12)

        assert [alert.state for alert in self.alerts(firm)] == [AlertState.CLOSED]


class TestFigures:
    def test_say_what_was_won_and_what_it_cost_by_reason(self, firm, idle):
        attempt = started(firm, firm.request(30_000))
        captured(firm, attempt)
        dispute_lost(firm, attempt, 30_000)
        told(firm)

        shown = signed_in(firm, proven=True).get(reverse("disputes"))

        (line,) = shown.context["figures"]
        assert (line.title, line.number) == ("Paiement non reconnu (fraude)", 2)
        assert line.rate == "0,0\N{NO-BREAK SPACE}% gagnées"
        assert "300,00" in line.cost
