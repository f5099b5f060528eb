"""Addresses that would send a person, once signed in, to somebody else's site."""

from urllib.parse import quote, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from attacks.walk import addresses
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.handles import HandleKind, new_token, register_handle
from encaisse.providers.models import Connection
from factories.organizations import Firm
from factories.payments import PayableFirm
from functional.door import Person
from functional.web_people import PASSWORD, signed_in

EVIL = [
    "https://voleur.test/", "http://voleur.test", "//voleur.test", "///voleur.test",
    "////voleur.test/%2e%2e", "https:voleur.test", "https:/voleur.test", "https:///voleur.test",
    "http:\\\\voleur.test", "\\\\voleur.test", "/\\voleur.test", "\\/voleur.test",
    "/\t/voleur.test", "/\n/voleur.test", "\t//voleur.test", " //voleur.test", "\x00//voleur.test",
    "\u2028//voleur.test", "//voleur%E3%80%82test", "//voleur。test", "https://testserver@voleur.test",
    "https://testserver.voleur.test", "//testserver:80@voleur.test", "https://voleur.test#testserver",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "data:text/html,x",
    "vbscript:x", "ftp://voleur.test", "%2f%2fvoleur.test", "%68ttps://voleur.test",
    "/%5cvoleur.test", "/%2f/voleur.test", "/..//voleur.test", "/;@voleur.test",
]  # fmt: skip
NAMES = ["next", "return", "return_to", "redirect", "redirect_to", "url", "continue", "success_url"]


def lands_elsewhere(location: str) -> bool:
    """Tell whether a browser would leave the site: it drops tabs and turns backslashes around."""
    seen = "".join(c for c in location if c not in "\t\n\r").lstrip("\x00 ").replace("\\", "/")
    parts = urlsplit(seen if not seen.startswith("//") else f"http:{seen}")
    if parts.scheme not in {"", "http", "https"}:
        return True
    if parts.scheme and not parts.netloc:
        return True
    return parts.netloc not in {"", "testserver"}


def test_the_judge_of_this_file_knows_a_way_out():
    assert all(
        lands_elsewhere(way)
        for way in EVIL
        if "%" not in way and ";" not in way and not way.startswith(("/..", "\u2028"))
    )
    assert not lands_elsewhere("/clients/")
    assert not lands_elsewhere("http://testserver/clients/")


@pytest.fixture(scope="module")
def person(django_db_setup):
    return Person()


@pytest.mark.parametrize("way", EVIL, ids=ascii)
class TestAfterSigningIn:
    def test_the_password_leads_nowhere_else(self, way, person):
        client = Client()
        page = client.get(f"{reverse('account_login')}?next={quote(way)}")
        client.post(
            f"{reverse('account_login')}?next={quote(way)}",
            {"login": person.user.email, "password": PASSWORD, "next": way},
            REMOTE_ADDR=person.home,
        )

        answer = client.get(reverse("entrance"), follow=False)

        assert not lands_elsewhere(answer.get("Location", "/"))
        assert_no_way_out(page, way)

    def test_proving_again_leads_nowhere_else(self, way):
        firm = Firm()
        firm.owner.set_password(PASSWORD)
        firm.owner.save()
        client = signed_in(firm, proven=True)

        for name in ("account_reauthenticate", "mfa_reauthenticate"):
            url = f"{reverse(name)}?next={quote(way)}"
            page = client.get(url)
            answer = client.post(url, {"password": PASSWORD, "code": "000000", "next": way})

            assert not lands_elsewhere(answer.get("Location", "/"))
            assert_no_way_out(page, way)

    def test_signing_out_leads_nowhere_else(self, way):
        client = signed_in(Firm(), proven=True)

        answer = client.post(f"{reverse('account_logout')}?next={quote(way)}", {"next": way})

        assert not lands_elsewhere(answer.get("Location", "/"))


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("is_signed_in", [True, False], ids=["member", "stranger"])
def test_no_address_follows_a_parameter_out_of_the_site(method, is_signed_in):
    firm = Firm()
    left = []
    for one in addresses():
        client = signed_in(firm, proven=True) if is_signed_in else Client()
        for way in (
            "//voleur.test",
            "https://voleur.test/",
            "/\\voleur.test",
            "javascript:alert(1)",
        ):
            given = dict.fromkeys(NAMES, way)
            path = one.filled()
            answer = (
                client.get(path, given)
                if method == "get"
                else client.post(f"{path}?next={quote(way)}", given)
            )
            if lands_elsewhere(answer.get("Location", "/")):
                left.append((path, way, answer["Location"]))
            assert_no_way_out(answer, way)

    assert left == []


@pytest.mark.parametrize(
    "path", ["//voleur.test", "//voleur.test/%2e%2e", "/%5cvoleur.test", "/\\voleur.test/"]
)
def test_a_path_that_looks_like_another_host_is_followed_nowhere(path):
    """Adding the missing slash to such a path would send the browser away."""
    client = Client()
    for tail in ("", "/clients", "/compte/login"):
        answer = client.get("/", PATH_INFO=f"{path}{tail}")

        assert not lands_elsewhere(answer.get("Location", "/"))


def assert_no_way_out(answer, way):
    """No link or form of the page carries it either."""
    if answer.get("Content-Type", "").startswith("text/html") and not answer.streaming:
        page = answer.content.decode()
        assert f'href="{way}' not in page
        assert f'action="{way}' not in page


class TestAPayer:
    def test_is_sent_to_the_page_of_the_provider_and_to_no_other(self, world):
        firm = PayableFirm(world)
        request, token = firm.request(), new_token()
        register_handle(
            kind=HandleKind.PAYMENT_REQUEST,
            token=token,
            organization_id=firm.id,
            target_id=request.id,
        )
        path = reverse("payer_pay", args=[token])

        there = Client().post(path, {"method": "card"})
        with acting_for(firm.id):
            Connection.objects.filter(id=firm.connection.id).update(checkout_host="ailleurs.test")
        again = Client().post(path, {"method": "card"})
        anew = Client().post(path, {"method": "bank"})

        assert there.status_code == 303
        assert urlsplit(there["Location"]).netloc == urlsplit(world.sandbox.url).netloc
        for refused in (again, anew):
            assert refused.status_code == 502
            assert "Location" not in refused
            assert "checkout_elsewhere" in refused.content.decode()
