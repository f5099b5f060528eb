"""Your own firm in a minute: its trade, its payers' page while one types, a payment to oneself."""

import re
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from playwright.sync_api import expect

from encaisse.fraud.models import FraudDecision, Vigilance
from encaisse.fraud.services.explaining import remake
from encaisse.fraud.services.memory import vigilance_of
from encaisse.kernel.trades import Trade
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Role
from encaisse.organizations.models import Profile
from encaisse.payments.models import PaymentRequest
from encaisse.risk.presets import Preset
from factories.organizations import Firm, random_siren
from factories.payments import PayableFirm
from functional.asking import marked
from functional.signing import Signer, asked
from functional.test_web_onboarding import sign_up
from functional.web_people import Newcomer, cookie_of, problem_of, signed_in
from plugins.world import eventually


def picture() -> bytes:
    written = BytesIO()
    Image.new("RGB", (90, 60), "#204080").save(written, format="JPEG")
    return written.getvalue()


def described(**values) -> dict[str, object]:
    return {
        "trade": "joinery", "name": "Menuiserie du Port", "siren": random_siren(),
        "street": "3 quai des Bois", "postal_code": "29200", "city": "Brest",
        "email": "port@example.test", "colour": "#1f5fa8", **values,
    }  # fmt: skip


def the_request(firm) -> PaymentRequest:
    with acting_for(firm.id):
        return PaymentRequest.objects.get()


@pytest.fixture
def tab(chromium, world):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, base_url=world.url)
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("console", lambda message: page.problems.extend(problem_of(message)))
    yield page
    context.close()


class TestWhileOneTypes:
    def test_the_payers_page_is_drawn_as_the_firm_is_described(self, tab, world):
        sign_up(tab, world, Newcomer())
        tab.wait_for_load_state("networkidle")
        phone = tab.locator(".phone")
        tab.get_by_label("Votre métier").select_option(label="Menuiserie")
        tab.get_by_label("Nom que connaissent vos clients").fill("Menuiserie du Port")
        tab.get_by_label("Numéro SIREN").fill("732829320")
        tab.get_by_label("Ville").fill("Brest")
        expect(phone).to_contain_text("SIREN 732 829 320")
        expect(phone).to_contain_text("Menuiserie du Port")
        expect(phone).to_contain_text("Pose de trois fenêtres")
        tab.locator("#id_logo").set_input_files(
            {"name": "logo.jpg", "mimeType": "image/jpeg", "buffer": picture()}
        )

        expect(phone.locator("img")).to_be_visible()
        assert phone.locator("img").evaluate("image => image.naturalWidth") == 90
        assert tab.problems == []

    def test_a_colour_too_pale_is_darkened_and_says_so(self, tab, world):
        sign_up(tab, world, Newcomer())
        tab.wait_for_load_state("networkidle")
        tab.locator("#id_colour").fill("#ffd24a")

        expect(tab.locator("#apercu")).to_contain_text("Trop claire pour être lue")
        expect(tab.locator(".phone-way").first).to_have_css("border-color", "rgb(128, 105, 37)")
        assert tab.problems == []

    @pytest.mark.parametrize(
        "colour", ["red;}*{display:none", "", "</style>", "12345", "url(//evil.example)"]
    )
    def test_a_colour_is_never_anything_but_a_colour(self, colour):
        client = signed_in(Firm())

        css = client.get("/bienvenue/couleur.css", {"couleur": colour}).content.decode()

        assert re.fullmatch(r"\.phone\{--payer:#[0-9a-f]{6};--payer-ink:#[0-9a-f]{6}\}", css)

    def test_what_is_typed_is_drawn_as_text(self):
        client = signed_in(Firm())
        hostile = described(name="<b>x</b>", city="<i>", siren="'><x>", trade="no such trade")

        page = client.post("/bienvenue/apercu/", hostile).content.decode()

        assert "&lt;b&gt;x&lt;/b&gt;" in page
        assert "<b>x</b>" not in page
        assert "SIREN à vérifier" in page


class TestTheFirmMade:
    def make(self, **values) -> Profile:
        person = Firm()
        client = signed_in(person, proven=True)
        answer = client.post("/bienvenue/?encore", described(**values))
        assert answer.status_code == 302, answer.content.decode()
        found = client.session["organization_id"]
        with acting_for(found):
            return Profile.objects.get(organization_id=found)

    def test_keeps_its_trade_its_colour_and_its_logo_written_again_as_png(self):
        profile = self.make(logo=SimpleUploadedFile("x.jpg", picture(), "image/jpeg"))

        assert (profile.trade, profile.colour) == ("joinery", "#1f5fa8")
        assert profile.logo_file_id is not None

    def test_without_a_trade_is_asked_again(self):
        client = signed_in(Firm(), proven=True)

        answer = client.post("/bienvenue/?encore", described(trade=""))

        assert answer.status_code == 422

    def test_begins_with_the_rules_of_its_trade(self):
        profile = self.make(trade="plumbing")

        with acting_for(profile.organization_id):
            row = vigilance_of(organization_id=profile.organization_id, now=business_now())

        assert row.trade == Trade.PLUMBING


