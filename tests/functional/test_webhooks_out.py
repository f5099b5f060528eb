"""Alerts told to a program of the firm: signed, tried again, never inside our own network."""

import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.urls import reverse
from django.utils import timezone
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from encaisse.kit.clock import business_now
from encaisse.kit.http import AskedInsideTransaction
from encaisse.kit.outside import AddressRefused, check_address, is_outside, post_outside
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import Role
from encaisse.organizations.team import change_role
from encaisse.webhooks.core import LARGEST_ATTEMPT_COUNT, DeliveryState, after_answer
from encaisse.webhooks.endpoints import (
    LARGEST_NUMBER,
    MessageNotTaken,
    add_endpoint,
    close_endpoint,
    deliver,
    try_endpoint,
)
from encaisse.webhooks.errors import TooManyEndpoints
from encaisse.webhooks.models import Delivery, Endpoint
from factories.organizations import Firm
from functional.watched import member
from functional.web_people import audited, signed_in
from plugins.world import eventually, sooner


class Program:
    """A program of the firm, listening: it keeps what it hears and answers as it is told."""

    def __init__(self) -> None:
        self.heard, self.answers = [], []
        program = self

        class Listener(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                program.heard.append((self.path, dict(self.headers), body))
                status = program.answers.pop(0) if program.answers else 204
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_arguments):
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
        self.url = f"http://127.0.0.1:{self.server.server_port}/alertes?de=encaisse"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@contextmanager
def running_program():
    running = Program()
    yield running
    running.server.shutdown()
    running.server.server_close()


@pytest.fixture
def program():
    with running_program() as program:
        yield program


@pytest.fixture
def firm(world):
    return Firm()


def told(firm, program):
    return add_endpoint(
        organization_id=firm.id, actor=firm.actor, url=program.url, now=business_now()
    )


def deliveries(firm):
    with acting_for(firm.id):
        return list(Delivery.objects.order_by("created_at"))


def promote(firm):
    partner = member(firm, Role.COLLECTOR)
    change_role(
        organization_id=firm.id, actor=firm.actor, user_id=partner.id, role=Role.OWNER,
        now=business_now(),
    )  # fmt: skip


class TestAMessage:
    def test_arrives_signed_and_says_no_name(self, firm, program):
        made = told(firm, program)
        promote(firm)
        ((path, headers, body),) = eventually(lambda: program.heard)

        heard = Webhook(made.secret).verify(body, headers)

        assert path == "/alertes?de=encaisse"
        assert heard["type"] == "alert.raised"
        assert heard["data"]["title"] == "Nouveau rôle étendu"
        assert "@" not in body.decode()
        eventually(lambda: [one.state for one in deliveries(firm)] == [DeliveryState.TAKEN])
        with pytest.raises(WebhookVerificationError):
            Webhook(made.secret).verify(body.replace(b"grave", b"light"), headers)

    def test_is_tried_again_under_the_same_identifier(self, firm, program):
        program.answers = [500, 503]
        told(firm, program)
        promote(firm)

        eventually(lambda: sooner(firm.id) or len(program.heard) == 3)

        identifiers = {headers["webhook-id"] for _path, headers, _body in program.heard}
        assert len(identifiers) == 1
        eventually(lambda: [one.state for one in deliveries(firm)] == [DeliveryState.TAKEN])
        assert deliveries(firm)[0].attempt_count == 3

    def test_follows_no_redirect(self, firm, program):
        program.answers = [302] * 20
        made = told(firm, program)
        try_endpoint(organization_id=firm.id, endpoint_id=made.endpoint.id, now=business_now())

        eventually(lambda: deliveries(firm)[0].outcome == "302")

        assert all(path.startswith("/alertes") for path, _headers, _body in program.heard)

    def test_is_given_up_after_so_many_tries(self, firm, program):
        program.answers = [500] * 50
        made = told(firm, program)
        try_endpoint(organization_id=firm.id, endpoint_id=made.endpoint.id, now=business_now())
        eventually(lambda: deliveries(firm)[0].attempt_count >= 1)
        (row,) = deliveries(firm)
        for _try in range(LARGEST_ATTEMPT_COUNT + 1):
            with suppress(MessageNotTaken):
                deliver(organization_id=firm.id, delivery_id=row.id, real_now=timezone.now())

        assert deliveries(firm)[0].state == DeliveryState.FAILED
        assert len(program.heard) <= LARGEST_ATTEMPT_COUNT

    def test_to_an_address_that_no_client_can_write_is_not_left_on_its_way(self, firm, program):
        made = told(firm, program)
        with acting_for(firm.id):
            row = Endpoint.objects.get(id=made.endpoint.id)
            row.url = f"{program.url}\x7f"  # accepted by an older version
            row.save(update_fields=["url_sealed"])
        try_endpoint(organization_id=firm.id, endpoint_id=made.endpoint.id, now=business_now())

        eventually(lambda: deliveries(firm)[0].outcome == "address_refused")

    def test_to_a_closed_address_does_not_leave(self, firm, program):
        program.answers = [500] * 9
        made = told(firm, program)
        try_endpoint(organization_id=firm.id, endpoint_id=made.endpoint.id, now=business_now())
        eventually(lambda: program.heard)
        close_endpoint(
            organization_id=firm.id, actor=firm.actor, endpoint_id=made.endpoint.id,
            now=business_now(),
        )  # fmt: skip
        eventually(lambda: sooner(firm.id) or deliveries(firm)[0].outcome == "endpoint_closed")

        promote(firm)

        assert {one.kind for one in deliveries(firm)} == {"endpoint.tried"}


