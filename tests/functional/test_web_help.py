"""Help where one is: what a page is for, what a word means, what to do about an error."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from factories.payments import PayableFirm
from functional.axe import complaints
from functional.web_people import cookie_of, problem_of, signed_in

WHY = "À quoi sert cette page\u202f?"


@pytest.fixture(scope="module")
def firm(world, django_db_blocker):
    with django_db_blocker.unblock():
        return PayableFirm(world)


@pytest.fixture
def tab_of(world, chromium, firm):
    """Open a browser where the firm's owner is at work."""
    contexts = []
    url = world.url.replace("127.0.0.1", "localhost")

    def opened(**options):
        context = chromium.new_context(base_url=url, locale="fr-FR", **options)
        contexts.append(context)
        cookie = cookie_of(firm, world) | {"url": url}
        context.add_cookies([{name: cookie[name] for name in ("name", "value", "url")}])
        tab = context.new_page()
        tab.problems = []
        tab.on("console", lambda message: tab.problems.extend(problem_of(message)))
        return tab

    yield opened
    for context in contexts:
        context.close()


def reach(tab, locator) -> None:
    """Go to something with the keyboard alone."""
    for _stop in range(40):
        tab.keyboard.press("Tab")
        if locator.evaluate("found => found === document.activeElement"):
            return
    raise AssertionError("not reached by the keyboard")


class TestAPageExplainsItself:
    @pytest.mark.parametrize("script", [True, False])
    def test_opens_by_keyboard_and_moves_nothing(self, tab_of, script):
        tab = tab_of(java_script_enabled=script, viewport={"width": 390, "height": 844})
        tab.goto("/demandes/")
        title = tab.get_by_role("heading", level=1)
        before = title.bounding_box()
        question = tab.locator("summary", has=tab.locator("svg")).first
        expect(tab.get_by_text("derrière un lien que le client ouvre")).to_be_hidden()
        question.focus()
        tab.keyboard.press("Enter")

        expect(question).to_have_accessible_name(WHY)
        expect(tab.get_by_text("derrière un lien que le client ouvre")).to_be_visible()
        expect(tab.get_by_text("Exemple\u202f:")).to_be_visible()
        assert title.bounding_box() == before
        assert tab.problems == []

    def test_is_reached_by_tab_and_closed_by_escape(self, tab_of):
        tab = tab_of()
        tab.goto("/factures/")
        question = tab.locator(".why summary")
        reach(tab, question)
        tab.keyboard.press("Space")
        expect(tab.locator(".why-said")).to_be_visible()
        tab.keyboard.press("Escape")

        expect(tab.locator(".why-said")).to_be_hidden()

    def test_axe_finds_nothing_where_help_is_open(self, tab_of):
        tab = tab_of(service_workers="block")
        found = {}
        for path in ("/paiements/", "/", "/compte/activite/"):
            tab.goto(path)
            tab.locator(".why summary").click()
            found[path] = complaints(tab)
        tab.goto("/paiements/")
        tab.get_by_role("button", name="versement").click()
        found["word"] = complaints(tab)

        assert {name: said for name, said in found.items() if said} == {}

    def test_pages_of_oneself_have_it_too(self, firm):
        page = signed_in(firm, proven=True).get(reverse("mfa_index")).content.decode()

        assert WHY in page
        assert "pour ne jamais rester dehors" in page

    def test_who_is_not_signed_in_is_told_nothing_of_pages(self):
        page = Client().get(reverse("account_login")).content.decode()

        assert WHY not in page


class TestAWord:
    @pytest.mark.parametrize("script", [True, False])
    def test_its_meaning_opens_by_keyboard_and_is_read_by_its_name(self, tab_of, script):
        tab = tab_of(java_script_enabled=script)
        tab.goto("/paiements/")
        word = tab.get_by_role("button", name="versement")
        expect(tab.get_by_role("note")).to_have_count(0)
        word.focus()
        tab.keyboard.press("Enter")

        expect(word).to_have_accessible_name("versement\u202f: définition")
        meaning = tab.get_by_role("note", name="Versement")
        expect(meaning).to_be_visible()
        expect(meaning).to_contain_text("ses frais déjà déduits")
        tab.keyboard.press("Escape")
        expect(meaning).to_be_hidden()
        assert word.evaluate("found => found === document.activeElement")

    def test_leads_to_the_other_words(self, tab_of):
        tab = tab_of()
        tab.goto("/paiements/")
        tab.get_by_role("button", name="en route").click()
        tab.get_by_role("link", name="Les autres mots").click()

        expect(tab).to_have_url(re.compile("/aide/#mot-argent-en-route$"))
        expect(tab.get_by_role("heading", name="Argent en route")).to_be_in_viewport()


