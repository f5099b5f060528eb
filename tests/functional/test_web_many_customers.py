"""Finding one customer among many in a form, without JavaScript."""

import pytest
from django.urls import reverse

from encaisse.counterparties.services import CustomerDraft, create_customer
from encaisse.kit.clock import business_now
from encaisse.web.customers.choice import LARGEST_LIST
from factories.organizations import Firm
from functional.web_people import signed_in

FORMS = ["quote_new", "invoice_new", "request_new"]


def add(firm, name):
    return create_customer(
        organization_id=firm.id,
        actor=firm.actor,
        draft=CustomerDraft(name=name),
        now=business_now(),
    )


@pytest.fixture(scope="module")
def crowded():
    firm = Firm()
    for number in range(LARGEST_LIST):
        add(firm, f"Client {number:04d}")
    firm.last = add(firm, "Zoé Zwingelstein")
    return firm


@pytest.mark.parametrize("name", FORMS)
def test_whoever_has_few_customers_chooses_at_once(name):
    firm = Firm()
    customer = add(firm, "Camille Leroy")

    page = signed_in(firm).get(reverse(name)).content.decode()

    assert str(customer.id) in page
    assert "Chercher un client" not in page


@pytest.mark.parametrize("name", FORMS)
def test_the_one_who_is_not_in_the_list_is_found_by_name(crowded, name):
    client = signed_in(crowded)
    typed = {
        "customer_search": "zwingel", "find": "1", "subject": "Chaudière",
        "description": "Chaudière", "lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "0",
        "lines-0-label": "Brûleur", "lines-0-quantity": "1", "lines-0-price": "12,50",
    }  # fmt: skip

    before = client.get(reverse(name)).content.decode()
    found = client.post(reverse(name), typed)

    assert str(crowded.last.id) not in before
    assert f"Les {LARGEST_LIST} premiers noms" in before
    page = found.content.decode()
    assert found.status_code == 200
    assert str(crowded.last.id) in page
    assert "Client 0001" not in page
    assert "Chaudière" in page
    assert name == "request_new" or "Brûleur" in page
    assert "required" not in page.split("id_customer_search")[1].split(">")[0]


def test_the_customer_one_came_from_is_in_the_list(crowded):
    page = signed_in(crowded).get(reverse("quote_new") + f"?client={crowded.last.id}")

    assert f'value="{crowded.last.id}" selected' in page.content.decode()


def test_a_name_nobody_bears_is_told(crowded):
    page = signed_in(crowded).post(
        reverse("request_new"), {"customer_search": "xyzzy", "find": "1"}
    )

    assert "Aucun client au nom de « xyzzy »" in page.content.decode()


def test_what_was_found_is_saved(crowded):
    client = signed_in(crowded)

    answer = client.post(
        reverse("request_new"),
        {
            "customer_search": "zwingel",
            "customer": str(crowded.last.id),
            "amount": "12,50",
            "description": "Acompte",
        },
        follow=True,
    )

    assert "Zoé Zwingelstein" in answer.content.decode()
