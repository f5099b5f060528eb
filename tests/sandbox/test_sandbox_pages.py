"""The pages, as a payer's browser sees them."""

import re
import smtplib
from email.message import EmailMessage

import pytest

from sandbox.harness import seal

NUMBER = "4000000000003220"


def files_under(directory):
    return [path for path in directory.rglob("*") if path.is_file()]


class TestCardPage:
    def test_shows_who_what_and_how_much(self, merchant, browser):
        payment = merchant.request_payment(amount=123_456)

        page = browser.open(payment["checkout_url"])

        assert "Plomberie Martin" in page.text
        assert "1\u202f234,56\xa0€" in page.text
        assert "Acompte chauffe-eau" in page.text
        assert 'href="http://merchant.example/canceled"' in page.text

    def test_leads_through_the_bank_back_to_the_merchant(self, sandbox, merchant, browser):
        payment = merchant.request_payment()
        browser.open(payment["checkout_url"])

        challenge = browser.send_card(NUMBER)
        target = browser.send(code=sandbox.newest_code(), answer="confirm")

        assert "Banque du Client (SANDBOX)" in challenge.text
        assert target == f"http://merchant.example/back?order=7&payment={payment['id']}"
        assert merchant.payment(payment)["status"] == "authorized"

    def test_never_writes_the_card_anywhere(self, sandbox, merchant, browser):
        payment = merchant.request_payment()
        browser.open(payment["checkout_url"])
        number = "4000056655665556"

        target = browser.send_card(number)
        everything = b"".join(path.read_bytes() for path in files_under(sandbox.directory))

        assert target.startswith("http://merchant.example/")
        assert number.encode() not in everything
        assert re.search(rb'"cvc"|"number"', everything) is None
        assert merchant.payment(payment)["card"]["last4"] == "5556"

    def test_recognises_a_card_seen_again(self, merchant):
        one, other = merchant.paid_by_card(), merchant.paid_by_card()
        different = merchant.paid_by_card("5555555555554444")

        assert one["card"]["fingerprint"] == other["card"]["fingerprint"]
        assert one["card"]["fingerprint"] != different["card"]["fingerprint"]
        assert one["card"]["token"] != other["card"]["token"]

    def test_explains_a_refusal_and_takes_another_card(self, merchant, browser):
        payment = merchant.request_payment()
        browser.open(payment["checkout_url"])

        refused = browser.send_card("4000000000009995")
        target = browser.send_card("4242424242424242")

        assert "provision" in refused.text
        assert "insufficient_funds" in refused.text
        assert target.startswith("http://merchant.example/back")

    @pytest.mark.parametrize(
        "mistake", [{"number": "4242424242424241"}, {"expiry": "01/20"}, {"cvc": "1"}]
    )
    def test_points_out_a_mistake_without_asking_the_bank(self, merchant, browser, mistake):
        payment = merchant.request_payment()
        browser.open(payment["checkout_url"])

        page = browser.send_card(**mistake)

        assert page.status_code == 400
        assert "Carte à corriger" in page.text
        assert merchant.payment(payment)["attempts"] == []

    def test_refuses_what_it_cannot_open(self, merchant, browser):
        payment = merchant.request_payment()
        public_key = re.search(
            r'data-public-key="([^"]+)"', browser.open(payment["checkout_url"]).text
        )[1]

        clear = browser.send(card='{"number":"4242424242424242"}')
        browser.open(payment["checkout_url"])
        incomplete = browser.send(card=seal({"number": "4242424242424242"}, public_key))

        assert clear.status_code == incomplete.status_code == 400
        assert merchant.payment(payment)["attempts"] == []

    @pytest.mark.parametrize("guess", ["guess", "devin\N{LATIN SMALL LETTER E WITH ACUTE}"])
    def test_needs_the_secret_part_of_its_address(self, sandbox, merchant, guess):
        payment = merchant.request_payment()
        guessed = re.sub(r"/[^/]+$", f"/{guess}", payment["checkout_url"])

        assert sandbox.client.get(guessed).status_code == 404

    def test_is_strict_about_scripts_and_other_sites(self, sandbox, merchant):
        payment = merchant.request_payment()

        headers = sandbox.client.get(payment["checkout_url"]).headers
        forged = sandbox.client.post(
            payment["checkout_url"], data={}, headers={"Sec-Fetch-Site": "cross-site"}
        )

        assert "default-src 'none'" in headers["content-security-policy"]
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "form-action 'self' http://merchant.example" in headers["content-security-policy"]
        assert forged.status_code == 403

    def test_sent_twice_pays_once(self, merchant, browser):
        payment = merchant.request_payment()
        public_key = re.search(
            r'data-public-key="([^"]+)"', browser.open(payment["checkout_url"]).text
        )[1]
        card = {"number": "4242424242424242", "expiry": "12/39", "cvc": "737", "name": "C. Leroy"}

        first = browser.send(card=seal(card, public_key))
        second = browser.send(card=seal(card, public_key))

        assert first == second
        assert len(merchant.payment(payment)["attempts"]) == 1

    def test_says_so_when_there_is_nothing_left_to_pay(self, merchant, browser):
        payment = merchant.paid_by_card()

        page = browser.open(payment["checkout_url"])

        assert "Ce paiement est fait." in page.text


