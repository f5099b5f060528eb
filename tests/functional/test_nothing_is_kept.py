"""What answers leave behind in a browser: no copy, no invented name, no key of a session."""

import re

import httpx
import pytest
from django.test import Client
from django.urls import reverse

from attacks.test_uploads import picture, send_logo
from attacks.walk import addresses, operations
from encaisse.organizations.handles import HandleKind, new_token, register_handle
from factories.invoicing import make_invoice, make_sent_quote
from factories.payments import PayableFirm
from functional.test_api import Program
from functional.web_people import signed_in

_OURS = re.compile(r'(inline|attachment); filename="[A-Za-z0-9][A-Za-z0-9._-]*\.(pdf|png|csv|txt)"')
# A firm's colours and logo, which its payers' own browsers may show again.
_SHOWN_AGAIN = {"payer_payment_css", "payer_payment_logo", "payer_quote_css", "payer_quote_logo"}


@pytest.fixture(scope="module")
def firm(world):
    return PayableFirm(world)


@pytest.fixture(scope="module")
def values(firm):
    invoice = make_invoice(firm)
    return {"invoice_id": invoice.id, "request_id": firm.request().id}


@pytest.mark.parametrize(
    "address",
    [one for one in addresses() if one.name not in _SHOWN_AGAIN],
    ids=lambda one: one.name,
)
def test_no_page_is_kept_and_none_holds_the_key_of_its_session(firm, values, address):
    client = signed_in(firm, proven=True)
    key = client.session.session_key

    answer = client.get(address.filled(values))

    assert "no-store" in answer["Cache-Control"]
    assert key.encode() not in answer.content
    is_of_somebody = hasattr(address.view, "permission") or hasattr(
        address.view, "is_for_signed_in"
    )
    if is_of_somebody and answer.status_code == 200 and b"<html" in answer.content:
        assert f'href="{reverse("account_logout")}"' in answer.content.decode()


@pytest.mark.parametrize(("method", "path", "_details"), list(operations()))
def test_no_answer_of_the_api_is_kept(firm, method, path, _details):
    program = Program(firm)

    answer = getattr(Client(), method)(path, headers=program.headers)

    assert answer["Cache-Control"] == "no-store"


def test_a_stylesheet_of_ours_is_kept(world):
    assert "max-age" in httpx.get(f"{world.url}/static/web/web.css").headers["Cache-Control"]


class TestTheNameOfAFile:
    def test_is_ours_for_the_logo_whatever_it_was_sent_as(self, world):
        firm = PayableFirm(world)
        send_logo(firm, picture(), name='../"x\r\n.exe')

        answer = signed_in(firm).get(reverse("firm_logo"))

        assert answer["Content-Disposition"] == 'inline; filename="logo.png"'

    def test_is_ours_for_every_document(self, firm, values):
        client, token = signed_in(firm, proven=True), new_token()
        quote = make_sent_quote(firm)
        register_handle(
            kind=HandleKind.QUOTE, token=token, organization_id=firm.id, target_id=quote.id
        )

        for path in (
            reverse("invoice_pdf", args=[values["invoice_id"]]),
            reverse("quote_pdf", args=[quote.id]),
            reverse("payer_quote_document", args=[token]),
        ):
            answer = client.get(path)
            assert answer.status_code == 200
            assert _OURS.fullmatch(answer["Content-Disposition"])
            assert answer["Cache-Control"] == "no-store"
