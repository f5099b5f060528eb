"""What the back office refuses: other firms' rows, roles without the right, absurd values."""

import pytest
from django.urls import reverse

from encaisse.counterparties.queries import customer as customer_by_id
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Role
from factories.organizations import Firm
from factories.payments import PayableFirm
from functional.web_people import signed_in


@pytest.fixture(scope="module")
def neighbour(world):
    return PayableFirm(world, name="Électricité Voisin")


LISTS = [
    "home", "quotes", "quote_new", "invoices", "invoice_new", "customers", "customer_new",
    "requests", "request_new", "payments", "bank", "bank_new", "bank_import", "transactions",
    "unmatched", "three_way", "firm", "firm_edit", "provider", "members", "member_invite",
    "api_keys", "api_key_new", "audit", "ready", "welcome", "places", "mfa_index", "activity",
    "alerts", "alert_settings", "freeze_mine", "endpoints", "endpoint_new",
]  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_a_new_firm_opens_every_page(name):
    answer = signed_in(Firm(), proven=True).get(reverse(name))

    assert answer.status_code in {200, 302}
    assert "script-src 'nonce-" in answer["Content-Security-Policy"]


@pytest.mark.parametrize(
    "name", ["customer_new", "api_key_new", "audit", "bank_new", "member_invite"]
)
def test_a_role_without_the_right_is_told_so(name):
    role = Role.ACCOUNTANT

    answer = signed_in(Firm(), role, proven=True).get(reverse(name))

    assert answer.status_code == 403
    assert "permission_denied" in answer.content.decode()


@pytest.mark.parametrize("name", LISTS)
def test_a_stranger_is_asked_to_sign_in(client, name):
    answer = client.get(reverse(name))

    assert answer.status_code == 302
    assert answer["Location"].startswith("/compte/login/")


@pytest.mark.parametrize(
    "amount", ["-1", "0", "abc", "1e9", "99999999999999999", "1,234", "١٢", "NaN", "\u202e1"]
)
def test_an_absurd_amount_is_refused_in_french(amount):
    answer = signed_in(Firm()).post(
        reverse("request_new"), {"amount": amount, "description": "Acompte"}
    )

    assert answer.status_code == 422
    page = answer.content.decode()
    assert "amount_invalid" in page or "amount_not_positive" in page
    assert "montant" in page


def test_ten_megabytes_in_a_name_are_refused():
    answer = signed_in(Firm()).post(reverse("customer_new"), {"name": "a" * 10_000_000})

    assert answer.status_code == 422
    assert "max_length" in answer.content.decode()


def test_emoji_are_kept_and_bidirectional_tricks_are_not():
    firm = Firm()

    answer = signed_in(firm).post(
        reverse("customer_new"),
        {"name": "Zoé 🪠 <b>\u202egnp.exe</b>", "language": "fr"},
        follow=True,
    )

    page = answer.content.decode()
    assert "Zoé 🪠 &lt;b&gt;gnp.exe&lt;/b&gt;" in page
    assert "\u202e" not in page


def test_a_wrong_iban_says_so_beside_its_field():
    answer = signed_in(Firm(), proven=True).post(
        reverse("bank_new"), {"iban": "FR76 3000 6000 0112 3456 7890 188", "holder_name": "X"}
    )

    assert answer.status_code == 422
    assert "iban_invalid" in answer.content.decode()


def test_money_and_rights_ask_for_the_password_again():
    answer = signed_in(Firm()).get(reverse("api_key_new"))

    assert answer.status_code == 302
    assert answer["Location"].startswith("/compte/reauthenticate/")


def test_a_customer_is_corrected(neighbour):
    client = signed_in(neighbour)
    url = reverse("customer_edit", args=[neighbour.customer.id])

    answer = client.post(
        url, {"name": "Camille Le Roy", "email": "camille@example.test", "language": "fr"}
    )

    assert answer.status_code == 302
    with acting_for(neighbour.id):
        row = customer_by_id(organization_id=neighbour.id, customer_id=neighbour.customer.id)
    assert row.name == "Camille Le Roy"
