"""Whoever reads English reads nothing else: pages, mails, papers, until the very last one."""

import re
from collections import Counter
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from encaisse.counterparties.queries import customer
from encaisse.fraud.queries import waiting_cases
from encaisse.invoicing.models import DocumentFile, Invoice
from encaisse.invoicing.services.invoices import credit_invoice
from encaisse.invoicing.services.quotes import quote_token, withdraw_from_quote
from encaisse.kernel.language import Language
from encaisse.kernel.money import Money
from encaisse.kit.clock import business_now, paris_date
from encaisse.kit.tenancy import acting_for
from encaisse.payments.services.held import refuse
from encaisse.payments.services.refunds import request_refund
from encaisse.payments.services.requests import link_token
from factories.invoicing import LINES, make_accepted_quote, make_invoice, make_sent_quote
from factories.payments import CHALLENGE_CARD, NO_PROOF_CARD
from functional.notified import NotifiedFirm, is_paid, raw, the_intent, the_request
from functional.web_people import signed_in
from plugins.world import eventually
from unit.invoicing.documents import page_texts
from unit.invoicing.test_english_documents import english_amounts, french_amounts
from unit.notifications.test_mail_words import FRENCH_WORDS

LINES_TYPED = [line.label for line in LINES]
BROWSER = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
WIDTHS = {"telephone": (390, 844), "desk": (1440, 900)}


class EnglishCustomersFirm(NotifiedFirm):
    """A firm whose customer reads English, and whose own words hold no French one."""

    def __init__(self, world, **values: object) -> None:
        super().__init__(world, **values)
        self.rename_customer(name="Alice Smith", email=self.customer_email, language="en")

    def mail_in_english(self, words: str) -> dict:
        """Wait for a mail to the customer, in which nothing of ours is French."""
        mail = self.mail(self.customer_email, words)
        said = f"{mail['subject']}\n{mail['text']}"
        typed = (self.name, "Remplacement du ballon", "Remplacement du chauffe-eau", "Dépannage")
        for text in typed:
            said = said.replace(text, "")
        assert FRENCH_WORDS.findall(said) == []
        assert '<html lang="en">' in mail["html"]
        return mail

    def attached(self, mail: dict) -> dict[str, str]:
        """What the attachments of a mail say, by name."""
        return {
            part.get_filename(): text_of(part.get_content())
            for part in raw(self, mail).iter_attachments()
        }


def text_of(pdf: bytes) -> str:
    assert pdf.startswith(b"%PDF-")
    return "\n".join(page_texts(pdf)).replace("\u200b", "")


def without_capital(text: str) -> str:
    """The capital is said as the register says it, in both languages."""
    return re.sub(r"au capital de [\d\u202f,]+", "", text)


def assert_same_amounts(french: str, english: str) -> None:
    found = french_amounts(without_capital(french))
    assert sum(found.values()) > 3
    assert english_amounts(english) == found


def language_of(firm) -> str:
    with acting_for(firm.id):
        return customer(organization_id=firm.id, customer_id=firm.customer.id).language


@pytest.fixture
def firm(world):
    return EnglishCustomersFirm(world)


