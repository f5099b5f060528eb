"""How the payer's bank recognises the payer: four ways, each of which can fail or come too late."""

import re

import pytest

from functional.authenticators import Device
from functional.axe import complaints
from sandbox.harness import CONTROL, Browser

CHALLENGED = "4000000000003220"
WAYS = ["sms", "app", "biometrics", "push"]


def named(sandbox, address):
    """Return an address as browsers take it for biometrics: by a name."""
    return address.replace("127.0.0.1", "localhost")


def challenged(merchant, browser, **changes):
    """Bring a payer to their bank's question, and return the payment."""
    payment = merchant.request_payment(**changes)
    browser.open(payment["checkout_url"])
    browser.send_card(CHALLENGED)
    return payment


def ordered(merchant, browser):
    payment = merchant.request_transfer()
    browser.open(f"{payment['checkout_url']}/phare/order")
    account = re.search(r'name="account" value="([^"]+)"', browser.page.text)[1]
    browser.send(account=account, answer="confirm")
    return payment


BEGINNINGS = pytest.mark.parametrize("begin", [challenged, ordered])


def on_telephone(browser, payment_amount="450,00"):
    """Return the address of the newest request to approve, and the newest code of the app."""
    page = browser.client.get("/phone").text
    asked = re.findall(r'action="(/phone/requests/[^"]+)"', page)
    codes = re.findall(r'à Plomberie Martin\s+<span class="big-code">(\d{6})<', page)
    assert payment_amount in page
    return next(iter(asked), None), next(iter(codes), None)


def is_paid(merchant, payment):
    return merchant.payment(payment)["status"] in {"authorized", "captured"}


def decline(merchant, payment):
    return (merchant.payment(payment)["decline"] or {}).get("code")


def test_an_answer_nested_too_deep_is_refused_and_not_a_fault(merchant, browser):
    challenged(merchant, browser)
    browser.send(answer="change", way="biometrics")

    answer = browser.send(answer="confirm", way="biometrics", credential="[" * 20_000)

    assert answer.status_code == 400


class TestTheCodeOfTheApp:
    @BEGINNINGS
    def test_pays(self, merchant, browser, begin):
        payment = begin(merchant, browser)
        browser.send(answer="change", way="app")
        _, code = on_telephone(browser)

        target = browser.send(code=code, answer="confirm", way="app")

        assert target.endswith(f"payment={payment['id']}")
        assert is_paid(merchant, payment)

    def test_changes_and_the_one_before_the_last_is_no_good(self, own_sandbox):
        # A world of its own: the clock is moved by single minutes.
        merchant, browser = own_sandbox.merchant(), Browser(own_sandbox)
        payment = challenged(merchant, browser)
        browser.send(answer="change", way="app")
        _, first = on_telephone(browser)
        own_sandbox.advance(minutes=2)
        _, later = on_telephone(browser)

        wrong = browser.send(code=first, answer="confirm", way="app")

        assert first != later
        assert "2 essais" in wrong.text
        browser.send(code=later, answer="confirm", way="app")
        assert is_paid(merchant, payment)
        browser.close()

    def test_is_of_one_payment_only(self, merchant, browser):
        challenged(merchant, browser)
        browser.send(answer="change", way="app")
        _, of_another = on_telephone(browser)
        payment = challenged(merchant, browser)
        browser.send(answer="change", way="app")

        page = browser.send(code=of_another, answer="confirm", way="app")

        assert "Code incorrect" in page.text
        assert not is_paid(merchant, payment)

    @BEGINNINGS
    def test_fails_at_the_third_mistake_whatever_the_ways(self, merchant, browser, begin):
        payment = begin(merchant, browser)
        browser.send(code="nope", answer="confirm", way="sms")
        browser.send(answer="change", way="app")
        browser.send(code="nope", answer="confirm", way="app")
        browser.send(code="nope", answer="confirm", way="app")

        assert decline(merchant, payment) == "authentication_failed"
        assert not is_paid(merchant, payment)

    def test_of_another_tab_is_not_counted_as_a_mistake(self, merchant, browser):
        payment = challenged(merchant, browser)
        browser.send(answer="change", way="app")

        page = browser.send(code="123456", answer="confirm", way="sms")

        assert "essai" not in page.text
        assert decline(merchant, payment) is None


