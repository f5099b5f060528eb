"""The PDF of a quote: the document whose hash is accepted, the same for everybody and for ever."""

import pytest
from django.test import Client
from django.urls import reverse

from encaisse.counterparties.services import CustomerDraft, create_customer
from encaisse.invoicing.services.quotes import draft_quote, quote_token
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Role
from encaisse.organizations.services import update_profile
from factories.invoicing import accept, make_draft, make_sent_quote
from factories.organizations import Firm, make_profile_draft
from functional.web_people import signed_in
from unit.invoicing.documents import page_texts


@pytest.fixture
def firm():
    firm = Firm(name="Plomberie Durand")
    firm.customer = create_customer(
        organization_id=firm.id,
        actor=firm.actor,
        draft=CustomerDraft(name="Camille Leroy", email="camille@example.test"),
        now=business_now(),
    )
    return firm


def from_desk(firm, quote, role=None):
    return signed_in(firm, role).get(reverse("quote_pdf", args=[quote.id]))


def from_link(quote):
    return Client().get(reverse("payer_quote_document", args=[quote_token(quote)]))


def text_of(answer):
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    return "\n".join(page_texts(answer.content))


def test_it_says_what_is_offered_until_when_and_what_is_asked(firm):
    quote = make_sent_quote(firm)

    text = text_of(from_desk(firm, quote))

    assert f"Devis\n{quote.document.number}" in text
    assert "Camille Leroy" in text
    assert "Chauffe-eau 200 L, fourni et posé" in text
    assert "Valable jusqu’au" in text
    assert "Acompte à la commande" in text
    assert "Reste à payer" not in text


def test_the_customer_keeps_the_very_file_the_firm_has(firm):
    quote = make_sent_quote(firm)

    assert from_link(quote).content == from_desk(firm, quote).content
    page = Client().get(reverse("payer_quote", args=[quote_token(quote)])).content.decode()
    assert "Garder le devis" in page


def test_it_stays_what_was_accepted_whatever_the_firm_becomes(firm):
    quote = make_sent_quote(firm)
    offered = from_link(quote).content
    accept(firm, quote)
    with acting_for(firm.id):
        update_profile(
            organization_id=firm.id,
            actor=firm.actor,
            draft=make_profile_draft(name="Chauffage Durand"),
            now=business_now(),
        )

    assert from_link(quote).content == offered
    assert "Plomberie Durand" in text_of(from_desk(firm, quote))


def test_a_quote_first_asked_for_after_a_change_still_says_what_was_sent(firm):
    quote = make_sent_quote(firm)
    update_profile(
        organization_id=firm.id,
        actor=firm.actor,
        draft=make_profile_draft(name="Chauffage Durand"),
        now=business_now(),
    )

    assert "Plomberie Durand" in text_of(from_link(quote))


def test_a_draft_has_none(firm):
    draft = draft_quote(
        organization_id=firm.id, actor=firm.actor, draft=make_draft(firm), now=business_now()
    )

    assert from_desk(firm, draft).status_code == 404


def test_it_is_for_whoever_may_read_quotes(firm):
    quote = make_sent_quote(firm)

    assert from_desk(firm, quote, Role.COLLECTOR).status_code == 200
    assert from_desk(firm, quote, Role.AUDITOR).status_code == 403
