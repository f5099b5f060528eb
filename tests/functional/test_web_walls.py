"""What the back office refuses: other firms' rows, roles without the right, absurd values."""

from uuid import uuid4

import pytest
from django.urls import get_resolver, reverse
from django.utils import timezone

from encaisse.counterparties.queries import customer as customer_by_id
from encaisse.identity.devices import remember
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.api_keys import create_api_key
from encaisse.organizations.core import Permission, Role
from encaisse.organizations.invitations import invite_member
from encaisse.organizations.operations import ask
from encaisse.organizations.queries import members
from encaisse.organizations.signed import invited_signer_draft
from encaisse.payments.queries import requests_about
from encaisse.security.core import Kind
from encaisse.security.raising import raise_alert
from encaisse.treasury.queries import bank_accounts
from encaisse.webhooks.endpoints import add_endpoint
from factories.invoicing import make_invoice, make_sent_quote
from factories.organizations import Firm
from factories.payments import PayableFirm
from functional.web_people import signed_in


@pytest.fixture(scope="module")
def neighbour(world):
    return PayableFirm(world, name="Électricité Voisin")


@pytest.fixture(scope="module")
def ids_of_neighbour(neighbour):
    """One id of each kind, all of them real, none of them ours."""
    invoice = make_invoice(neighbour)
    key = create_api_key(
        organization_id=neighbour.id,
        actor=neighbour.actor,
        name="Site",
        scopes=[Permission.PAYMENTS_READ],
        expires_at=None,
        now=business_now(),
    )
    invitation = invite_member(
        organization_id=neighbour.id,
        actor=neighbour.actor,
        invited_by=neighbour.owner.id,
        email="comptable@example.test",
        role=Role.ACCOUNTANT,
        real_now=timezone.now(),
        now=business_now(),
    )
    endpoint = add_endpoint(
        organization_id=neighbour.id,
        actor=neighbour.actor,
        url="http://127.0.0.1:9/",
        now=business_now(),
    )
    alert = raise_alert(
        organization_id=neighbour.id,
        kind=Kind.RECOVERY_ASKED,
        subject="user:somebody",
        cause_id=uuid4(),
        facts={},
        real_now=timezone.now(),
    )
    with acting_for(neighbour.id):
        membership = members(organization_id=neighbour.id).get()
        account = bank_accounts(organization_id=neighbour.id).get()
        asked = requests_about(
            organization_id=neighbour.id, reference_kind="invoice", reference_id=invoice.id
        ).get()
    operation = ask(
        organization_id=neighbour.id,
        actor=neighbour.actor,
        draft=invited_signer_draft("associe@example.test", Role.OWNER),
        now=business_now(),
        real_now=timezone.now(),
    )
    return {
        "operation_id": operation.id,
        "customer_id": neighbour.customer.id,
        "quote_id": make_sent_quote(neighbour).id,
        "invoice_id": invoice.id,
        "request_id": asked.id,
        "membership_id": membership.id,
        "invitation_id": invitation.id,
        "key_id": key.key.id,
        "alert_id": alert.id,
        "endpoint_id": endpoint.endpoint.id,
        "account_id": account.id,
        "device_id": remember(
            user_id=neighbour.owner.id, token="", agent="Chrome", real_now=timezone.now()
        ).device_id,
        "intent_id": uuid4(),
        "transaction_id": uuid4(),
    }


def pages_with_an_id() -> list[tuple[str, str]]:
    found = get_resolver().reverse_dict
    return sorted(
        (name, parameters[0])
        for name in found
        if isinstance(name, str) and not name.startswith(("payer_", "account_", "mfa_", "webhook"))
        for _path, parameters in found.getlist(name)[0][0]
        if parameters and parameters[0].endswith("_id")
    )


@pytest.mark.parametrize(("name", "parameter"), pages_with_an_id())
@pytest.mark.parametrize("method", ["get", "post"])
def test_ids_of_another_firm_lead_nowhere(name, parameter, method, ids_of_neighbour):
    client = signed_in(Firm(), proven=True)
    url = reverse(name, kwargs={parameter: ids_of_neighbour[parameter]})

    answer = getattr(client, method)(url)

    assert answer.status_code in ({404} if method == "get" else {404, 405}) or (
        method == "get" and answer.status_code == 405
    )


def test_a_firm_opens_its_own_pages(neighbour, ids_of_neighbour):
    client = signed_in(neighbour, proven=True)

    statuses = {
        name: client.get(reverse(name, kwargs={parameter: ids_of_neighbour[parameter]})).status_code
        for name, parameter in pages_with_an_id()
        if parameter not in {"intent_id", "transaction_id"}
    }

    assert set(statuses.values()) <= {200, 302, 405}, statuses


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