class TestTheTelephone:
    @BEGINNINGS
    def test_shows_what_is_paid_to_whom_and_pays_once_approved(self, merchant, browser, begin):
        payment = begin(merchant, browser)
        page = browser.send(answer="change", way="push")
        asked, _ = on_telephone(browser)
        waiting = browser.send(answer="check")
        before = is_paid(merchant, payment)

        phone = browser.client.post(asked, data={"answer": "approve"}, follow_redirects=True)
        target = browser.send(answer="check")

        assert "En attente de votre accord" in page.text
        assert "Pas encore reçu" in waiting.text
        assert not before
        assert "Validé" in phone.text
        assert target.endswith(f"payment={payment['id']}")
        assert is_paid(merchant, payment)

    @BEGINNINGS
    def test_lets_the_payer_say_it_is_not_them(self, merchant, browser, begin):
        payment = begin(merchant, browser)
        browser.send(answer="change", way="push")
        asked, _ = on_telephone(browser)

        phone = browser.client.post(asked, data={"answer": "deny"}, follow_redirects=True)

        assert "n’a rien débité" in phone.text
        assert decline(merchant, payment) == "authentication_failed"
        assert not is_paid(merchant, payment)

    def test_approves_nothing_once_another_way_was_chosen(self, merchant, browser):
        payment = challenged(merchant, browser)
        browser.send(answer="change", way="push")
        asked, _ = on_telephone(browser)
        browser.send(answer="change", way="sms")

        phone = browser.client.post(asked, data={"answer": "approve"}, follow_redirects=True)

        assert "Trop tard" in phone.text
        assert not is_paid(merchant, payment)

    def test_takes_no_answer_from_another_site(self, sandbox, merchant, browser):
        payment = challenged(merchant, browser)
        browser.send(answer="change", way="push")
        asked, _ = on_telephone(browser)

        answer = sandbox.client.post(
            asked, data={"answer": "approve"}, headers={"Sec-Fetch-Site": "cross-site"}
        )

        assert answer.status_code == 403
        assert not is_paid(merchant, payment)


class TestTooLate:
    @pytest.mark.parametrize("way", WAYS)
    def test_nothing_is_charged_and_another_way_is_open(self, own_sandbox, way):
        merchant, browser = own_sandbox.merchant(), Browser(own_sandbox)
        payment = challenged(merchant, browser)
        browser.send(answer="change", way=way)
        asked = re.search(r"/phone/requests/\w+", browser.client.get("/phone").text)
        code = own_sandbox.newest_code()
        own_sandbox.advance(minutes=6)

        late = browser.send(code=code, answer="confirm", way=way)
        if asked:
            browser.client.post(asked[0], data={"answer": "approve"})

        assert "Trop tard" in late.text
        assert not is_paid(merchant, payment)
        browser.send(answer="change", way="sms")
        browser.send(code=own_sandbox.newest_code(), answer="confirm", way="sms")
        assert is_paid(merchant, payment)
        browser.close()


class TestAScriptedPayer:
    @pytest.mark.parametrize("way", WAYS)
    def test_names_the_way(self, merchant, way):
        card, transfer = merchant.request_payment(), merchant.request_transfer()

        merchant.scripted(card, card_number=CHALLENGED, authentication=way)
        merchant.scripted(transfer, authentication=way)

        assert merchant.payment(card)["authentication"]["status"] == "authenticated"
        assert is_paid(merchant, transfer)

    @pytest.mark.parametrize("way", WAYS)
    def test_fails_in_each(self, merchant, way):
        card, transfer = merchant.request_payment(), merchant.request_transfer()

        merchant.scripted(card, card_number=CHALLENGED, authentication=way, otp="wrong")
        merchant.scripted(transfer, authentication=way, sca="wrong")

        assert decline(merchant, card) == decline(merchant, transfer) == "authentication_failed"

    def test_knows_no_fifth(self, sandbox, merchant):
        payment = merchant.request_payment()
        answer = sandbox.client.post(
            f"/control/payments/{payment['id']}/pay",
            json={"card_number": CHALLENGED, "authentication": "pigeon"},
            headers=CONTROL,
        )

        assert answer.status_code == 400


@pytest.fixture
def tab(chromium):
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("console", lambda message: page.problems.append(message.text))
    yield page
    context.close()


