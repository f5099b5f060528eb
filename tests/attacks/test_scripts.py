"""Scripts that somebody would have run in another's page (XSS), and formulas in their tables."""

import csv
import io
import re
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import reverse

from attacks.poison import FORMULAS, PAYLOADS, Eye, PoisonedFirm, alarms, texts
from attacks.walk import addresses, operations
from encaisse.audit.models import AuditEntry
from encaisse.invoicing.services.quotes import quote_token
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Role
from encaisse.organizations.queries import members
from encaisse.organizations.team import add_member
from encaisse.payments.services.requests import link_token
from encaisse.treasury.queries import bank_accounts, bank_transactions
from factories.organizations import NOW, Firm, make_user
from functional.web_people import cookie_of, signed_in

_INPUTS = re.compile(r'<(?:input|textarea|select)[^>]*\bname="([\w-]+)"')
USUAL = [
    "q", "page", "du", "au", "qui", "quoi", "objet", "ligne", "par", "next", "lang", "customer",
    "customer_search", "name", "code", "token", "etat", "find", "canceled", "cursor", "login",
    "email", "method", "word", "sha256", "suite", "iban", "addresses",
]  # fmt: skip
TURNS = range(0, len(PAYLOADS), 9)
# What ends the session the walk is made with.
LEFT_OUT = {"account_logout"}


@pytest.fixture(scope="module")
def poisoned(world):
    return PoisonedFirm(world)


@pytest.fixture(scope="module")
def paths(poisoned):
    """Every address, filled with each object that the firm has of the kind it takes."""
    things = objects_of(poisoned)
    found = []
    for one in addresses():
        if one.name in LEFT_OUT:
            continue
        [*named] = one.parameters
        if not named:
            found.append(one.filled())
        elif len(named) == 1 and one.name.startswith("payer_quote"):
            found += [one.filled({"token": token}) for token in things["quote_token"]]
        elif len(named) == 1:
            found += [one.filled({named[0]: value}) for value in things.get(named[0], [])]
    return found


def objects_of(firm):
    with acting_for(firm.id):
        return {
            "customer_id": [customer.id for customer in firm.customers],
            "quote_id": [quote.id for quote in firm.quotes],
            "invoice_id": [invoice.id for invoice in firm.invoices],
            "request_id": [request.id for request in firm.requests],
            "intent_id": [firm.payment.id],
            "key_id": [key.id for key in firm.keys],
            "membership_id": [row.id for row in members(organization_id=firm.id)],
            "account_id": [row.id for row in bank_accounts(organization_id=firm.id)],
            "transaction_id": [row.id for row in bank_transactions(organization_id=firm.id)],
            "token": [link_token(request) for request in firm.requests],
            "quote_token": [quote_token(quote) for quote in firm.quotes],
        }


@dataclass
class Walk:
    """What every address answered to the owner, and how much longer the journal was afterwards."""

    alarms: dict[str, list[str]]
    texts: list[str]
    drawn: list[str]
    lines: int


@pytest.fixture(scope="module")
def walk(poisoned, paths):
    """Open every address once."""
    client = signed_in(poisoned, proven=True)
    before = journal_length(poisoned)
    found = Walk({}, [], [], 0)
    for path in paths:
        answer = client.get(path)
        found.alarms[path] = alarms(answer)
        if answer.get("Content-Type", "").startswith("text/html"):
            found.texts.append(texts(answer))
        if is_drawn(answer):
            found.drawn.append(path)
    found.lines = journal_length(poisoned) - before
    return found


@pytest.fixture(scope="module")
def firm(django_db_setup):
    return Firm()