class TestMails:
    def test_a_quote_leads_to_a_page_in_english(self, firm):
        quote = make_sent_quote(firm)

        mail = firm.mail_in_english("Quote")

        day = Language.ENGLISH.day(quote.valid_until)
        assert f"Valid until: {day}" in mail["text"]
        link = next(line for line in mail["text"].splitlines() if "/q/" in line)
        assert link == f"{firm.world.url}/q/{quote_token(quote)}?lang=en"
        page = Client(headers={"accept-language": "fr"}).get(link.removeprefix(firm.world.url))
        assert '<html lang="en">' in page.content.decode()

    def test_an_invoice_comes_in_english_with_its_french_original(self, firm):
        invoice = make_invoice(firm)

        mail = firm.mail_in_english("Invoice")

        number = invoice.number
        assert mail["attachments"] == [f"Invoice-{number}.pdf", f"{number}.pdf"]
        english, french = firm.attached(mail).values()
        assert f"Invoice\n{number}" in english
        assert f"Facture\n{number}" in french
        assert_same_amounts(french, english)
        assert f"/p/{link_token(the_request(firm))}?lang=en" in mail["text"]

    def test_a_deposit_its_receipt_and_its_invoice(self, firm):
        quote = make_accepted_quote(firm)
        firm.pay(the_request(firm))

        receipt = firm.mail_in_english("Your payment")
        mail = firm.mail_in_english("Deposit invoice")

        assert re.search(r"Amount: €[\d,]+\.\d\d\nDate: \d+ [A-Z][a-z]+ \d{4}\n", receipt["text"])
        with acting_for(firm.id):
            number = Invoice.objects.get(quote_id=quote.id).number
        assert list(firm.attached(mail)) == [f"Deposit-invoice-{number}.pdf", f"{number}.pdf"]
        english, french = firm.attached(mail).values()
        assert_same_amounts(french, english)
        assert f"For: Deposit, quote {quote.document.number}" in receipt["text"]
        assert f"Deposit on quote {quote.document.number}\n1\u00a0lump sum" in english
        assert f"Acompte sur devis {quote.document.number}\n1\u00a0forfait" in french

    def test_a_credit_note(self, firm):
        invoice = make_invoice(firm)
        credit = credit_invoice(
            organization_id=firm.id, actor=firm.actor, invoice_id=invoice.id, now=business_now()
        )

        mail = firm.mail_in_english("Credit note")

        assert f"cancels invoice {invoice.number}" in mail["text"]
        assert mail["attachments"] == [f"Credit-note-{credit.number}.pdf", f"{credit.number}.pdf"]
        english, french = firm.attached(mail).values()
        assert f"Cancels invoice {invoice.number}" in english
        assert_same_amounts(french, english)

    def test_a_refund(self, firm):
        firm.pay(firm.request(123_456))
        eventually(lambda: is_paid(firm))
        request_refund(
            organization_id=firm.id, actor=firm.actor, intent_id=the_intent(firm).id,
            amount=Money(104_000), reason="", now=business_now(),
        )  # fmt: skip

        assert "Amount: €1,040.00" in firm.mail_in_english("refunds you")["text"]

    def test_a_withdrawal(self, firm):
        quote = make_accepted_quote(firm)
        withdraw_from_quote(organization_id=firm.id, quote_id=quote.id, now=business_now())

        said = firm.mail_in_english("your withdrawal")["text"]

        today = Language.ENGLISH.day(paris_date(business_now()))
        assert f"Received on: {today} at " in said

    def test_a_payment_held_then_not_taken(self, firm):
        firm.pay(firm.request(20_000), NO_PROOF_CARD)

        held = firm.mail_in_english("is checking your payment")
        with acting_for(firm.id):
            case = eventually(lambda: waiting_cases(organization_id=firm.id).first())
        refuse(
            organization_id=firm.id, actor=firm.actor, case_id=case.id, is_fraud=False,
            now=business_now(),
        )  # fmt: skip

        assert "Amount: €200.00" in held["text"]
        assert "Nothing was charged" in firm.mail_in_english("was not taken")["text"]

    def test_a_firm_without_vat_says_so_in_both_languages(self, world):
        firm = NotifiedFirm(world, is_vat_franchise=True)
        firm.rename_customer(name="Alice Smith", email=firm.customer_email, language="en")
        firm.pay(firm.request())

        said = firm.mail(firm.customer_email, "Your payment")["text"]

        assert "VAT not applicable, article 293 B of the French tax code (TVA non" in said


