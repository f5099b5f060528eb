"""Signing an operation in a real Chromium: a passkey, a code by text, and nothing else's proof."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from encaisse.identity.codes import issue_code
from encaisse.identity.phones import ENROLMENT, finish_enrolment
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.models import Operation
from encaisse.payments.models import Refund
from factories.payments import PayableFirm
from functional.asking import card_payment
from functional.authenticators import Device
from functional.enrolling import texted_code
from functional.test_web_passkeys import make_passkey, prove_again, type_password, with_password

NUMBER = "33612345678"


@pytest.fixture
def tab(chromium, world):
    context = chromium.new_context(
        viewport={"width": 390, "height": 844},
        base_url=f"http://localhost:{world.port}",
        locale="fr-FR",
    )
    page = context.new_page()
    page.set_default_timeout(8000)
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("console", lambda message: page.problems.append(message.text))
    yield page
    context.close()
    assert page.problems == []


@pytest.fixture
def firm(world):
    return PayableFirm(world)


@pytest.fixture
def payment(firm):
    return card_payment(firm, 90_000)


@pytest.fixture
def anne(tab, firm):
    """Anne, at her desk, a passkey on her telephone."""
    tab.device = Device(tab)
    type_password(tab, with_password(firm.owner))
    make_passkey(tab)
    return tab


def ask_refund(tab, payment, euros):
    tab.goto(f"/paiements/{payment.id}/rembourser/")
    if tab.get_by_role("heading", name="C’est bien vous ?").is_visible():
        prove_again(tab)
    tab.get_by_label("Montant à rembourser").fill(euros)
    tab.get_by_role("button", name="Continuer").click()
    expect(tab.get_by_role("button", name="Changer le montant")).to_be_visible()
    tab.get_by_role("button", name=re.compile("^Rembourser")).click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Rembourser")


def refunds(firm):
    with acting_for(firm.id):
        return list(Refund.objects.values_list("amount_minor", flat=True))


def test_a_passkey_signs_what_is_written_and_it_is_done(anne, firm, payment):
    ask_refund(anne, payment, "800,00")
    expect(anne.get_by_role("definition").first).to_contain_text("800")
    expect(anne.get_by_text(firm.customer.name)).to_be_visible()

    anne.get_by_role("button", name="Signer avec ma clé d’accès").click()

    expect(anne.get_by_text("C’est fait")).to_be_visible()
    assert refunds(firm) == [80_000]


def test_an_answer_of_the_passkey_to_another_operation_signs_nothing(anne, firm, payment):
    ask_refund(anne, payment, "800,00")
    # The telephone answers, and somebody in the middle keeps the answer.
    anne.evaluate("HTMLFormElement.prototype.submit = function () { window.kept = this.elements }")
    anne.get_by_role("button", name="Signer avec ma clé d’accès").click()
    anne.wait_for_function("window.kept && window.kept.credential.value")
    answer = anne.evaluate("window.kept.credential.value")
    ask_refund(anne, payment, "700,00")

    anne.evaluate(
        """(answer) => {
          const form = document.querySelector("form[data-passkey]");
          form.elements.credential.value = answer;
          HTMLFormElement.prototype.submit.call(form);
        }""",
        answer,
    )

    expect(anne.get_by_role("alert").first).to_contain_text("clé")
    assert refunds(firm) == []
    anne.problems.clear()  # the browser notes the answer 422, rightly


def test_a_code_by_text_says_what_it_signs(anne, firm, payment, world):
    issued = issue_code(
        user_id=firm.owner.id, purpose=ENROLMENT, about=f"+{NUMBER}", real_now=timezone.now()
    )
    finish_enrolment(
        user_id=firm.owner.id, code=issued.code, now=business_now(), real_now=timezone.now()
    )
    ask_refund(anne, payment, "800,00")
    anne.get_by_role("link", name="Code par SMS").click()
    anne.get_by_role("button", name="Recevoir un code").click()
    code = texted_code(world, NUMBER, reason="Rembourser 800")
    said = world.control(f"/sms?to=%2B{NUMBER}", method="GET")["data"][0]["text"]

    anne.get_by_label("Code reçu").fill(code)
    anne.get_by_role("button", name="Signer", exact=True).click()

    expect(anne.get_by_text("C’est fait")).to_be_visible()
    assert firm.customer.name in said
    assert refunds(firm) == [80_000]


def test_one_gives_up_without_a_trace_of_money(anne, firm, payment):
    ask_refund(anne, payment, "800,00")
    anne.get_by_role("button", name="Ne rien faire").click()

    expect(anne.get_by_text("Rien n’a été fait")).to_be_visible()
    assert refunds(firm) == []
    with acting_for(firm.id):
        assert Operation.objects.get().state == "cancelled"
