"""The dashboard finished: ordered by each person, every figure leads to its rows, kept as files."""

import csv
import io
import re
from contextlib import contextmanager
from uuid import uuid4

import pikepdf
import pytest
from django.urls import reverse
from playwright.sync_api import expect

from encaisse.kit.clock import business_now, paris_date
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Role
from encaisse.reporting.boards import Block, blocks_of
from encaisse.reporting.core import last_days
from encaisse.reporting.queries import summary
from encaisse.web.live import UNATTENDED
from factories.payments import PayableFirm
from functional.asking import card_payment
from functional.web_people import cookie_of, problem_of, signed_in
from plugins.world import eventually

REFUSED_CARD = "4000000000009995"


@pytest.fixture(scope="module")
def firm(world, django_db_blocker):
    """A firm with two payments and one refusal."""
    with django_db_blocker.unblock():
        firm = PayableFirm(world)
        card_payment(firm, 12_000)
        firm.pay(firm.request(7_000))
        firm.pay(firm.request(5_000), REFUSED_CARD)
        eventually(lambda: (totals(firm).captured_count, totals(firm).refused_count) == (2, 1))
        return firm


def totals(firm):
    with acting_for(firm.id):
        period = last_days(30, until=paris_date(business_now()))
        return summary(organization_id=firm.id, period=period)


def blocks_posted(client, *names):
    places = {block.value: "0" for block in Block}
    places |= {name: str(place) for place, name in enumerate(names, 1)}
    return client.post(reverse("dashboard_blocks"), places)


def headings(page: str) -> list[str]:
    return re.findall(r"<h2[^>]*>([^<]+)</h2>", page)


class TestBlocks:
    def test_are_all_there_until_somebody_chooses(self, firm):
        with acting_for(firm.id):
            assert list(blocks_of(organization_id=firm.id, user_id=firm.owner.id)) == list(Block)

    def test_are_shown_in_the_order_each_person_chose(self, firm):
        mine, other = signed_in(firm, Role.MANAGER), signed_in(firm, Role.ACCOUNTANT)
        assert blocks_posted(mine, "delays", "received").status_code == 302

        page = mine.get(reverse("dashboard")).content.decode()

        assert headings(page) == ["Le temps que met l’argent", "Ce que vos clients ont payé"]
        assert len(headings(other.get(reverse("dashboard")).content.decode())) > 3

    def test_are_never_all_hidden(self, firm):
        answer = blocks_posted(signed_in(firm, Role.MANAGER))

        assert answer.status_code == 422
        assert "gardez au moins un bloc" in answer.content.decode()


class TestProofs:
    def test_each_figure_leads_to_as_many_rows_as_it_counts(self, firm):
        client = signed_in(firm)
        page = client.get(reverse("dashboard")).content.decode()
        links = {
            name: re.search(rf'<a href="([^"]+)">{name}</a>', page)[1].replace("&amp;", "&")
            for name in ("Paiements reçus", "Essais refusés", "Provision insuffisante")
        }
        rows = {
            name: client.get(url).content.decode().count('class="row-link"')
            for name, url in links.items()
        }

        assert rows == {"Paiements reçus": 2, "Essais refusés": 1, "Provision insuffisante": 1}

    def test_are_of_the_days_asked_only(self, firm):
        page = signed_in(firm).get("/paiements/?du=2020-01-01&au=2020-01-31&etat=captured")

        assert "Aucun paiement ici" in page.content.decode()

    def test_of_days_that_make_no_period_are_refused_in_words(self, firm):
        answer = signed_in(firm).get("/paiements/?du=2026-02-31")

        assert answer.status_code == 422
        assert "period_invalid" in answer.content.decode()


