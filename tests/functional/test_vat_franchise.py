"""A firm that charges no VAT: what it may type, what it prints, what it posts."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from encaisse.invoicing.core.amounts import VatRate
from encaisse.invoicing.core.states import AgreementPlace, InvoiceState
from encaisse.invoicing.errors import VatNotApplicable
from encaisse.invoicing.models import Invoice
from encaisse.invoicing.services.documents import read_lines
from encaisse.invoicing.services.quotes import quote_token, withdraw_from_quote
from encaisse.kernel.errors import Invalid
from encaisse.kit.clock import business_now, paris_date
from encaisse.kit.files import read_file
from encaisse.kit.tenancy import acting_for
from encaisse.ledger.queries import balance
from encaisse.notifications.documents import invoice_pdf, quote_pdf
from encaisse.organizations.queries import profile
from encaisse.organizations.services import update_profile
from encaisse.payments.queries import requests_about
from factories.invoicing import (
    LINES,
    invoice_of,
    make_accepted_quote,
    make_invoice,
    make_sent_quote,
)
from factories.organizations import Firm, make_profile_draft
from factories.payments import PayableFirm
from functional.web_people import signed_in
from plugins.world import eventually
from unit.invoicing.documents import page_texts

MENTION = "TVA non applicable, art. 293 B du CGI"
FREE_OF_VAT = tuple(replace(line, rate=VatRate.ZERO) for line in LINES)


@pytest.fixture
def firm(world):
    return PayableFirm(world, is_vat_franchise=True)


def printed(firm, file_id):
    with acting_for(firm.id):
        content = read_file(organization_id=firm.id, file_id=file_id)[1]
    # Lines break where names are long: what is looked for may go on to the next one. Readers of PDF
    # now and then find a space without width between two letters, which no eye sees.
    return " ".join(" ".join(page_texts(content)).replace("\u200b", "").split())


def mails(firm):
    return firm.world.control("/mail?to=camille@example.test", method="GET")["data"]


def deposit_of(firm, quote):
    with acting_for(firm.id):
        return requests_about(
            organization_id=firm.id, reference_kind="quote", reference_id=quote.id
        ).get()


def paid_deposit(firm, quote):
    firm.pay(deposit_of(firm, quote))

    def issued():
        with acting_for(firm.id):
            rows = Invoice.objects.select_related("document")
            return rows.filter(quote_id=quote.id, kind="deposit").first()

    return eventually(issued)


class TestWhatIsPrinted:
    def test_quote_invoices_and_receipt_say_it(self, firm):
        quote = make_accepted_quote(firm, lines=FREE_OF_VAT)
        deposit = paid_deposit(firm, quote)
        final = invoice_of(firm, quote)

        now = business_now()
        texts = [
            printed(firm, quote_pdf(organization_id=firm.id, quote=quote, now=now)),
            printed(firm, invoice_pdf(organization_id=firm.id, invoice=deposit, now=now)),
            printed(firm, invoice_pdf(organization_id=firm.id, invoice=final, now=now)),
            Client().get(reverse("payer_quote", args=[quote_token(quote)])).content.decode(),
        ]

        assert [MENTION in text for text in texts] == [True] * 4
        assert "FR" not in re.findall(r"TVA\u00a0FR\d+", texts[2])
        eventually(lambda: [m for m in mails(firm) if MENTION in m["text"] and "reçu" in m["text"]])

    def test_a_firm_that_charges_vat_does_not(self, world):
        firm = PayableFirm(world)

        invoice = make_invoice(firm)

        file_id = invoice_pdf(organization_id=firm.id, invoice=invoice, now=business_now())
        assert MENTION not in printed(firm, file_id)

    def test_no_vat_is_ever_due_and_a_withdrawal_undoes_everything(self, firm):
        quote = make_accepted_quote(
            firm, lines=FREE_OF_VAT, agreement_place=AgreementPlace.DISTANCE
        )
        deposit = paid_deposit(firm, quote)

        withdraw_from_quote(organization_id=firm.id, quote_id=quote.id, now=business_now())

        with acting_for(firm.id):
            vat = balance(organization_id=firm.id, account_prefix="445").minor
            credited = Invoice.objects.get(id=deposit.id)
        assert vat == 0
        assert credited.state == InvoiceState.CREDITED


class TestWhatIsTyped:
    @pytest.mark.parametrize("name", ["quote_new", "invoice_new"])
    def test_only_zero_is_offered(self, firm, name):
        page = signed_in(firm).get(reverse(name)).content.decode()

        rates = page.split('name="lines-0-rate"')[1].split("</select>")[0]
        assert re.findall(r'value="(\d+)"', rates) == ["0"]

    def test_a_quote_is_typed_and_its_empty_lines_do_not_count(self, firm):
        in_a_month = paris_date(business_now()) + timedelta(days=30)
        answer = signed_in(firm).post(
            reverse("quote_new"),
            {
                "customer": str(firm.customer.id), "subject": "Dépannage",
                "valid_until": f"{in_a_month}", "deposit": "0", "agreement_place": "premises",
                "lines-TOTAL_FORMS": "2", "lines-INITIAL_FORMS": "0",
                "lines-0-label": "Joint", "lines-0-quantity": "1", "lines-0-unit": "u",
                "lines-0-price": "12,50", "lines-0-rate": "0",
                "lines-1-label": "", "lines-1-quantity": "1", "lines-1-unit": "u",
                "lines-1-price": "", "lines-1-rate": "0", "lines-1-nature": "service",
            },
        )  # fmt: skip

        assert answer.status_code == 302

    def test_vat_is_refused_whoever_types_it(self, firm):
        with pytest.raises(VatNotApplicable):
            make_sent_quote(firm)
        with pytest.raises(VatNotApplicable):
            make_invoice(firm)

    def test_an_option_for_debits_makes_no_sense(self):
        with pytest.raises(Invalid):
            Firm(is_vat_franchise=True, is_vat_on_debits=True)

    def test_the_firm_says_it_on_its_page(self):
        firm = Firm()
        client = signed_in(firm)
        draft = make_profile_draft()
        typed = {
            name: getattr(draft, name)
            for name in ("name", "siren", "street", "postal_code", "city", "email", "colour")
        }

        client.post(reverse("firm_edit"), typed | {"is_vat_franchise": "on"})

        with acting_for(firm.id):
            row = profile(organization_id=firm.id)
        assert row.is_vat_franchise
        assert row.vat_number == ""
        assert "franchise en base" in client.get(reverse("firm")).content.decode()


class TestChangingRegime:
    def test_money_of_an_older_quote_still_comes_in_with_its_vat(self, world):
        firm = PayableFirm(world)
        quote = make_accepted_quote(firm)
        update_profile(
            organization_id=firm.id,
            actor=firm.actor,
            draft=make_profile_draft(is_vat_franchise=True),
            now=business_now(),
        )

        deposit = paid_deposit(firm, quote)

        assert deposit.document.read().vat_minor > 0
        assert MENTION not in deposit.document.read().notes
        with pytest.raises(VatNotApplicable):
            invoice_of(firm, quote)
        with acting_for(firm.id):
            assert read_lines(quote.lines)[0].rate != VatRate.ZERO