class TestWhatIsStored:
    def test_every_payload_is_shown_and_none_runs(self, walk):
        assert {path: found for path, found in walk.alarms.items() if found} == {}
        everything = " ".join(walk.texts)
        assert [payload for payload in PAYLOADS if payload not in everything] == []
        assert len(walk.texts) > 150

    @pytest.mark.parametrize("turn", TURNS)
    def test_the_firm_s_own_words_do_not_run_at_its_payers(self, poisoned, turn):
        poisoned.rename(turn)
        token, quote = link_token(poisoned.requests[3]), quote_token(poisoned.quotes[3])
        stranger, owner = Client(), signed_in(poisoned, proven=True)

        answers = [stranger.get(f"/p/{token}{tail}") for tail in ("", "/verify", "/transfer")]
        answers += [stranger.get(f"/q/{quote}"), stranger.get(f"/q/{quote}/withdraw")]
        answers += [owner.get(reverse(name)) for name in ("firm", "firm_edit", "home", "places")]

        assert [alarms(answer) for answer in answers] == [[]] * len(answers)
        assert "xq9" in texts(answers[0])

    def test_a_stylesheet_of_the_firm_says_colours_only(self, poisoned):
        answer = Client().get(f"/p/{link_token(poisoned.requests[3])}/firm.css")

        assert "xq9" not in answer.content.decode()
        assert answer["Content-Type"] == "text/css"

    def test_looking_changes_nothing(self, walk):
        """Whatever makes a browser open an address of ours makes nothing happen."""
        assert len(walk.alarms) > 150
        assert walk.lines == 0

    def test_in_a_real_browser_nothing_runs_and_nothing_is_even_stopped(
        self, poisoned, walk, world, chromium
    ):
        poisoned.rename(0)
        pages = one_of_each_kind(walk.drawn)
        ran = []
        context = chromium.new_context(base_url=world.url, locale="fr-FR")
        context.add_cookies([cookie_of(poisoned, world)])
        context.add_init_script(
            "window.seen = []; window.xq9 = () => window.seen.push('ran');"
            "document.addEventListener('securitypolicyviolation',"
            " event => window.seen.push(event.violatedDirective + ' ' + event.blockedURI));"
        )
        tab = context.new_page()
        tab.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
        tab.on("pageerror", lambda error: ran.append(str(error)))
        asked = []
        tab.on("request", lambda request: asked.append(request.url))
        for path in pages:
            answer = tab.goto(path)
            seen = tab.evaluate("window.seen")
            if seen:
                ran.append((path, answer.status, seen))
        context.close()

        assert ran == []
        assert [url for url in asked if "voleur.test" in url] == []
        assert len(asked) > 200


