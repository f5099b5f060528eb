"""Every page read by axe, wide and narrow, by day and by night; none scrolls sideways."""

import re

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.test import Client, override_settings
from django.urls import reverse

from attacks.walk import addresses
from encaisse.invoicing.services.quotes import quote_token
from encaisse.organizations.core import Role
from encaisse.payments.services.requests import link_token
from encaisse.web.entrance.ways import Way
from factories.organizations import Firm
from factories.passkeys import Telephone
from functional.axe import bring, complaints, told
from functional.door import Person
from functional.lived_in import LivedInFirm, add_passkey, with_phone
from functional.web_people import (
    MODEL_BACKEND,
    PASSWORD,
    Newcomer,
    client_of,
    prove,
    show_code_too,
    signed_in,
)

# What ends the session the walk is made with is judged apart.
APART = {"account_logout", "mfa_view_recovery_codes"}
# The longest walk of all is made in parts, which two workers share at the end of a run.
PARTS = 4


@pytest.fixture(scope="module")
def at_the_server(world):
    """Make sessions as the server does: it signs them with its own key."""
    with override_settings(SECRET_KEY=(world.folder / "secret_key").read_text()):
        yield


@pytest.fixture(scope="module")
def firm(world, at_the_server):
    return LivedInFirm(world)


@pytest.fixture
def tab_of(chromium, world):
    """Open a tab in the place of a client: with its cookies."""
    contexts = []

    def opened(client: Client):
        # A worker would ask the server itself, past the answers that a test draws again.
        context = chromium.new_context(
            base_url=f"http://localhost:{world.port}", locale="fr-FR", service_workers="block"
        )
        contexts.append(context)
        bring(context)
        context.add_cookies(
            [
                {"name": name, "value": cookie.value, "url": f"http://localhost:{world.port}"}
                for name, cookie in client.cookies.items()
            ]
        )
        page = context.new_page()
        page.set_default_timeout(8000)
        return page

    yield opened
    for context in contexts:
        context.close()


def paths(firm) -> list[str]:
    """Every address of the map, filled with what the firm has; none is left unfilled."""
    things, tokens = firm.things(), firm.tokens
    return [
        one.filled(values)
        for one in addresses()
        if one.name not in APART
        for values in fillings(one, things, tokens)
    ]


def fillings(address, things, tokens):
    match address.parameters:
        case []:
            return [{}]
        case ["token"]:
            start = next(start for start in tokens if address.name.startswith(start))
            return [{"token": token} for token in tokens[start]]
        case ["kind", "factor_id"]:
            return [{"kind": "passkey", "factor_id": things["pk"][0]}]
        case [name]:
            return [{name: value} for value in things[name]]


def draw(tab, answer) -> None:
    """Show what a form answered: Chromium gets it as it is, with its headers."""
    path = answer.request["PATH_INFO"]
    headers = {name: value for name, value in answer.items() if name != "Content-Length"}
    shown = {"status": answer.status_code, "headers": headers, "body": answer.content}
    tab.route(f"**{path}", lambda route: route.fulfill(**shown), times=1)
    tab.goto(path)


def of_answers(tab, answers) -> dict[str, list[str]]:
    """Judge each answer by the name it is given."""
    found = {}
    for name, answer in answers.items():
        assert is_drawn(answer), (name, answer.status_code, answer.get("Location"))
        draw(tab, answer)
        found[name] = complaints(tab)
    return found


def only_faults(found) -> str:
    return told({name: said for name, said in found.items() if said})


def is_drawn(answer) -> bool:
    is_page = answer.get("Content-Type", "").startswith("text/html") and not answer.streaming
    return is_page and answer.status_code not in {302, 405} and bool(answer.content)


def judged(tab, client, every) -> dict[str, list[str]]:
    found = {}
    for path in every:
        if is_drawn(client.get(path)):
            tab.goto(path)
            found[path] = complaints(tab)
    return found