class TestPages:
    def test_the_quote_and_its_pdf(self, firm):
        quote = make_sent_quote(firm)
        client, token = Client(headers={"accept-language": "en"}), quote_token(quote)

        page = client.get(reverse("payer_quote", args=[token])).content.decode()
        english = client.get(reverse("payer_quote_document", args=[token]))
        original = client.get(reverse("payer_quote_document", args=[token]) + "?original")

        assert "VAT 5.5%" in page
        assert "6.5 h × €48.00" in page
        assert "taken off the invoice afterwards" in page
        assert '<span lang="fr">La somme demandée à l’acceptation est un acompte' in page
        assert f'filename="Quote-{quote.document.number}.pdf"' in english["Content-Disposition"]
        assert f'filename="{quote.document.number}.pdf"' in original["Content-Disposition"]
        assert_same_amounts(text_of(original.content), text_of(english.content))

    def test_a_french_reader_is_offered_no_translation(self, firm):
        token = quote_token(make_sent_quote(firm))

        page = Client(headers={"accept-language": "fr"}).get(reverse("payer_quote", args=[token]))

        assert "?original" not in page.content.decode()
        assert "TVA 5,5\u00a0%" in page.content.decode()

    def test_the_invoice_is_printed_in_the_language_of_its_page(self, firm):
        make_invoice(firm)
        address = reverse("payer_document", args=[link_token(the_request(firm))])

        english = Client(headers={"accept-language": "en"}).get(address)
        french = Client(headers={"accept-language": "fr"}).get(address)

        assert "Amount due" in text_of(english.content)
        assert "Reste à payer" in text_of(french.content)
        with acting_for(firm.id):
            kept = Counter(DocumentFile.objects.values_list("language", flat=True))
        assert kept == {"en": 1, "fr": 1}

    @pytest.mark.parametrize(
        ("verb", "typed", "said"),
        [
            ("accept", {"name": " ", "sha256": "x"}, "Write your first and last name"),
            ("accept", {"name": "Alice Smith", "sha256": "x"}, "is not the one on record"),
            ("refuse", {"word": "x" * 501}, "Your word is too long"),
        ],
    )
    def test_what_was_typed_wrong_is_said_in_english(self, firm, verb, typed, said):
        token = quote_token(make_sent_quote(firm))

        answer = Client(headers={"accept-language": "en"}).post(
            reverse(f"payer_quote_{verb}", args=[token]), typed
        )

        assert said in answer.content.decode()
        assert "Votre" not in answer.content.decode()

    def test_a_payment_asked_too_early_says_the_day_in_english(self, firm):
        opens = paris_date(business_now()) + timedelta(days=7)
        request = firm.request(not_before_date=opens)

        answer = Client(headers={"accept-language": "en"}).post(
            reverse("payer_pay", args=[link_token(request)]), {"method": "card"}
        )

        assert f"cannot lawfully be paid before {Language.ENGLISH.day(opens)}" in (
            answer.content.decode()
        )

    @pytest.mark.parametrize(
        ("language", "said"),
        [("en", "The page was open for too long"), ("fr", "La page était ouverte")],
    )
    def test_a_page_open_for_too_long_says_so_in_its_language(self, firm, language, said):
        start = reverse("payer_payment", args=[link_token(firm.request())])

        answer = Client(enforce_csrf_checks=True, headers={"accept-language": language}).post(
            f"{start}/pay", {"method": "card"}
        )

        assert answer.status_code == 403
        assert said in answer.content.decode()
        assert f'href="{start}"' in answer.content.decode()

    @pytest.mark.parametrize("address", ["/p/x/y/z", "/q/x/y/z", "/preuves/x/y/z"])
    def test_nothing_at_an_address_is_said_in_english(self, address):
        answer = Client(headers={"accept-language": "en"}).get(address)

        assert answer.status_code == 404
        assert "no longer valid" in answer.content.decode()


class TestTheChoice:
    def test_goes_to_the_provider_and_comes_back_without_any_cookie(self, firm):
        request = firm.request()
        address = reverse("payer_pay", args=[link_token(request)]) + "?lang=en"

        checkout = Client(headers={"accept-language": "fr"}).post(address, {"method": "card"})
        provider_id = next(p for p in checkout["Location"].split("/") if p.startswith("pay_"))
        paid = firm.world.control(
            f"/payments/{provider_id}/pay", {"card_number": CHALLENGE_CARD, "otp": "auto"}
        )
        back = paid["return_url"].removeprefix(firm.world.url)
        elsewhere = Client(headers={"accept-language": "fr"})
        page = elsewhere.get(back, follow=True).content.decode()

        assert "?lang=en" in back
        assert '<html lang="en">' in page

    def test_of_whoever_pays_by_transfer_is_kept_once_they_made_it(self, firm):
        firm.rename_customer(name="Alice Smith", email=firm.customer_email, language="fr")
        address = reverse("payer_transfer", args=[link_token(firm.request())])

        Client(headers=BROWSER | {"accept-language": "en"}).get(address)
        assert language_of(firm) == "fr"

        Client(headers=BROWSER).get(f"{address}?lang=en")
        assert language_of(firm) == "en"

    @pytest.mark.parametrize("agent", [BROWSER["user-agent"], "Barracuda Sentinel scanner"])
    def test_is_the_payer_s_and_nobody_else_s(self, firm, agent):
        firm.rename_customer(name="Alice Smith", email=firm.customer_email, language="fr")
        reader = Client() if "scanner" in agent else signed_in(firm)
        address = reverse("payer_transfer", args=[link_token(firm.request())])

        page = reader.get(f"{address}?lang=en", headers={"User-Agent": agent})

        assert '<html lang="en">' in page.content.decode()
        assert language_of(firm) == "fr"