class TestTheHelpPage:
    def test_holds_nothing_of_anybody(self, firm):
        def content(client):
            page = client.get(reverse("help")).content.decode()
            return re.sub(r'nonce="[^"]+"', "", page)

        assert content(signed_in(firm)) == content(Client())

    @pytest.mark.parametrize("text", ["acompte", "ACOMPTE", "se faire payer un acompte"])
    def test_is_searched_by_the_server(self, text):
        page = Client().get(reverse("help"), {"q": text}).content.decode()

        assert "Une partie du prix" in page or "donnez-lui un acompte" in page
        assert 'id="toute-aide"' not in page

    def test_titles_come_first_without_accents(self, tab_of):
        tab = tab_of(java_script_enabled=False)
        tab.goto("/aide/")
        tab.get_by_label("Chercher dans l’aide").fill("preuve a trois")
        tab.get_by_role("button", name="Chercher").click()

        expect(tab.get_by_role("heading", level=3).first).to_have_text("Preuve à trois")

    def test_nothing_found_teaches_what_to_type(self):
        page = Client().get(reverse("help"), {"q": "<b>zzz"}).content.decode()

        assert "Rien sur ces mots" in page
        assert "le code écrit en petit" in page
        assert "<b>zzz" not in page

    def test_answers_while_one_types_as_the_server_would(self, tab_of):
        tab = tab_of()
        for text in ("preuve a trois", "comment rembourser", "virements", "invalid", "l’IBAN ?"):
            tab.goto(f"/aide/?q={text}")
            told = tab.get_by_role("heading", level=3).all_text_contents()
            tab.goto("/aide/")
            tab.keyboard.press("/")
            tab.keyboard.type(text)
            expect(tab.locator("#trouve-aide h3").first).to_have_text(told[0])

            assert tab.locator("#trouve-aide h3").all_text_contents() == told
            expect(tab.get_by_role("heading", name="Questions courantes")).to_be_hidden()
        assert tab.problems == []

    def test_says_while_one_types_that_there_is_nothing(self, tab_of):
        tab = tab_of()
        tab.goto("/aide/")
        tab.get_by_label("Chercher dans l’aide").fill("zzzz")
        expect(tab.get_by_text("Rien sur ces mots")).to_be_visible()
        tab.get_by_label("Chercher dans l’aide").fill("")

        expect(tab.get_by_text("Rien sur ces mots")).to_be_hidden()
        expect(tab.get_by_role("heading", name="Questions courantes")).to_be_visible()

    def test_the_palette_leads_to_it(self, tab_of):
        tab = tab_of()
        tab.goto("/devis/")
        tab.keyboard.press("/")
        tab.keyboard.type("conteste un paiement")
        tab.locator("#trouve .hit", has_text="Aide").click()

        expect(tab.get_by_role("heading", level=3).first).to_have_text(
            "Un client conteste un paiement"
        )

    def test_the_frame_leads_to_it(self, tab_of):
        tab = tab_of(viewport={"width": 1440, "height": 900})
        tab.goto("/devis/")
        tab.get_by_role("navigation").get_by_role("link", name="Aide", exact=True).click()

        expect(tab.get_by_role("heading", level=1)).to_have_text("Aide")


class TestWithoutANetwork:
    def test_it_is_read_and_searched(self, tab_of):
        tab = tab_of()
        tab.goto("/devis/")
        tab.evaluate("navigator.serviceWorker.ready.then(() => true)")
        tab.wait_for_function("caches.match('/aide/').then(Boolean)")
        tab.reload()
        tab.context.set_offline(True)
        tab.goto("/factures/")
        tab.get_by_role("link", name="aide", exact=True).click()
        expect(tab.get_by_role("heading", name="Questions courantes")).to_be_visible()
        tab.get_by_label("Chercher dans l’aide").fill("preuve a trois")
        expect(tab.locator("#trouve-aide h3").first).to_have_text("Preuve à trois")
        tab.keyboard.press("Enter")
        tab.wait_for_url("**/aide/?q=*")

        expect(tab.locator("#trouve-aide h3").first).to_have_text("Preuve à trois")
        columns = tab.locator(".helping").evaluate("found => getComputedStyle(found).maxWidth")
        assert columns == "960px"  # its styles came along


class TestAnError:
    def test_a_page_that_says_no_leads_to_what_to_do(self, tab_of):
        tab = tab_of()
        tab.goto("/clients/00000000-0000-4000-8000-000000000000/")
        tab.get_by_role("link", name="Que faire").click()

        expect(tab.get_by_text("Code\u202f: not_found")).to_be_visible()
        expect(tab.get_by_text("que vous êtes dans la bonne entreprise")).to_be_visible()

    def test_a_refused_value_leads_there_and_keeps_what_was_typed(self, tab_of):
        tab = tab_of()
        tab.goto("/demandes/nouvelle/")
        tab.get_by_label("Pour quoi").fill("Chauffe-eau")
        tab.get_by_label("Montant").fill("beaucoup")
        tab.get_by_role("button", name="Créer le lien de paiement").click()
        with tab.expect_popup() as opened:
            tab.get_by_role("link", name="Que faire").click()

        expect(opened.value.get_by_role("heading", level=3).first).to_contain_text(
            "n’est pas un montant valable"
        )
        expect(tab.get_by_label("Pour quoi")).to_have_value("Chauffe-eau")
