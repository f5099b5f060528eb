"""Secrets put into every page and every operation of the API, then looked for in the logs."""

import io
import json
import logging
import re
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from architecture.test_every_page_is_guarded import API
from encaisse.api.app import api
from encaisse.kit.logs import json_lines
from factories.payments import PayableFirm
from functional.test_api import Program
from functional.web_people import MODEL_BACKEND, cookie_of
from plugins.world import eventually

MARKERS = {
    "card": "4000002760003184",
    "spaced card": "4000 0027 6000 3184",
    "iban": "FR1420041010050500013M02606",
    "spaced iban": "FR14 2004 1010 0505 0001 3M02 606",
    "mail": "zenobie.marqueur@example.test",
    "password": "Zinc-Marqueur-et-laiton",
    "code": "739184",
    "token": "ZkMarqueurT0kenQw82hPd71Xs",
}
# What a line may show of them: a card's first four digits, a letter of an address of e-mail.
TRACES = [
    "0027600031", "0027 6000", "2004101005", "2004 1010", "zenobie", "Zinc-Marq", "739184",
    "ZkMarqueurT0ken",
]  # fmt: skip
_INPUTS = re.compile(r'<(?:input|textarea|select)[^>]*\bname="([\w-]+)"')
_USUAL = ["login", "email", "password", "password1", "code", "token", "iban", "name", "csp-report"]
CSRF = "c5RfMarqueur8Zq1LrT7uVbN2xKdPwYe"


def routes(resolver=None, prefix=""):
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield "/" + route
        elif isinstance(entry, URLResolver) and entry.app_name != API:
            yield from routes(entry, route)


def address_of(route: str) -> str:
    """Fill an address: an unknown id, and a secret wherever any text goes."""
    route = re.sub(r"<uuid:\w+>", str(uuid4()), route.replace("^", "").replace("$", ""))
    route = re.sub(r"<int:\w+>", "7", route)
    route = re.sub(r"\(\?P<\w+>[^)]*\)", MARKERS["token"], route)
    return re.sub(r"<[^>]*>", MARKERS["token"], route)


def visits():
    """Yield each page of the map: its address with secrets in the query, and its route."""
    query = httpx.QueryParams({name.replace(" ", "_"): value for name, value in MARKERS.items()})
    for route in routes():
        yield route, f"{address_of(route)}?{query}"


def bodies(page: str):
    """Fill the page's form three times, its fields never twice with the same secret."""
    names = {*_INPUTS.findall(page), *_USUAL} - {"csrfmiddlewaretoken"}
    for turn in (0, 3, 5):
        yield filled(sorted(names), turn) | {"csrfmiddlewaretoken": CSRF}


def filled(names, turn: int) -> dict[str, str]:
    secrets = list(MARKERS.values())
    return {name: secrets[(i + turn) % len(secrets)] for i, name in enumerate(names)}


def operations():
    for path, methods in api.get_openapi_schema(path_prefix="/api/v1/")["paths"].items():
        for method in methods:
            yield method, re.sub(r"\{\w+\}", MARKERS["token"], path)


def headers(request_id: str) -> dict[str, str]:
    return {
        "X-Request-ID": request_id,
        "Referer": f"https://exemple.test/?token={MARKERS['token']}",
        "User-Agent": f"curl {MARKERS['mail']} {MARKERS['card']}",
        "X-Api-Key": MARKERS["password"],
    }


def assert_secret(text: str) -> None:
    lowered = text.lower()
    found = [trace for trace in [*TRACES, CSRF] if trace.lower() in lowered]
    assert found == [], [
        line for line in text.splitlines() if any(t.lower() in line.lower() for t in found)
    ][:5]


class Logs:
    """What the processes of a world wrote; each look reads what was added since the one before."""

    def __init__(self, world) -> None:
        self.folder = world.folder
        self.read: dict[Path, int] = {}
        self.text = ""

    def look(self) -> str:
        """Return the whole lines written since."""
        added = "".join(self._added(path) for path in sorted(self.folder.glob("*.log")))
        self.text += added
        return added

    def hold(self, words: str) -> bool:
        self.look()
        return words in self.text

    def _added(self, path: Path) -> str:
        with path.open("rb") as file:
            file.seek(self.read.get(path, 0))
            lines = file.read()
        whole = lines[: lines.rfind(b"\n") + 1]
        self.read[path] = self.read.get(path, 0) + len(whole)
        return whole.decode(errors="replace")