class TestSomebodyAtWork:
    @pytest.mark.parametrize("part", range(PARTS))
    def test_axe_finds_nothing_on_any_page_of_the_map(self, tab_of, firm, part):
        client = signed_in(firm, proven=True)

        found = judged(tab_of(client), client, paths(firm)[part::PARTS])

        assert len(found) > 70 / PARTS
        assert only_faults(found) == "{}"

    def test_axe_finds_nothing_on_what_is_shown_once(self, tab_of, firm):
        client, things = signed_in(firm, proven=True), firm.things()
        (member, *_) = things["membership_id"]
        key = {"name": "Boutique", "scopes": ["customers:read"], "days": "90"}

        answers = {
            "key made": client.post(reverse("api_key_new"), key),
            "key replaced": client.post(
                reverse("api_key_rotate", args=things["key_id"]), {"days": "7"}
            ),
            "emergency code": client.post(reverse("member_emergency", args=[member])),
            "endpoint": client.post(
                reverse("endpoint_new"), {"url": "https://93.184.215.14/", "hears": "all"}
            ),
            "endpoint refused": client.post(reverse("endpoint_new"), {"url": "https://10.0.0.1/"}),
            "ceiling below zero": client.post(
                reverse("safeguards_set"), {"preset": "souple", "refund_ceiling": "-1"}
            ),
            "searched journal": client.get(reverse("audit"), {"du": "hier", "quoi": "rien"}),
            "all alerts": client.get(reverse("alerts"), {"etat": "toutes"}),
            "invited whom": client.post(reverse("member_invite"), {"email": "personne"}),
            "wrong code": client.post(
                reverse("operation", args=things["operation_id"]), {"code": "000000"}, follow=True
            ),
        }

        assert only_faults(of_answers(tab_of(client), answers)) == "{}"


class TestEnrolling:
    def test_axe_finds_nothing_on_the_way_to_a_first_factor(self, tab_of, at_the_server, world):
        client = Client()
        owner = Firm().owner
        client.force_login(owner, backend=MODEL_BACKEND)
        prove(client, owner)

        def get(name):
            return client.get(reverse(name), headers={"host": "localhost"})

        answers = {
            "choose": get("enrol"), "passkey": get("mfa_add_webauthn"),
            "application": get("mfa_activate_totp"), "telephone": get("phone_add"),
            "wrong number": client.post(reverse("phone_add"), {"number": "12"}),
            "code by text": client.post(
                reverse("phone_add"), {"number": "06 12 34 56 78"}, follow=True
            ),
            "wrong code": client.post(reverse("mfa_activate_totp"), {"code": "000000"}),
        }  # fmt: skip
        secret = re.search(
            r'id="secret" type="text" value="([A-Z2-7]+)"', answers["application"].content.decode()
        )[1]
        answers["recovery codes"] = client.post(
            reverse("mfa_activate_totp"), {"code": Newcomer.totp(secret)}, follow=True
        )

        assert only_faults(of_answers(tab_of(client), answers)) == "{}"


class TestStrangers:
    def test_axe_finds_nothing_on_what_anybody_may_open(self, tab_of, firm):
        client = Client()
        open_to_all = [path for path in paths(firm) if not path.startswith(("/p/", "/q/"))]

        found = judged(tab_of(client), client, open_to_all)

        assert len(found) > 8
        assert only_faults(found) == "{}"

    def test_payers_are_spoken_to_in_english_as_well(self, tab_of, firm):
        client = Client()
        paying, quote = link_token(firm.requests[0]), quote_token(firm.quotes[1])
        every = [
            f"/p/{paying}?lang=en", f"/p/{paying}/verify?lang=en", f"/p/{paying}/transfer?lang=en",
            f"/p/{link_token(firm.requests[2])}?lang=en", "/p/AbCdEfGhIjKlMnOpQrStUv?lang=en",
            f"/q/{quote}?lang=en", f"/q/{quote}/withdraw?lang=en",
            f"/q/{quote_token(firm.quotes[2])}?lang=en",
        ]  # fmt: skip
        tab = tab_of(client)

        found = judged(tab, client, every)

        assert len(found) == len(every)
        assert only_faults(found) == "{}"
        assert tab.evaluate("document.documentElement.lang") == "en"

    def test_axe_finds_nothing_on_the_answers_of_the_doors(self, tab_of, at_the_server, rf):
        person, newcomer, visitor = Person(), Newcomer(), Client()
        signup = {"full_name": newcomer.name, "email": newcomer.email, "password1": PASSWORD}
        wrong = {"login": person.user.email, "password": "x" * 20}

        answers = {
            "wrong password": visitor.post(reverse("account_login"), wrong),
            "short password": visitor.post(
                reverse("account_signup"), {**signup, "password1": "court"}
            ),
            "signed up": visitor.post(reverse("account_signup"), signup, follow=True),
            "reset asked": Client().post(
                reverse("account_reset_password"), {"email": person.user.email}, follow=True
            ),
            "recovery asked": visitor.post(reverse("recovery_ask"), {"email": newcomer.email}),
            "404": visitor.get("/nulle-part/"),
            "csrf": Client(enforce_csrf_checks=True).post(reverse("account_login"), {}),
            "429": answer_of(rf.get("/essais/"), "429.html", 429),
            "not in the role": client_of(person.user).get("/"),
        }

        assert only_faults(of_answers(tab_of(visitor), answers)) == "{}"