class TestLinesToStartFrom:
    def test_are_added_with_the_unit_and_the_rate_of_the_trade(self):
        client = signed_in(Firm(trade=Trade.JOINERY), proven=True)
        typed = {
            "lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "0", "lines-0-label": "Visite",
            "lines-0-quantity": "1", "lines-0-unit": "u", "lines-0-price": "10",
            "lines-0-rate": "1000", "lines-0-nature": "service",
            "add": "starting", "starting": "1",
        }  # fmt: skip

        page = client.post("/devis/nouveau/", typed).content.decode()

        assert 'value="Visite"' in page
        assert 'value="Fenêtre double vitrage, fournie et posée"' in page
        assert '<option value="550" selected>5,5 %</option>' in page

    @pytest.mark.parametrize("chosen", ["99", "-1", "x", "", "٣"])
    def test_that_do_not_exist_add_an_empty_line(self, chosen):
        client = signed_in(Firm(trade=Trade.JOINERY), proven=True)
        typed = {"lines-TOTAL_FORMS": "0", "lines-INITIAL_FORMS": "0", "add": "starting"}

        answer = client.post("/devis/nouveau/", {**typed, "starting": chosen})

        assert answer.status_code == 200
        assert "lines-0-label" in answer.content.decode()

    def test_are_offered_without_vat_to_a_firm_that_charges_none(self):
        client = signed_in(Firm(trade=Trade.JOINERY, is_vat_franchise=True), proven=True)

        page = client.post(
            "/devis/nouveau/",
            {"lines-TOTAL_FORMS": "0", "lines-INITIAL_FORMS": "0", "add": "starting",
             "starting": "1"},
        ).content.decode()  # fmt: skip

        assert 'value="Fenêtre double vitrage, fournie et posée"' in page
        assert '<option value="0" selected>0 %</option>' in page


class TestAFirstPaymentToOneself:
    def test_advances_by_itself_until_the_euro_is_there(self, chromium, world):
        firm = PayableFirm(world, trade=Trade.PLUMBING)
        context = chromium.new_context(base_url=world.url)
        context.add_cookies([cookie_of(firm, world)])
        tab = context.new_page()
        tab.goto("/bienvenue/premier-paiement/")
        tab.get_by_role("button", name="Me demander 1,00 €").click()
        expect(tab.get_by_role("link", name="Payer comme un client")).to_be_visible()
        asked = the_request(firm)
        firm.pay(asked)

        expect(tab.get_by_role("heading", name="1,00 € reçu. Vous savez encaisser.")).to_be_visible(
            timeout=40_000
        )
        expect(tab.get_by_label("Votre lien de paiement")).to_have_count(0)
        tab.get_by_role("link", name="Continuer").click()
        expect(tab.get_by_text("rien de réel n’est encaissé avec elles")).to_be_visible()
        context.close()

    def test_opens_one_link_however_often_one_asks(self, world):
        firm = PayableFirm(world)
        client = signed_in(firm, proven=True)

        for _ in range(3):
            client.post("/bienvenue/premier-paiement/ouvrir/")

        assert the_request(firm).amount_minor == 100

    def test_its_link_can_be_closed(self, world):
        firm = PayableFirm(world)
        client = signed_in(firm, proven=True)
        client.post("/bienvenue/premier-paiement/ouvrir/")
        asked = the_request(firm)

        client.post(f"/demandes/{asked.id}/fermer/")

        assert the_request(firm).state == "closed"


class TestRulesOfTheTrade:
    def test_are_kept_with_each_decision_which_comes_out_the_same_again(self, world):
        firm = PayableFirm(world, trade=Trade.ELECTRICITY)
        firm.pay(firm.request(45_000))

        def decided():
            with acting_for(firm.id):
                return list(FraudDecision.objects.filter(stage="answered"))

        [row] = eventually(decided)
        with acting_for(firm.id):
            again = remake(row)

        assert row.trade == Trade.ELECTRICITY
        assert again.is_same

    def test_of_another_trade_are_signed(self):
        firm = Firm(trade=Trade.PLUMBING)
        signer = Signer(firm, role=Role.OWNER)
        signer.client.get("/fraude/")

        signer.client.post(
            "/fraude/choisir/", marked(preset=Preset.EQUILIBRE, trade=Trade.CONSULTING)
        )
        before = trade_of_vigilance(firm)
        page = signer.page_of(asked(firm))
        signer.sign(asked(firm))

        assert "plomberie, chauffage → conseil, formation" in page
        assert (before, trade_of_vigilance(firm)) == (Trade.PLUMBING, Trade.CONSULTING)

    def test_follow_the_firm_only_when_told_to(self):
        firm = Firm(trade=Trade.PLUMBING)
        client = signed_in(firm, proven=True)
        client.get("/fraude/")
        with acting_for(firm.id):
            Profile.objects.filter(organization_id=firm.id).update(trade=Trade.DIGITAL)

        page = client.get("/fraude/").content.decode()

        assert "Votre entreprise dit aujourd’hui\u202f: Informatique, web." in page
        assert trade_of_vigilance(firm) == Trade.PLUMBING


def trade_of_vigilance(firm) -> str:
    with acting_for(firm.id):
        return Vigilance.objects.get(organization_id=firm.id).trade