class TestFiles:
    def test_the_table_adds_up_to_the_page(self, firm):
        answer = signed_in(firm).get(reverse("dashboard_csv"))
        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
        taken = [row for row in rows if row["Quoi"] == "Encaissé"]

        assert sum(int(row["Nombre"]) for row in taken) == totals(firm).captured_count
        cents = sum(round(float(row["Total"].replace(",", ".")) * 100) for row in taken)
        assert cents == totals(firm).captured_minor
        assert {row["Détail"] for row in rows if row["Quoi"] == "Essai refusé"} == {
            "provision insuffisante"
        }

    def test_the_pdf_is_archivable_and_names_the_firm(self, firm):
        answer = signed_in(firm).get(reverse("dashboard_pdf"))
        document = pikepdf.open(io.BytesIO(answer.content))

        assert answer["Content-Type"] == "application/pdf"
        assert "encaissés" in str(document.docinfo.get("/Title", ""))
        assert len(document.pages) >= 1

    @pytest.mark.parametrize("route", ["dashboard_csv", "dashboard_pdf"])
    def test_a_period_that_is_none_is_refused_in_words(self, firm, route):
        answer = signed_in(firm).get(reverse(route), {"du": "2026-13-01"})

        assert answer.status_code == 422


@contextmanager
def looked_at(firm, chromium, path):
    """Open a page of the firm in a browser, and see that it complains of nothing."""
    context = chromium.new_context(base_url=firm.world.url)
    context.add_cookies([cookie_of(firm, firm.world)])
    tab, problems = context.new_page(), []
    tab.on("console", lambda message: problems.extend(problem_of(message)))
    tab.goto(path)
    yield tab
    assert problems == []
    context.close()


class TestFollowing:
    def test_the_list_shows_a_payment_while_it_is_looked_at(self, world, chromium):
        firm = PayableFirm(world)
        with looked_at(firm, chromium, "/paiements/") as tab:
            expect(tab.get_by_text("Aucun paiement pour l’instant")).to_be_visible()
            firm.pay(firm.request(31_415))

            expect(tab.get_by_text("314,15")).to_be_visible(timeout=40_000)

    def test_today_says_what_just_arrived_and_keeps_the_figures_of_then(self, world, chromium):
        firm = PayableFirm(world)
        with looked_at(firm, chromium, "/") as tab:
            expect(tab.locator(".figs")).not_to_contain_text("141,42")
            firm.pay(firm.request(14_142))

            expect(tab.locator(".figs")).to_contain_text("141,42", timeout=40_000)
            tab.get_by_role("button", name="Garder ces chiffres hors ligne").click()
            expect(tab.get_by_role("button", name="Ne plus garder ces chiffres")).to_be_visible()
            kept = tab.evaluate(
                "(address) => caches.match(address).then((answer) => answer && answer.text())",
                f"/hors-ligne/chiffres/{firm.id}",
            )
            assert "141,42" in kept

    def test_survives_a_server_that_does_not_answer_for_a_while(self, world, chromium):
        firm = PayableFirm(world)
        context = chromium.new_context(base_url=world.url)
        context.add_cookies([cookie_of(firm, world)])
        tab = context.new_page()
        tab.goto("/paiements/")
        context.set_offline(True)
        tab.wait_for_timeout(6_000)
        firm.pay(firm.request(27_182))
        context.set_offline(False)

        expect(tab.get_by_text("271,82")).to_be_visible(timeout=40_000)
        context.close()

    @pytest.mark.parametrize("path", ["/", "/paiements/"])
    def test_a_page_of_a_firm_one_has_left_for_another_is_asked_for_again_whole(self, firm, path):
        asking = {"HX-Request": "true", UNATTENDED: str(uuid4())}

        answer = signed_in(firm).get(path, {"vu": "x"}, headers=asking)

        assert (answer.status_code, answer["HX-Refresh"]) == (204, "true")
        assert not answer.content

    @pytest.mark.parametrize("path", ["/", "/paiements/"])
    def test_a_page_that_shows_the_latest_is_answered_with_nothing(self, firm, path):
        client = signed_in(firm)
        mark = re.search(r"vu=([0-9a-f]{16})", client.get(path).content.decode())[1]

        same = client.get(path, {"vu": mark}, headers={"HX-Request": "true"})
        other = client.get(path, {"vu": "x"}, headers={"HX-Request": "true"})

        assert (same.status_code, same.content) == (204, b"")
        assert other.status_code == 200