def answer_of(request, template: str, status: int) -> HttpResponse:
    """What a page that is hard to meet looks like."""
    answer = render(request, template, status=status)
    answer.request = {"PATH_INFO": request.path}
    return answer


class TestHalfwayIn:
    def test_axe_finds_nothing_on_the_second_step(self, tab_of, at_the_server):
        person = Person()
        with_phone(person.user)
        at_work = client_of(person.user)
        prove(at_work, person.user)
        add_passkey(at_work, Telephone())
        client = Client()
        person.types_password(client)

        answers = {way: client.get(reverse("entrance"), {"par": way}) for way in Way}
        answers["wrong code"] = client.post(reverse("entrance") + "?par=code", {"code": "000000"})
        by_text = reverse("entrance") + "?par=sms"
        answers["text sent"] = client.post(by_text, {"envoyer": "1"}, follow=True)

        assert only_faults(of_answers(tab_of(client), answers)) == "{}"

    def test_axe_finds_nothing_on_a_closed_door(self, tab_of, at_the_server):
        refused, frozen = Person(), Person()
        refused.lives_here()
        thief = Client()
        for _try in range(3):
            refused.types_password(thief, address=refused.there, password="x" * 20)
        home = frozen.lives_here()

        answers = {
            "refused": refused.types_password(thief, address=refused.there),
            "frozen by oneself": home.post(reverse("freeze_mine")),
            "frozen": frozen.types_password(Client()),
        }

        assert only_faults(of_answers(tab_of(thief), answers)) == "{}"

    def test_axe_finds_nothing_where_more_is_asked(self, tab_of, at_the_server):
        person = Person()
        client = client_of(person.user)
        prove(client, person.user)
        del client.cookies[settings.DEVICE_COOKIE_NAME]
        new = {"email": Newcomer().email, "role": Role.COLLECTOR}

        answers = {
            "confirm": client.post(reverse("member_invite"), new, follow=True),
            "say who": client_of(person.user).get(reverse("member_invite"), follow=True),
        }

        assert answers["confirm"].request["PATH_INFO"] == reverse("confirm")
        assert only_faults(of_answers(tab_of(client), answers)) == "{}"


class TestGuardians:
    def test_axe_finds_nothing_where_they_answer(self, tab_of, firm):
        client = client_of(firm.guardian)
        prove(client, firm.guardian)
        show_code_too(client)
        approve = reverse("recovery_approve", args=[firm.recovery.id])

        answers = {
            "asked": client.get(reverse("guardianships")),
            "explained": client.get(approve),
            "code to read aloud": client.post(approve),
        }

        assert only_faults(of_answers(tab_of(client), answers)) == "{}"


class TestTelephonesThatAnswer:
    def test_axe_finds_nothing_where_they_agree_or_refuse(self, tab_of, firm):
        client = Client()
        client.cookies[settings.DEVICE_COOKIE_NAME] = firm.answering.token
        asked = reverse("approval", args=[firm.question.id])

        answers = {
            "waiting": client.get(reverse("approvals"), follow=True),
            "asked": client.get(asked),
            "wrong number": client.post(asked, {"number": "1"}),
            "nobody's": Client().get(asked),
        }

        assert only_faults(of_answers(tab_of(client), answers)) == "{}"