class TestChallengePage:
    def test_ends_after_three_wrong_codes(self, sandbox, merchant, browser):
        payment = merchant.request_payment()
        browser.open(payment["checkout_url"])
        browser.send_card(NUMBER)

        first = browser.send(code="nope", answer="confirm")
        second = browser.send(code="nope", answer="confirm")
        third = browser.send(code="nope", answer="confirm")

        assert "2 essais" in first.text
        assert "1 essai." in second.text
        assert "Paiement refusé" in third.text
        assert merchant.payment(payment)["decline"]["code"] == "authentication_failed"

    def test_cannot_be_answered_twice(self, sandbox, merchant, browser):
        payment = merchant.request_payment()
        browser.open(payment["checkout_url"])
        browser.send_card(NUMBER)
        address, code = str(browser.page.url), sandbox.newest_code()
        browser.send(code=code, answer="refuse")

        again = browser.client.post(address, data={"code": code, "answer": "confirm"})

        assert again.headers["location"] == payment["checkout_url"]
        assert merchant.payment(payment)["status"] == "requires_action"

    def test_sends_a_code_bound_to_amount_and_payee(self, sandbox, merchant, browser):
        browser.open(merchant.request_payment(amount=8_150)["checkout_url"])
        browser.send_card(NUMBER)

        text = sandbox.control("GET", "/sms", params={"limit": 1})["data"][0]["text"]

        assert "81,50\xa0€" in text
        assert "Plomberie Martin" in text
        assert sandbox.newest_code() in browser.client.get("/phone").text


class TestBankPages:
    def go_to_order(self, browser, payment, bank):
        browser.open(payment["checkout_url"])
        browser.open(f"{payment['checkout_url']}/{bank}")
        page = browser.send(identifier="x")
        return re.findall(r'name="account" value="([^"]+)"', page.text)

    def test_lead_to_an_instant_transfer(self, sandbox, merchant, browser):
        payment = merchant.request_transfer()
        accounts = self.go_to_order(browser, payment, "phare")
        order = browser.page.text

        browser.send(account=accounts[1], answer="confirm")
        target = browser.send(code=sandbox.newest_code(), answer="confirm")

        assert "Plomberie Martin" in order
        assert merchant.iban not in order
        assert merchant.iban[-4:] in order
        assert target.endswith(f"payment={payment['id']}")
        assert merchant.payment(payment)["status"] == "captured"
        assert merchant.bank_lines()[0]["counterparty_iban"] == accounts[1]

    def test_let_the_payer_refuse_before_any_code(self, merchant, browser):
        payment = merchant.request_transfer()
        accounts = self.go_to_order(browser, payment, "deux_rives")

        target = browser.send(account=accounts[0], answer="refuse")

        assert target.startswith("http://merchant.example/back")
        assert merchant.payment(payment)["decline"]["code"] == "transfer_refused"

    def test_let_the_payer_refuse_at_the_code(self, merchant, browser):
        payment = merchant.request_transfer()
        accounts = self.go_to_order(browser, payment, "deux_rives")
        browser.send(account=accounts[0], answer="confirm")

        browser.send(code="", answer="refuse")

        assert merchant.payment(payment)["status"] == "failed"

    def test_know_no_other_bank_nor_account(self, merchant, browser):
        payment = merchant.request_transfer()

        unknown_bank = browser.open(f"{payment['checkout_url']}/nowhere")
        self.go_to_order(browser, payment, "phare")
        unknown_account = browser.send(account="FR76", answer="confirm")

        assert unknown_bank.status_code == 404
        assert unknown_account.status_code == 400


