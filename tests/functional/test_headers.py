"""What every answer tells browsers, and what a lying Host, scheme or report obtains: nothing."""

import io
import json
import logging

import httpx
import pytest
from django.test import Client
from django.urls import reverse

from encaisse.kit.logs import json_lines
from encaisse.web.reports import LIMIT
from factories.invoicing import make_invoice
from factories.organizations import Firm
from factories.payments import PayableFirm
from functional.test_api import Program
from functional.test_logs_keep_secrets import address_of, routes
from functional.web_people import cookie_of, signed_in

PUBLIC = "https://encaisse.exemple.test"


@pytest.fixture(scope="module")
def answers(world):
    """One answer of each kind, from the real server."""
    firm = PayableFirm(world)
    invoice = make_invoice(firm)
    cookie = cookie_of(firm, world)
    program = Program(firm)
    with httpx.Client(base_url=world.url, timeout=30) as browser:
        stranger = {
            "sign-in": browser.get("/compte/login/"),
            "payer": browser.get("/p/AbCdEfGhIjKlMnOpQrStUvWx"),
            "not found": browser.get("/nulle-part"),
            "refused": browser.post("/compte/login/", data={"login": "x"}),
            "json": browser.get("/healthz"),
            "problem": browser.get("/api/v1/customers"),
            "stylesheet": browser.get("/static/web/web.css"),
            "poisoned host": browser.get("/compte/login/", headers={"Host": "voleur.test"}),
        }
        browser.cookies.set(cookie["name"], cookie["value"])
        member = {
            "page": browser.get("/"),
            "document": browser.get(reverse("invoice_pdf", args=[invoice.id])),
            "redirect": browser.get(reverse("welcome")),
            "wrong method": browser.get(reverse("audit_export")),
            "operation": program.get("/customers"),
        }
    return stranger | member


KINDS = [
    "sign-in", "payer", "not found", "refused", "json", "problem", "stylesheet", "poisoned host",
    "page", "document", "redirect", "wrong method", "operation",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_answer_carries_the_headers(answers, kind):
    headers = answers[kind].headers

    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "report-to csp; report-uri /rapports/csp" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Reporting-Endpoints"] == 'csp="/rapports/csp"'
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["X-Request-ID"]
    assert not headers.get("Server")
    assert "X-Powered-By" not in headers
    assert "Strict-Transport-Security" not in headers


def test_the_kinds_are_what_they_say(answers):
    assert [answers[kind].status_code for kind in KINDS] == [
        200, 404, 404, 403, 200, 401, 200, 400, 200, 200, 302, 405, 200,
    ]  # fmt: skip
    assert answers["document"].headers["Content-Type"] == "application/pdf"


class TestALyingHost:
    @pytest.mark.parametrize("route", sorted(set(routes())))
    def test_is_refused_on_every_page(self, route):
        client = Client(raise_request_exception=False)

        for lie in (
            {"host": "voleur.test"},
            {"host": "localhost", "x-forwarded-host": "voleur.test"},
        ):
            answer = client.get(address_of(route), headers=lie)

            assert answer.status_code == 400 or lie["host"] != "voleur.test"
            assert b"voleur.test" not in answer.content
            assert "voleur.test" not in answer.get("Location", "")


@pytest.fixture
def behind_a_proxy(settings):
    settings.PUBLIC_URL = PUBLIC
    settings.ENCAISSE_TRUSTED_PROXIES = 1
    settings.ALLOWED_HOSTS = ["encaisse.exemple.test"]
    return Client(headers={"host": "encaisse.exemple.test"})


class TestBehindAProxyOfOurs:
    def test_plain_http_goes_to_the_public_address(self, behind_a_proxy):
        answer = behind_a_proxy.get("/compte/login/?next=/", headers={"x-forwarded-proto": "http"})

        assert answer.status_code == 301
        assert answer["Location"] == f"{PUBLIC}/compte/login/?next=/"
        assert "Strict-Transport-Security" not in answer

    def test_plain_http_with_a_lying_host_goes_to_our_own_address(self, behind_a_proxy):
        answer = behind_a_proxy.get("/", headers={"host": "voleur.test"})

        assert answer["Location"] == f"{PUBLIC}/"

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("get", "/api/v1/customers"),
            ("post", "/api/v1/customers"),
            ("post", "/webhooks/0197a7a0-0000-7000-8000-000000000000"),
            ("post", "/compte/login/"),
        ],
    )
    def test_programs_and_whatever_was_sent_are_refused_and_led_nowhere(
        self, behind_a_proxy, method, path
    ):
        answer = getattr(behind_a_proxy, method)(path, headers={"x-forwarded-proto": "http"})

        assert answer.status_code == 403
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "https_required"
        assert "Location" not in answer

    def test_https_is_answered_and_promised_for_a_year(self, behind_a_proxy):
        answer = behind_a_proxy.get("/compte/login/", headers={"x-forwarded-proto": "https"})

        assert answer.status_code == 200
        assert answer["Strict-Transport-Security"] == "max-age=31536000"

    def test_a_scheme_written_before_our_proxy_is_not_believed(self, behind_a_proxy):
        answer = behind_a_proxy.get("/", headers={"x-forwarded-proto": "https, http"})

        assert answer.status_code == 301

    def test_the_supervisor_of_the_machine_is_answered_in_clear(self, behind_a_proxy):
        assert behind_a_proxy.get("/healthz").status_code == 200