class TestBiometrics:
    @pytest.fixture
    def payment(self, sandbox, merchant, browser, tab):
        found = challenged(merchant, browser, return_url=f"{sandbox.url}/healthz")
        tab.goto(named(sandbox, str(browser.page.url)))
        tab.get_by_role("button", name="L’empreinte ou le visage").click()
        return found

    def test_registers_the_device_then_pays_with_it(self, merchant, payment, tab):
        device = Device(tab)
        tab.get_by_role("button", name="Enregistrer").click()
        tab.get_by_text("Appareil enregistré").wait_for()
        before = is_paid(merchant, payment)

        tab.get_by_role("button", name="par empreinte ou visage").click()
        tab.wait_for_url("**/healthz?payment=*")

        assert len(device.credentials()) == 1
        assert not before
        assert merchant.payment(payment)["authentication"]["status"] == "authenticated"
        assert tab.problems == []

    def test_of_somebody_else_pays_nothing_and_another_way_is_open(
        self, sandbox, merchant, payment, tab
    ):
        device = Device(tab)
        tab.get_by_role("button", name="Enregistrer").click()
        tab.get_by_text("Appareil enregistré").wait_for()
        device.recognise(succeeds=False)

        tab.get_by_role("button", name="par empreinte ou visage").click()
        tab.get_by_text("ne vous a pas reconnu").wait_for()

        assert not is_paid(merchant, payment)
        tab.get_by_role("button", name="Un code par SMS").click()
        tab.fill("#code", sandbox.newest_code())
        tab.get_by_role("button", name="Payer").click()
        tab.wait_for_url("**/healthz?payment=*")
        assert is_paid(merchant, payment)

    def test_copied_device_is_not_believed(self, sandbox, merchant, browser, payment, tab):
        device = Device(tab)
        tab.get_by_role("button", name="Enregistrer").click()
        tab.get_by_text("Appareil enregistré").wait_for()
        tab.get_by_role("button", name="par empreinte ou visage").click()
        tab.wait_for_url("**/healthz?payment=*")
        again = challenged(merchant, browser)
        tab.goto(named(sandbox, str(browser.page.url)))
        tab.get_by_role("button", name="L’empreinte ou le visage").click()
        device.rewind(count=0)

        tab.get_by_role("button", name="par empreinte ou visage").click()
        tab.get_by_text("Pas reconnu.").wait_for()

        assert is_paid(merchant, payment)
        assert not is_paid(merchant, again)

    def test_says_so_where_the_browser_has_none(self, sandbox, merchant, browser, chromium):
        payment = challenged(merchant, browser)
        context = chromium.new_context()
        page = context.new_page()
        page.add_init_script("delete window.PublicKeyCredential")

        page.goto(named(sandbox, str(browser.page.url)))
        page.get_by_role("button", name="L’empreinte ou le visage").click()

        page.get_by_text("ne sait pas lire l’empreinte").wait_for()
        assert page.get_by_role("button", name="Enregistrer").is_disabled()
        assert page.get_by_role("button", name="Un code par SMS").is_enabled()
        assert not is_paid(merchant, payment)
        context.close()

    def test_says_so_at_an_address_without_a_name(self, merchant, browser):
        challenged(merchant, browser)

        page = browser.send(answer="change", way="biometrics")

        assert "Pas à cette adresse" in page.text
        assert 'href="http://localhost:' in page.text
        assert "Un code par SMS" in page.text

    def test_nonsense_counts_as_a_mistake(self, merchant, browser):
        challenged(merchant, browser)
        browser.send(answer="change", way="biometrics")

        page = browser.send(answer="confirm", way="biometrics", credential='{"id": "x"}')
        broken = browser.client.post(
            str(browser.page.url), data={"answer": "confirm", "way": "biometrics",
                                         "credential": "{"},
        )  # fmt: skip

        assert "2 essais" in page.text
        assert broken.status_code == 400


class TestThePage:
    def test_goes_on_by_itself_once_the_telephone_approved(self, sandbox, merchant, browser, tab):
        payment = challenged(merchant, browser, return_url=f"{sandbox.url}/healthz")
        tab.goto(str(browser.page.url))
        tab.get_by_role("button", name="Un accord sur le téléphone").click()
        phone = tab.context.new_page()
        phone.goto(f"{sandbox.url}/phone")

        phone.get_by_role("button", name="Valider").first.click()
        tab.wait_for_url("**/healthz?payment=*")

        assert is_paid(merchant, payment)
        assert tab.problems == []

    def test_works_without_scripts(self, sandbox, merchant, browser, chromium):
        payment = challenged(merchant, browser, return_url=f"{sandbox.url}/healthz")
        context = chromium.new_context(java_script_enabled=False)
        page, phone = context.new_page(), context.new_page()
        page.goto(str(browser.page.url))
        page.get_by_role("button", name="Un accord sur le téléphone").click()
        page.get_by_role("button", name="J’ai validé").click()
        page.get_by_text("Pas encore reçu").wait_for()
        phone.goto(f"{sandbox.url}/phone")
        phone.get_by_role("button", name="Valider").first.click()

        page.get_by_role("button", name="J’ai validé").click()
        page.wait_for_url("**/healthz?payment=*")

        assert is_paid(merchant, payment)
        context.close()

    @pytest.mark.parametrize("way", WAYS)
    def test_is_accessible_in_every_way(self, sandbox, merchant, browser, tab, way):
        challenged(merchant, browser)
        browser.send(code="nope", answer="confirm", way="sms")
        browser.send(answer="change", way=way)
        tab.goto(named(sandbox, str(browser.page.url)))
        phone = tab.context.new_page()
        phone.goto(f"{sandbox.url}/phone")

        assert complaints(tab) == []
        assert complaints(phone) == []
