"""The card page in a real browser: what only its script can show."""

import pytest


@pytest.fixture
def tab(chromium):
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("console", lambda message: page.problems.append(message.text))
    yield page
    context.close()


def type_card(page, number):
    page.locator("#number").press_sequentially(number)
    page.locator("#expiry").press_sequentially("1239")
    page.fill("#cvc", "737")
    page.fill("#name", "Camille Leroy")


def test_posts_only_ciphertext(sandbox, merchant, tab):
    payment = merchant.request_payment(return_url=f"{sandbox.url}/healthz")
    posted = []
    tab.on("request", lambda request: posted.append(request.post_data or ""))
    tab.goto(payment["checkout_url"])

    type_card(tab, "4242424242424242")
    tab.click("button.main")
    tab.wait_for_url("**/healthz?payment=*")

    body = next(filter(None, posted))
    assert body.startswith("card=")
    assert "4242" not in body
    assert merchant.payment(payment)["status"] == "authorized"
    assert tab.problems == []


def test_leads_through_the_bank_with_a_code(sandbox, merchant, tab):
    payment = merchant.request_payment(return_url=f"{sandbox.url}/healthz")
    tab.goto(payment["checkout_url"])
    type_card(tab, "4000000000003220")
    tab.click("button.main")
    tab.wait_for_url("**/3ds/*")

    tab.fill("#code", sandbox.newest_code())
    tab.click("button.main")
    tab.wait_for_url("**/healthz?payment=*")

    assert merchant.payment(payment)["authentication"]["status"] == "authenticated"


def test_keeps_what_was_typed_when_the_number_is_wrong(merchant, tab):
    tab.goto(merchant.request_payment()["checkout_url"])

    type_card(tab, "4242424242424241")
    tab.click("button.main")

    assert tab.locator("#form-error").is_visible()
    assert tab.input_value("#number") == "4242 4242 4242 4241"
    assert tab.input_value("#expiry") == "12/39"
    assert tab.evaluate("document.activeElement.id") == "number"


def test_refuses_politely_without_scripts(merchant, chromium):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()

    page.goto(merchant.request_payment()["checkout_url"])

    assert page.locator("noscript p").is_visible()
    assert page.locator("button.main").is_disabled()
    context.close()


@pytest.mark.parametrize("path", ["/", "/phone", "/mailbox", "checkout", "bank"])
def test_fits_a_small_telephone(merchant, tab, path):
    tab.set_viewport_size({"width": 320, "height": 640})
    long_name = "Établissements Grandjean-Villeneuve & Associés"
    addresses = {
        "checkout": merchant.request_payment(amount=99_999_999)["checkout_url"],
        "bank": merchant.request_transfer(payee={"name": long_name, "iban": merchant.iban})[
            "checkout_url"
        ],
    }

    tab.goto(addresses.get(path, f"{merchant.sandbox.url}{path}"))

    assert tab.evaluate("document.documentElement.scrollWidth") <= 320
    assert tab.problems == []