class TestTheFirm:
    def test_has_the_french_one_and_is_offered_the_english_one(self, firm):
        invoice, quote = make_invoice(firm), make_sent_quote(firm)
        client = signed_in(firm)

        for name, row, title in (("invoice", invoice, "Invoice"), ("quote", quote, "Quote")):
            page = client.get(reverse(name, args=[row.id])).content.decode()
            address = reverse(f"{name}_pdf", args=[row.id])
            assert f'href="{address}?langue=en">PDF en anglais' in page
            assert f"{title}\n" not in text_of(client.get(address).content)
            assert f"{title}\n" in text_of(client.get(f"{address}?langue=en").content)

    def test_is_not_offered_what_no_customer_needs(self, world):
        firm = NotifiedFirm(world)
        invoice = make_invoice(firm)

        page = signed_in(firm).get(reverse("invoice", args=[invoice.id])).content.decode()

        assert "PDF en anglais" not in page


def type_card(page, number: str) -> None:
    page.locator("#number").press_sequentially(number)
    page.locator("#expiry").press_sequentially("1239")
    page.fill("#cvc", "737")
    page.fill("#name", "Alice Smith")
    page.click("button.main")


def french_left(page, firm) -> list[str]:
    """Find French words on a page, save those the firm typed and those that are quoted as such."""
    assert page.evaluate("document.documentElement.lang") == "en"
    seen = page.evaluate("""() => {
        const copy = document.body.cloneNode(true);
        copy.querySelectorAll("[lang=fr], script, noscript").forEach((one) => one.remove());
        return copy.textContent;
    }""")
    typed = (firm.name, "Banque du Client", "Remplacement du chauffe-eau", *LINES_TYPED)
    for text in typed:
        seen = seen.replace(text, "")
    return FRENCH_WORDS.findall(seen)


@pytest.mark.parametrize("screen", sorted(WIDTHS))
def test_from_the_quote_to_the_invoice_nothing_is_in_french(chromium, firm, screen):
    width, height = WIDTHS[screen]
    make_sent_quote(firm)
    link = next(x for x in firm.mail_in_english("Quote")["text"].splitlines() if "/q/" in x)
    context = chromium.new_context(
        locale="fr-FR", viewport={"width": width, "height": height}, service_workers="block"
    )
    page = context.new_page()

    page.goto(link)
    assert french_left(page, firm) == []
    page.fill("#name", "Alice Smith")
    page.click("button.main")
    page.wait_for_selector("text=Quote accepted")
    assert french_left(page, firm) == []
    page.click("text=Pay the deposit of €")
    page.wait_for_selector("text=Choose how to pay")
    assert french_left(page, firm) == []
    page.click("button[value=card]")
    page.wait_for_selector("#number")
    assert french_left(page, firm) == []
    type_card(page, CHALLENGE_CARD)
    page.wait_for_url("**/3ds/*")
    assert french_left(page, firm) == []
    page.fill("#code", firm.world.sandbox.newest_code())
    page.click("button.main")
    page.wait_for_selector("h2:text-is('Paid')")
    assert french_left(page, firm) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
    firm.mail_in_english("Your payment")
    english, french = firm.attached(firm.mail_in_english("Deposit invoice")).values()
    assert "Amount due\n€0.00" in english
    assert_same_amounts(french, english)
