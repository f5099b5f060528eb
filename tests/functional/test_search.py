"""One field finds customers, quotes, invoices, payments and bank lines, and leads to them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import expect

from encaisse.counterparties.services import CustomerDraft, create_customer
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Permission, Role, allows
from encaisse.reporting.search.finding import Book, search
from encaisse.reporting.search.terms import read_terms
from encaisse.treasury.models import BankTransaction
from factories.invoicing import make_invoice, make_sent_quote
from factories.payments import PayableFirm
from factories.treasury import import_bank_days, transfer_to
from functional.web_people import cookie_of, problem_of, signed_in
from plugins.world import eventually


@pytest.fixture(scope="module")
def firm(world, django_db_blocker):
    """A firm with one of each thing."""
    with django_db_blocker.unblock():
        firm = PayableFirm(world)
        firm.other = create_customer(
            organization_id=firm.id,
            actor=firm.actor,
            draft=CustomerDraft(name="Hélène Übersfeld", email="helene@uber.example"),
            now=business_now(),
        )
        firm.quote = make_sent_quote(firm, subject="Rénovation de l’évier")
        firm.invoice = make_invoice(firm)
        firm.asked = firm.request(77_700, description="Dépannage du bâtiment")
        firm.pay(firm.asked)
        eventually(lambda: captured_of(firm))
        transfer_to(firm, 12_345, "Loyer de décembre")
        import_bank_days(firm)
        return firm


def captured_of(firm):
    with acting_for(firm.id):
        return firm.asked.intents.filter(captured_at__isnull=False).first()


def found(firm, text, role=Role.OWNER):
    with acting_for(firm.id):
        return search(organization_id=firm.id, role=role, terms=read_terms(text))


def ids(firm, text, book):
    return [hit.id for hit in found(firm, text).get(book, [])]


class TestFinds:
    @pytest.mark.parametrize("text", ["helene", "ÜBERSFELD", "hélène u", "helene@uber"])
    def test_a_customer_by_name_or_address(self, firm, text):
        assert ids(firm, text, Book.CUSTOMERS) == [firm.other.id]

    def test_all_that_is_about_a_customer(self, firm):
        hits = found(firm, "camille leroy")

        assert set(hits) >= {Book.CUSTOMERS, Book.QUOTES, Book.INVOICES, Book.PAYMENTS}

    def test_a_quote_by_its_subject_without_accents(self, firm):
        assert ids(firm, "evier", Book.QUOTES) == [firm.quote.id]

    def test_a_quote_and_an_invoice_by_number_or_its_end(self, firm):
        number = firm.invoice.number

        assert ids(firm, number, Book.INVOICES) == [firm.invoice.id]
        assert firm.invoice.id in ids(firm, number[-4:], Book.INVOICES)
        assert firm.quote.id in ids(firm, firm.quote.document.number.lower(), Book.QUOTES)

    def test_a_payment_by_its_amount(self, firm):
        assert ids(firm, "777,00 €", Book.PAYMENTS) == [captured_of(firm).id]

    def test_a_request_by_its_reference(self, firm):
        assert ids(firm, firm.asked.creditor_reference, Book.REQUESTS) == [firm.asked.id]

    @pytest.mark.parametrize("text", ["123,45", "loyer de decembre"])
    def test_a_line_of_the_bank_by_amount_or_words(self, firm, text):
        with acting_for(firm.id):
            line = BankTransaction.objects.get(amount_minor=12_345)

        assert line.id in ids(firm, text, Book.BANK)


class TestKeepsToItsPlace:
    def test_finds_nothing_of_another_firm(self, firm, world):
        other = PayableFirm(world)

        assert found(other, "ubersfeld") == {}
        assert found(other, firm.invoice.number) == {}

    @pytest.mark.parametrize("role", Role)
    def test_shows_each_role_what_it_may_read(self, firm, role):
        texts = ["123,45", "camille leroy", "777", firm.invoice.number]
        books = {book for text in texts for book in found(firm, text, role)}
        rights = {
            Book.BANK: Permission.BANK_READ, Book.CUSTOMERS: Permission.CUSTOMERS_READ,
            Book.QUOTES: Permission.QUOTES_READ, Book.INVOICES: Permission.INVOICES_READ,
            Book.PAYMENTS: Permission.PAYMENTS_READ, Book.REQUESTS: Permission.PAYMENTS_READ,
        }  # fmt: skip

        assert books == {book for book, right in rights.items() if allows(role, right)}

    @pytest.mark.parametrize("text", ["%", "_", "'; drop table", "\\", "((", "*", "🙂", "\u202e"])
    def test_reads_signs_as_signs(self, firm, text):
        assert found(firm, text * 2) == {}

    def test_asks_the_database_as_often_whatever_it_finds(self, firm):
        def asked(text):
            with CaptureQueriesContext(connection) as queries:
                found(firm, text)
            return len(queries)

        assert asked("camille leroy") <= 20
        assert abs(asked("camille leroy") - asked("zzzz")) <= 6


class TestThePage:
    def test_leads_to_pages_and_creations_too(self, firm):
        page = signed_in(firm).get("/chercher/", {"q": "devis"}).content.decode()

        assert 'href="/devis/nouveau/"' in page
        assert 'href="/devis/"' in page

    def test_says_what_may_be_searched_when_nothing_is_found(self, firm):
        page = signed_in(firm).get("/chercher/", {"q": "<b>zzz</b>"}).content.decode()

        assert "Rien ne porte" in page
        assert "<b>zzz" not in page

    def test_goes_through_what_is_found_by_keyboard_alone(self, chromium, world, firm):
        context = chromium.new_context(base_url=world.url)
        context.add_cookies([cookie_of(firm, world)])
        tab, problems = context.new_page(), []
        tab.on("console", lambda message: problems.extend(problem_of(message)))
        tab.goto("/devis/")
        tab.keyboard.press("/")
        tab.keyboard.type("evier")
        expect(tab.locator("#trouve .hit")).to_have_count(1)
        tab.keyboard.press("Escape")
        expect(tab.locator("#trouve .hit")).to_have_count(0)
        tab.keyboard.press("Control+k")
        tab.keyboard.type("ubersfeld")
        expect(tab.locator("#trouve .hit")).to_have_count(1)
        tab.keyboard.press("ArrowDown")
        tab.keyboard.press("Enter")

        expect(tab.get_by_role("heading", level=1)).to_have_text("Hélène Übersfeld")
        assert problems == []
        context.close()
