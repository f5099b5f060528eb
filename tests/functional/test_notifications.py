"""What people are told, with the real worker, the real mail server and the real mailbox."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from encaisse.audit.models import AuditEntry
from encaisse.counterparties.queries import customer
from encaisse.invoicing.models import DocumentFile, Invoice
from encaisse.invoicing.services.invoices import credit_invoice
from encaisse.invoicing.services.quotes import quote_token, refuse_quote, withdraw_from_quote
from encaisse.kernel.language import Language
from encaisse.kernel.money import Money
from encaisse.kit.clock import business_now, paris_date
from encaisse.kit.events import publish
from encaisse.kit.tenancy import acting_for
from encaisse.messaging.models import OutboundMail
from encaisse.notifications import services
from encaisse.notifications.core import MailKind, read_words
from encaisse.notifications.documents import invoice_pdf, payment_link
from encaisse.payments.events import PaymentCaptured
from encaisse.payments.services.refunds import request_refund
from encaisse.payments.services.requests import link_token
from factories.invoicing import (
    accept,
    invoice_of,
    make_accepted_quote,
    make_invoice,
    make_sent_quote,
)
from factories.payments import OK_CARD
from functional.notified import NotifiedFirm, is_paid, raw, the_intent, the_request
from functional.web_people import signed_in
from plugins.world import eventually


@pytest.fixture
def firm(world):
    return NotifiedFirm(world)


class TestReceipts:
    def test_a_payment_gives_one_receipt_however_often_webhooks_tell_of_it(self, firm):
        firm.chaos(webhooks={"duplicate": 1})
        firm.pay(firm.request(12_000))
        eventually(lambda: is_paid(firm))
        intent = the_intent(firm)
        with acting_for(firm.id):  # even if the event itself were published again
            publish(
                PaymentCaptured(
                    organization_id=firm.id, intent_id=intent.id, request_id=intent.request_id,
                    reference_kind="", reference_id=None, amount_minor=12_000, currency="EUR",
                    occurred_on=paris_date(intent.captured_at),
                )
            )  # fmt: skip

        firm.mail(firm.customer_email, "Votre paiement")
        eventually(firm.idle)

        mails = firm.mails_to(firm.customer_email)
        assert len(mails) == 1
        assert len({mail["message_id"] for mail in mails}) == 1
        with acting_for(firm.id):
            assert (
                OutboundMail.objects.get(kind=MailKind.RECEIPT).message_id == mails[0]["message_id"]
            )

    def test_it_says_how_much_when_what_for_and_to_whom(self, firm):
        firm.pay(firm.request(123_456))

        mail = firm.mail(firm.customer_email, "Votre paiement")

        assert mail["subject"] == f"Votre paiement de 1\u202f234,56\u00a0€ à {firm.name}"
        assert "Montant\u202f: 1\u202f234,56\u00a0€" in mail["text"]
        assert f"Date\u202f: {business_now():%d/%m/%Y}" in mail["text"]
        assert "Pour\u202f: Remplacement du ballon" in mail["text"]
        assert mail["from"].startswith(firm.name)
        assert str(raw(firm, mail)["Reply-To"]) == f"{firm.name} <{firm.email}>"

    def test_without_an_address_nothing_is_sent_and_the_audit_says_so(self, firm):
        firm.rename_customer(name="Camille Leroy", email="")

        firm.pay(firm.request())
        eventually(lambda: is_paid(firm))
        eventually(firm.idle)

        with acting_for(firm.id):
            assert not OutboundMail.objects.exists()
            entry = AuditEntry.objects.get(action="mail:not_sent")
        assert entry.target == f"receipt:{the_intent(firm).id}"

    def test_whoever_pays_in_english_is_written_to_in_english(self, firm):
        request = firm.request()
        answer = Client(headers={"accept-language": "en-GB"}).post(
            reverse("payer_pay", args=[link_token(request)]), {"method": "card"}
        )
        provider_id = next(p for p in answer["Location"].split("/") if p.startswith("pay_"))
        firm.world.control(f"/payments/{provider_id}/pay", {"card_number": OK_CARD, "otp": "auto"})

        receipt = firm.mail(firm.customer_email, "Your payment")
        make_invoice(firm)
        invoice = firm.mail(firm.customer_email, "Invoice")

        assert "Amount: €120.00" in receipt["text"]
        assert "Left to pay" in invoice["text"]

    def test_a_correction_of_the_firm_keeps_the_language_the_customer_chose(self, firm):
        quote = make_sent_quote(firm)
        Client(headers={"accept-language": "en"}).post(
            reverse("payer_quote_refuse", args=[quote_token(quote)]), {"word": "No, thanks"}
        )

        firm.rename_customer(name="Camille Le Roy", email=firm.customer_email)

        with acting_for(firm.id):
            found = customer(organization_id=firm.id, customer_id=firm.customer.id)
        assert (found.name, found.language) == ("Camille Le Roy", "en")

    def test_the_firm_may_say_it_first(self, firm):
        signed_in(firm).post(
            reverse("customer_edit", args=[firm.customer.id]),
            {"name": "Camille Leroy", "email": firm.customer_email, "language": "en"},
        )

        make_sent_quote(firm)

        assert "Read the quote" in firm.mail(firm.customer_email, "Quote")["text"]

    def test_reading_a_page_changes_nothing(self, firm):
        request = firm.request()

        Client(headers={"accept-language": "en"}).get(
            reverse("payer_payment", args=[link_token(request)])
        )

        with acting_for(firm.id):
            found = customer(organization_id=firm.id, customer_id=firm.customer.id)
        assert found.language == "fr"

    def test_a_refund_is_announced_once(self, firm):
        firm.pay(firm.request(12_000))
        eventually(lambda: is_paid(firm))

        request_refund(
            organization_id=firm.id,
            actor=firm.actor,
            intent_id=the_intent(firm).id,
            amount=Money(4_000),
            reason="",
            now=business_now(),
        )

        mail = firm.mail(firm.customer_email, "rembourse")
        assert "Montant\u202f: 40,00\u00a0€" in mail["text"]


class TestQuotes:
    def test_a_sent_quote_gives_its_private_link(self, firm):
        quote = make_sent_quote(firm)

        mail = firm.mail(firm.customer_email, "Devis")

        link = f"{firm.world.url}/q/{quote_token(quote)}"
        assert link in mail["text"]
        assert f'href="{link}"' in mail["html"]
        assert httpx.get(link, timeout=10).is_success
        assert "Vous n’avez rien à installer" in mail["text"]
        assert f"commence par {firm.world.url}/" in mail["text"]
        assert "Acompte à la commande" in mail["text"]

    def test_the_firm_hears_the_answer(self, firm):
        accept(firm, make_sent_quote(firm))
        assert "Camille Leroy a accepté" in firm.mail(firm.email, "accepte le devis")["text"]

        refused = make_sent_quote(firm)
        refuse_quote(organization_id=firm.id, quote_id=refused.id, word="", now=business_now())
        assert "Rien n’est dû" in firm.mail(firm.email, "refuse le devis")["text"]

    def test_a_withdrawal_gives_a_dated_receipt_and_warns_the_firm(self, firm):
        quote = make_accepted_quote(firm)

        withdraw_from_quote(organization_id=firm.id, quote_id=quote.id, now=business_now())

        receipt = firm.mail(firm.customer_email, "Accusé de réception")
        assert f"Reçue le\u202f: {business_now():%d/%m/%Y} à " in receipt["text"]
        assert "vous renoncez au contrat" in receipt["text"]
        assert "remboursez-le" in firm.mail(firm.email, "renonce au devis")["text"]


class TestInvoices:
    def test_an_invoice_comes_as_a_pdf_with_its_payment_link(self, firm):
        invoice = make_invoice(firm)

        mail = firm.mail(firm.customer_email, "Facture")

        link = payment_link(the_request(firm))
        assert mail["attachments"] == [f"{invoice.number}.pdf"]
        assert link in mail["text"]
        (pdf,) = raw(firm, mail).iter_attachments()
        assert pdf.get_content_type() == "application/pdf"
        assert pdf.get_content().startswith(b"%PDF-")
        with acting_for(firm.id):
            assert DocumentFile.objects.get().document_id == invoice.document_id

    def test_a_deposit_invoice_asks_for_nothing(self, firm):
        make_accepted_quote(firm)
        firm.pay(the_request(firm))

        mail = firm.mail(firm.customer_email, "Facture d’acompte")

        assert "/p/" not in mail["text"]
        assert "elle est payée" in mail["text"]
        assert len(mail["attachments"]) == 1

    def test_a_credit_note_says_what_it_cancels(self, firm):
        invoice = make_invoice(firm)
        credit_invoice(
            organization_id=firm.id, actor=firm.actor, invoice_id=invoice.id, now=business_now()
        )

        mail = firm.mail(firm.customer_email, "Avoir")

        assert f"annule la facture {invoice.number}" in mail["text"]
        assert "/p/" not in mail["text"]

    def test_an_invoice_its_deposit_paid_in_full_asks_for_nothing(self, firm):
        quote = make_accepted_quote(firm, deposit_basis_points=10_000)
        firm.pay(the_request(firm))
        eventually(lambda: is_paid(firm))

        invoice_of(firm, quote)

        mail = firm.mail(firm.customer_email, "Facture F-")
        assert "Vous n’avez rien à payer" in mail["text"]
        assert "/p/" not in mail["text"]

    def test_sending_twice_sends_once_and_makes_one_file(self, firm):
        invoice = make_invoice(firm)
        firm.mail(firm.customer_email, "Facture")

        services.send_invoice(organization_id=firm.id, invoice_id=invoice.id, now=business_now())
        eventually(firm.idle)

        assert len(firm.mails_to(firm.customer_email)) == 1
        with acting_for(firm.id):
            assert DocumentFile.objects.count() == Invoice.objects.count() == 1

    def test_parallel_askers_share_one_file(self, firm):
        invoice = make_invoice(firm)

        def ask(_index: int):
            try:
                return invoice_pdf(organization_id=firm.id, invoice=invoice, now=business_now())
            finally:
                connections.close_all()

        with ThreadPoolExecutor(6) as pool:
            files = set(pool.map(ask, range(6)))

        assert len(files) == 1
        with acting_for(firm.id):
            assert DocumentFile.objects.get().file_id in files


class TestDisputes:
    def test_the_firm_hears_of_a_dispute_and_until_when_it_may_answer(self, firm):
        provider_id = firm.pay(firm.request(12_000))
        eventually(lambda: is_paid(firm))

        firm.world.control("/disputes", {"payment_id": provider_id, "reason": "fraudulent"})

        mail = firm.mail(firm.email, "contesté")
        assert "La banque de Camille Leroy" in mail["text"]
        assert "Répondre avant le\u202f: " in mail["text"]


class TestWords:
    def test_the_text_of_a_person_is_escaped_in_the_frame_and_plain_in_the_text(self, firm):
        firm.rename_customer(name="<b>Max & Fils</b> {{ link }}", email=firm.customer_email)

        make_sent_quote(firm, subject='<script>alert("x")</script> & {% now "Y" %}')

        mail = firm.mail(firm.customer_email, "Devis")
        assert '<script>alert("x")</script> & {% now "Y" %}' in mail["text"]
        assert "<script>" not in mail["html"]
        assert "&lt;script&gt;" in mail["html"]

    def test_every_kind_is_written_for_those_who_read_it(self):
        from django.template import engines  # noqa: PLC0415  once settings are read

        to_customers = set(MailKind) - {
            MailKind.QUOTE_ACCEPTED, MailKind.QUOTE_REFUSED, MailKind.QUOTE_WITHDRAWN,
            MailKind.DISPUTE, MailKind.INVITATION, MailKind.RECOVERY_APPROVED,
            MailKind.RECOVERY_CANCELLED, MailKind.RECOVERY_DONE, MailKind.ALERT,
            MailKind.OPERATION_ASKED,
        }  # fmt: skip
        for kind in MailKind:
            languages = set(Language) if kind in to_customers else {Language.FRENCH}
            for language in languages:
                template = engines["django"].get_template(f"notifications/{kind}.{language}.txt")
                assert template.render({}).strip()

    def test_a_template_is_a_subject_then_paragraphs_one_of_them_the_link(self):
        words = read_words(
            "Subject\n\nHello,\n\nPay\nhttps://x.test/p/1\n\n\n\nBye\n", link="https://x.test/p/1"
        )

        assert words.subject == "Subject"
        assert [paragraph.is_action for paragraph in words.paragraphs] == [False, True, False]
        assert words.text == "Hello,\n\nPay\nhttps://x.test/p/1\n\nBye\n"

    @pytest.mark.parametrize(
        ("locale", "expected"),
        [("fr", "05/11/2026"), ("en-US", "5 November 2026"), ("de", "05/11/2026")],
    )
    def test_dates_follow_the_language(self, locale, expected):
        day = (datetime(2026, 11, 4, tzinfo=UTC) + timedelta(days=1)).date()

        assert Language.of(locale).day(day) == expected
