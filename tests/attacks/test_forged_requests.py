"""Forms that another site would send in the name of somebody signed in (CSRF)."""

import json
import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from attacks.walk import addresses, operations
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.queries import api_keys
from factories.organizations import Firm
from functional.door import Person
from functional.web_people import signed_in

# What is opened without the token of our pages, and what stands in its place.
WITHOUT_A_TOKEN = {
    "csp_report": "a browser writes it by itself; it changes nothing but a line of the log",
    "webhook": "a provider signs it",
}
METHODS = ["post", "put", "patch", "delete"]


def victim(firm=None):
    """Somebody signed in and just proven, whose browser checks tokens as a real one does."""
    client = signed_in(firm or Firm(), proven=True)
    client.handler.enforce_csrf_checks = True
    return client


@pytest.fixture(scope="module")
def firm(django_db_setup):
    return Firm()


def is_refused(answer):
    return answer.status_code == 403 and b"csrf" in answer.content.lower()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "address",
    [one for one in addresses() if one.name not in WITHOUT_A_TOKEN],
    ids=lambda one: one.name or one.route,
)
def test_no_address_takes_a_form_without_its_token(address, method, firm):
    answer = getattr(victim(firm), method)(address.filled(), {"name": "x"})

    assert is_refused(answer), answer.status_code


def test_what_is_exempt_is_listed_with_its_reason():
    exempt = {one.name for one in addresses() if getattr(one.view, "csrf_exempt", False)}

    assert exempt == set(WITHOUT_A_TOKEN)


def test_a_report_without_a_token_changes_nothing():
    answer = Client().post(
        "/rapports/csp", json.dumps({"csp-report": {}}), content_type="application/csp-report"
    )

    assert answer.status_code == 204
    assert not answer.cookies


def test_a_webhook_without_a_signature_is_refused():
    address = next(one for one in addresses() if one.name == "webhook")

    answer = victim().post(address.filled(), "{}", content_type="application/json")

    assert answer.status_code in {400, 401, 403, 404}


@pytest.mark.parametrize(("method", "path"), [found[:2] for found in operations()])
def test_the_api_never_looks_at_the_cookie_of_a_session(method, path, firm):
    filled = re.sub(r"\{\w+\}", "01a20925-d7e3-7448-9696-8fdd38000124", path)

    answer = victim(firm).generic(
        method.upper(),
        filled,
        "{}",
        content_type="application/json",
        headers={"idempotency-key": "k"},
    )

    assert answer.status_code == 401


class TestATokenFromElsewhere:
    @pytest.fixture
    def form(self):
        return {
            "name": "Piégée", "days": 90, "scopes": ["customers:read"], "addresses": "",
        }  # fmt: skip

    def test_of_another_browser_is_refused(self, form):
        firm, attacker = Firm(), victim()
        page = attacker.get(reverse("api_key_new")).content.decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]

        answer = victim(firm).post(reverse("api_key_new"), {**form, "csrfmiddlewaretoken": token})

        assert is_refused(answer)
        with acting_for(firm.id):
            assert not api_keys(organization_id=firm.id).exists()

    @pytest.mark.parametrize(
        "headers",
        [{"origin": "https://voleur.test"}, {"origin": "null"},
         {"origin": "http://testserver.voleur.test"}],
    )  # fmt: skip
    def test_of_the_same_browser_sent_by_another_site_is_refused(self, form, headers):
        client = victim()
        page = client.get(reverse("api_key_new")).content.decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
        form = {**form, "csrfmiddlewaretoken": token}

        assert is_refused(client.post(reverse("api_key_new"), form, headers=headers))
        assert client.post(reverse("api_key_new"), form).status_code == 200

    @pytest.mark.parametrize("referer", ["", "https://voleur.test/", "http://testserver/"])
    def test_over_https_a_page_from_elsewhere_is_refused(self, form, referer):
        client = victim()
        page = client.get(reverse("api_key_new"), secure=True).content.decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]

        answer = client.post(
            reverse("api_key_new"),
            {**form, "csrfmiddlewaretoken": token},
            headers={"referer": referer} if referer else {},
            secure=True,
        )

        assert is_refused(answer)


def test_a_token_changes_when_somebody_signs_in():
    client, person = Client(), Person()
    client.get(reverse("account_login"))
    before = client.cookies[settings.CSRF_COOKIE_NAME].value

    person.types_password(client)
    person.shows_spare_code(client)

    assert client.cookies[settings.CSRF_COOKIE_NAME].value != before