class TestMailbox:
    @pytest.fixture
    def letter(self, sandbox):
        message = EmailMessage()
        message["From"] = "Plomberie Martin <facture@martin.example>"
        message["To"] = "camille@leroy.example"
        message["Subject"] = "Votre facture à régler"
        message["Message-ID"] = "<unique@martin.example>"
        message.set_content("Bonjour, 812,40 € à régler.\n")
        message.add_alternative(
            '<p>Réglez</p><img src="cid:logo"><script>alert(1)</script>', subtype="html"
        )
        html = message.get_payload()[1]
        html.add_related(b"\x89PNG", maintype="image", subtype="png", cid="<logo>")
        message.add_attachment(
            b"%PDF", maintype="application", subtype="pdf", filename="Facture été.pdf"
        )
        with smtplib.SMTP("127.0.0.1", sandbox.smtp_port) as connection:
            connection.send_message(message)
        return sandbox.control("GET", "/mail", params={"to": "CAMILLE@leroy.example"})["data"][0]

    def test_keeps_every_part(self, letter):
        assert letter["from"] == "Plomberie Martin <facture@martin.example>"
        assert letter["subject"] == "Votre facture à régler"
        assert letter["message_id"] == "<unique@martin.example>"
        assert letter["text"] == "Bonjour, 812,40 € à régler.\n"
        assert letter["html"].startswith("<p>Réglez</p>")
        assert letter["attachments"] == ["Facture été.pdf"]

    def test_shows_a_mail_where_it_can_do_no_harm(self, browser, letter):
        listed = browser.open("/mailbox").text
        page = browser.open(f"/mailbox/{letter['id']}").text

        assert "Votre facture à régler" in listed
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page
        assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
        assert "data:image/png;base64,iVBORw==" in page

    def test_gives_attachments_and_the_source(self, sandbox, browser, letter):
        attachment = browser.open(f"/mailbox/{letter['id']}/attachments/1")
        absent = browser.open(f"/mailbox/{letter['id']}/attachments/2")
        raw = sandbox.client.get(
            f"/control/mail/{letter['id']}/raw", headers={"X-Encaisse-Sandbox": "control"}
        )

        assert attachment.content == b"%PDF"
        assert "attachment; filename" in attachment.headers["content-disposition"]
        assert absent.status_code == 404
        assert b"Message-ID: <unique@martin.example>" in raw.content

    def test_finds_nothing_for_somebody_else(self, sandbox, letter):
        found = sandbox.control("GET", "/mail", params={"to": "nobody@leroy.example"})["data"]

        assert found == []


class TestFirstPage:
    def test_documents_every_card(self, sandbox, browser):
        published = sandbox.control("GET", "/cards")["data"]

        page = browser.open("/").text.replace("\xa0", "")

        assert len(published) == 18
        assert all(card["number"] in page for card in published)
        assert all(card["label"] in page for card in published)

    def test_moves_the_clock_by_a_day(self, sandbox, browser):
        before = sandbox.control("GET", "/clock")["offset_seconds"]

        answer = browser.client.post("/clock/day")

        assert answer.status_code == 303
        assert sandbox.control("GET", "/clock")["offset_seconds"] == pytest.approx(before + 86_400)

    @pytest.mark.parametrize(
        "headers",
        [
            {"Sec-Fetch-Site": "cross-site"},
            {"Origin": "http://evil.example"},
            {"Host": "evil.example"},
        ],
    )
    def test_moves_the_clock_for_no_other_site(self, sandbox, headers):
        answer = sandbox.client.post("/clock/day", headers=headers)

        assert answer.status_code == 403

    def test_shows_the_attestation(self, sandbox, merchant):
        attested = merchant.get("/account")["pci_dss"]

        page = sandbox.client.get(attested["certificate_url"])

        assert f"12 mars {attested['attested_on'][:4]}" in page.text
        assert f"11 mars {attested['expires_on'][:4]}" in page.text
        assert merchant.id in page.text

    @pytest.mark.parametrize("path", ["/", "/phone", "/mailbox", "/nowhere"])
    def test_every_page_says_it_is_a_sandbox_in_french(self, browser, path):
        page = browser.open(path).text

        assert "<strong>SANDBOX</strong>" in page
        assert '<html lang="fr">' in page