@pytest.fixture
def firm(world):
    return PayableFirm(world)


class TestTheFilesOfRealProcesses:
    def test_hold_no_secret_put_into_any_page(self, firm, world):
        walk, logs = uuid4().hex[:12], Logs(world)
        seen, cookies_shown = 0, set()
        for count, (_route, address) in enumerate(visits()):
            cookie = cookie_of(firm, world)
            cookies_shown.add(cookie["value"])
            cookies = {cookie["name"]: cookie["value"], settings.CSRF_COOKIE_NAME: CSRF}
            with httpx.Client(base_url=world.url, cookies=cookies, timeout=30) as browser:
                page = browser.get(address, headers=headers(f"walk-{walk}-g{count}"))
                for body in bodies(page.text):
                    browser.post(address, data=body, headers=headers(f"walk-{walk}-p{count}"))
            assert_secret(logs.look())
            seen = count

        assert seen > 60
        eventually(lambda: logs.hold(f"walk-{walk}-p{seen}"))
        assert_secret(logs.text)
        assert [cookie for cookie in cookies_shown if cookie in logs.text] == []

    def test_hold_no_secret_put_into_any_operation(self, firm, world):
        program = Program(firm)
        secret = program.headers["Authorization"].split()[1]
        walk = uuid4().hex[:12]

        for method, path in operations():
            for turn, value in enumerate([secret, *MARKERS.values()][::3]):
                httpx.request(
                    method,
                    world.url + path,
                    params=filled(["cursor", "iban", "limit"], turn),
                    json=filled(["name", "email", "description", "lines", "note"], turn),
                    headers=headers(f"api-{walk}")
                    | {"Authorization": f"Bearer {value}", "Idempotency-Key": MARKERS["token"]},
                    timeout=30,
                )

        text = Logs(world).look()
        assert text.count(f"api-{walk}") >= len(list(operations())) * 3
        assert_secret(text)
        assert secret not in text

    def test_are_json_with_the_request_the_organization_and_the_route(self, firm, world):
        program = Program(firm)
        request_id = f"suivi-{uuid4()}"

        answer = httpx.get(
            f"{world.url}/api/v1/customers",
            headers=program.headers | {"X-Request-ID": request_id},
            timeout=30,
        )

        assert answer.headers["X-Request-ID"] == request_id
        lines = [json.loads(line) for line in (world.folder / "web.log").read_text().splitlines()]
        [line] = [line for line in lines if line.get("request_id") == request_id]
        assert line["organization_id"] == str(firm.id)
        assert line["route"] == "/api/v1/customers"
        assert line["status"] == 200


class TestARequest:
    @pytest.mark.parametrize(
        "given", ["", "court", "4000002760003184", "a" * 65, "id avec espace", 'a"},{"b":"12345678']
    )
    def test_is_named_by_us_where_the_given_name_has_not_the_shape(self, client, given):
        answer = client.get("/healthz", headers={"X-Request-ID": given})

        assert answer["X-Request-ID"] != given
        assert len(answer["X-Request-ID"]) == 36

    def test_keeps_the_name_that_the_proxy_gave(self, client):
        answer = client.get("/healthz", headers={"X-Request-ID": "a1b2c3d4-e5f6"})

        assert answer["X-Request-ID"] == "a1b2c3d4-e5f6"


@pytest.fixture
def captured():
    """Every record of this process, whatever its level, as a line of the log."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(json_lines())
    loggers = [logging.getLogger(name) for name in ("", "django", "encaisse", "procrastinate")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    for logger in loggers[:2]:
        logger.addHandler(handler)
    yield stream
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)
        logger.removeHandler(handler)


def test_records_of_this_process_hold_no_secret_even_the_most_talkative(firm, captured):
    for _route, address in visits():
        client = Client(enforce_csrf_checks=False, raise_request_exception=False)
        client.force_login(firm.owner, backend=MODEL_BACKEND)
        client.get(address, headers=headers("capture-a1b2c3"))
        for body in bodies(""):
            client.post(address, body, headers=headers("capture-a1b2c3"))

    text = captured.getvalue()
    assert text.count('"event": "request"') > 240
    assert_secret(text)