class TestWithoutADeclaredProxy:
    def test_nobody_can_claim_https(self, settings, client):
        settings.PUBLIC_URL = "http://localhost:8000"

        answer = client.get(
            "/compte/login/", headers={"host": "localhost", "x-forwarded-proto": "https"}
        )

        assert not answer.wsgi_request.is_secure()
        assert "Strict-Transport-Security" not in answer

    def test_https_is_promised_by_the_public_address_and_no_redirect_turns_in_circles(
        self, settings, client
    ):
        settings.PUBLIC_URL = PUBLIC
        settings.ALLOWED_HOSTS = ["encaisse.exemple.test", "localhost"]

        public = client.get("/compte/login/", headers={"host": "encaisse.exemple.test"})
        local = client.get("/compte/login/", headers={"host": "localhost"})

        assert public.status_code == local.status_code == 200
        assert public["Strict-Transport-Security"] == "max-age=31536000"
        assert "Strict-Transport-Security" not in local

    def test_https_on_this_machine_is_not_promised(self, settings, client):
        settings.PUBLIC_URL = "https://localhost:8443"

        answer = client.get("/compte/login/", headers={"host": "localhost:8443"}, secure=True)

        assert "Strict-Transport-Security" not in answer


@pytest.fixture
def lines():
    LIMIT.forget()
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(json_lines())
    logger = logging.getLogger("encaisse.web.reports")
    logger.addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logger.removeHandler(handler)
    LIMIT.forget()


def report(client, content, kind="application/reports+json"):
    body = content if isinstance(content, bytes) else json.dumps(content)
    return client.post("/rapports/csp", body, content_type=kind)


class TestAReportOfABrowser:
    SECRET = "AbCdEfGhIjKlMnOpQrStUvWx"

    @pytest.mark.parametrize("shape", ["report-to", "report-uri"])
    def test_is_noted_without_its_secrets(self, client, lines, shape):
        page = f"https://encaisse.exemple.test/p/{self.SECRET}?lang=fr"
        blocked = f"https://voleur.test/take?what={self.SECRET}"
        new = {"documentURL": page, "blockedURL": blocked, "effectiveDirective": "img-src"}
        old = {"document-uri": page, "blocked-uri": blocked, "violated-directive": "img-src 'self'"}

        answer = report(
            client,
            [{"type": "csp-violation", "body": new}]
            if shape == "report-to"
            else {"csp-report": old},
        )

        assert answer.status_code == 204
        [line] = lines()
        assert line["event"] == "csp_violation"
        assert line["directive"] == "img-src"
        assert line["blocked"] == "voleur.test"
        assert line["route"] == "/p/<str:token>"
        assert self.SECRET not in str(line)

    @pytest.mark.parametrize(
        "content", [b"", b"{", b"[" * 9000, b"3", b'["a"]', b"\xff\xfe", b'{"csp-report": 1}']
    )
    def test_that_makes_no_sense_is_passed_over(self, client, lines, content):
        assert report(client, content).status_code == 204
        assert lines() == []

    def test_that_is_too_large_is_not_read(self, client, lines):
        entry = {"csp-report": {"blocked-uri": "inline", "script-sample": "x" * 20_000}}

        assert report(client, entry).status_code == 204
        assert lines() == []

    def test_never_fills_the_log(self, client, lines):
        for _ in range(20):
            report(client, [{"body": {"blockedURL": "inline"}}] * 50)

        assert len(lines()) == 60


def test_cookies_are_marked(world):
    client = signed_in(Firm())

    cookie = client.get("/").cookies.get("csrf") or client.cookies["encaisse"]

    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