@pytest.mark.parametrize(
    ("taken", "attempts", "state"),
    [(True, 1, "taken"), (False, 1, "queued"), (False, LARGEST_ATTEMPT_COUNT, "failed")],
)
def test_what_a_message_becomes(taken, attempts, state):
    assert after_answer(is_taken=taken, attempts=attempts) == state


class TestThePages:
    def test_the_secret_is_shown_once_and_stored_sealed(self, firm, program):
        client = signed_in(firm, proven=True)
        typed = {"url": program.url, "hears": "all"}
        page = client.post(reverse("endpoint_new"), typed).content.decode()
        with acting_for(firm.id):
            row = Endpoint.objects.get()

        assert row.secret in page
        assert row.secret not in client.get(reverse("endpoints")).content.decode()
        assert row.secret.encode() not in bytes(row.secret_sealed)
        assert program.url.encode() not in bytes(row.url_sealed)
        assert "webhook_endpoint:added" in audited(firm)

    def test_each_message_is_listed_with_its_state(self, firm, program):
        made, client = told(firm, program), signed_in(firm, proven=True)
        client.post(reverse("endpoint_try", args=[made.endpoint.id]))
        eventually(lambda: [one.state for one in deliveries(firm)] == [DeliveryState.TAKEN])

        page = client.get(reverse("endpoints")).content.decode()

        assert "Reçu" in page
        assert "204" in page

    def test_an_address_of_our_own_network_is_refused_with_its_reason(self, firm, settings):
        settings.DEMO = False
        client = signed_in(firm, proven=True)

        answer = client.post(reverse("endpoint_new"), {"url": "https://10.0.0.1/", "hears": "all"})

        assert answer.status_code == 422
        assert "réseau privé" in answer.content.decode()

    def test_a_manager_does_not_open_it(self, firm):
        assert signed_in(firm, Role.MANAGER).get(reverse("endpoints")).status_code == 403

    def test_there_are_five_at_most(self, firm, program):
        for _time in range(LARGEST_NUMBER):
            told(firm, program)
        with pytest.raises(TooManyEndpoints):
            told(firm, program)


INSIDE = [
    "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "0.1.2.3", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1",
    "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::1",
    "2001:db8::1", "::7f00:1", "::ffff:0:7f00:1", "fec0::1", "5f00::1", "4000::1", "3fff::1",
    "192.0.0.8", "192.88.99.1",
]  # fmt: skip


class TestWhereWeMayAsk:
    @pytest.mark.parametrize("address", INSIDE)
    def test_no_address_of_a_private_network(self, address):
        assert not is_outside(address)

    @pytest.mark.parametrize("address", ["82.64.1.1", "2a01:e0a::1", "::ffff:82.64.1.1"])
    def test_the_public_internet(self, address):
        assert is_outside(address)

    @pytest.mark.parametrize(
        "url",
        [
            "http://example.fr/", "ftp://example.fr/", "https://localhost/", "https://127.0.0.1/",
            "https://[::1]/", "https://2130706433/", "https://0x7f.1/", "https://127.1/",
            "https://[::ffff:169.254.169.254]/", "https://user:secret@82.64.1.1/", "https:///x",
            "https://exämple.fr/", "https://82.64.1.1:99999/", "file:///etc/passwd",
            "https://82.64.1.1/" + "x" * 500, "https://82.64.1.1/a b", "https://82.64.1.1/a\x7f",
            "https://82.64.1.1/\x01",
        ],
    )  # fmt: skip
    def test_none_of_these(self, url, settings):
        settings.DEMO = False

        with pytest.raises(AddressRefused):
            check_address(url)

    @pytest.mark.parametrize(
        "url", ["http://127.0.0.1/", "https://127.0.0.1/", "https://10.0.0.1/"]
    )
    def test_none_of_our_network_in_a_demonstration_shown_to_it(self, url, settings):
        settings.DEMO, settings.PUBLIC_URL = True, "https://192.168.1.12:8300"

        with pytest.raises(AddressRefused):
            check_address(url)

    def test_a_connection_made_under_one_name_never_serves_another(self, firm):
        callers = []

        class Lasting(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                callers.append((self.client_address, self.headers["Host"]))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_arguments):
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Lasting)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for name in ("127.0.0.1", "127.1"):
            post_outside(f"http://{name}:{server.server_port}/", content=b"{}", headers={})
        server.shutdown()
        server.server_close()

        (first, _), (second, _) = callers
        assert first != second

    def test_what_was_checked_is_what_is_connected_to(self, settings):
        settings.DEMO = False
        target = check_address("https://82.64.1.1:8443/alertes?x=1")

        assert target.pinned_url == "https://82.64.1.1:8443/alertes?x=1"
        assert target.host_header == "82.64.1.1:8443"

    def test_nothing_is_asked_inside_a_transaction(self, firm, program):
        with acting_for(firm.id), pytest.raises(AskedInsideTransaction):
            post_outside(program.url, content=b"{}", headers={})
        assert program.heard == []