class TestWhatIsSentBack:
    def test_no_parameter_of_an_address_runs(self, firm):
        client = signed_in(firm, proven=True)
        found = {}

        for one in addresses():
            if one.name in LEFT_OUT:
                continue
            path = one.filled()
            names = {*_INPUTS.findall(body(client.get(path))), *USUAL} - {"csrfmiddlewaretoken"}
            for turn in TURNS:
                answer = client.get(path, filled(names, turn))
                if alarms(answer):
                    found[path, turn] = alarms(answer)

        assert found == {}

    def test_no_form_sent_back_with_its_errors_runs(self, firm):
        client = signed_in(firm, proven=True)
        found, sent_back = {}, 0

        for one in addresses():
            if one.name in LEFT_OUT:
                continue
            path = one.filled()
            names = {*_INPUTS.findall(body(client.get(path))), *USUAL} - {"csrfmiddlewaretoken"}
            # A form may end the session or change the factors: each address begins anew.
            visitor = signed_in(Firm(), proven=True)
            for turn in TURNS:
                answer = visitor.post(path, filled(names, turn))
                sent_back += "xq9" in body(answer)
                if alarms(answer):
                    found[path, turn] = alarms(answer)

        assert found == {}
        assert sent_back > 50

    @pytest.mark.parametrize("payload", PAYLOADS)
    def test_no_path_and_no_header_runs(self, payload, firm):
        client = signed_in(firm, proven=True)
        told = {
            "user-agent": f"Mozilla {payload}", "referer": payload, "accept-language": payload,
            "x-request-id": payload, "x-forwarded-for": payload, "accept": payload,
        }  # fmt: skip

        answers = [
            client.get(f"/{payload}"), client.get(f"/p/{payload}"), client.get(f"/q/{payload}"),
            client.get(f"/invitation/{payload}"),
            client.get(f"/compte/2fa/recuperation/{payload}/"),
            client.get(f"/compte/2fa/{payload}/{payload}/retirer/"),
            client.get("/compte/activite/", headers=told), client.get("/", headers=told),
            client.get("/p/x", headers={**told, "cookie": f"payer-language={payload}"}),
            client.post("/compte/login/", {"login": payload, "password": payload}, headers=told),
        ]  # fmt: skip

        assert [alarms(answer) for answer in answers] == [[]] * len(answers)
        # An address of ours may carry it, as long as it stays encoded.
        told_back = [
            dict(answer.items()) for answer in answers if payload in str([*answer.items()])
        ]
        assert told_back == []

    @pytest.mark.parametrize(("method", "path"), [found[:2] for found in operations()])
    def test_the_api_answers_json_that_no_browser_draws(self, method, path):
        filled = re.sub(r"\{\w+\}", "%3Cimg src=x onerror=xq9()%3E", path)

        answer = Client().generic(method.upper(), filled, PAYLOADS[0], content_type="text/html")

        assert answer["Content-Type"].startswith("application/")
        assert answer["X-Content-Type-Options"] == "nosniff"


def test_no_cell_of_a_table_computes(world):
    firm = Firm()
    for formula in [*FORMULAS, *PAYLOADS]:
        user = make_user(full_name=formula)
        add_member(
            organization_id=firm.id, actor=type(firm.actor)(firm.actor.kind, user.id),
            user_id=user.id, role=Role.AUDITOR, now=NOW,
        )  # fmt: skip

    answer = signed_in(firm, proven=True).post(reverse("audit_export"))

    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    cells = [cell for row in rows for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝"))] == []
    assert all(any(formula in cell for cell in cells) for formula in FORMULAS)


class TestTheEye:
    """A test that sees nothing proves nothing: each payload, drawn as it stands, is seen."""

    @pytest.mark.parametrize(
        "page",
        [payload for payload in PAYLOADS if payload.startswith(("<", "</", "'>", '">', "-->"))],
    )
    def test_sees_a_payload_that_runs(self, page):
        assert Eye(f"<p>{page}</p>").alarms

    @pytest.mark.parametrize("value", ['" autofocus onfocus="xq9()', "javascript:xq9()"])
    def test_sees_one_that_leaves_its_attribute(self, value):
        assert Eye(f'<a href="{value}">x</a>').alarms

    def test_does_not_mind_what_is_escaped(self):
        assert Eye('<p title="&lt;script&gt;">&lt;script&gt;xq9()&lt;/script&gt;</p>').alarms == []


def filled(names, turn):
    """Give each field a payload of its own, another one at each turn."""
    return {
        name: PAYLOADS[(number + turn) % len(PAYLOADS)] for number, name in enumerate(sorted(names))
    }


def is_drawn(answer) -> bool:
    return answer.status_code < 400 and answer.get("Content-Type", "").startswith("text/html")


def body(answer) -> str:
    return "" if answer.streaming else answer.content.decode(errors="replace")


def journal_length(firm) -> int:
    with acting_for(firm.id):
        return AuditEntry.objects.filter(organization_id=firm.id).count()


def one_of_each_kind(paths):
    """Every list, and the first few objects of each page that shows one."""
    counted: dict[str, int] = {}
    for path in paths:
        kind = re.sub(r"[0-9a-f-]{36}|(?<=/[pq]/)[\w-]+", "*", path)
        counted[kind] = counted.get(kind, 0) + 1
        if counted[kind] <= 5:
            yield path
