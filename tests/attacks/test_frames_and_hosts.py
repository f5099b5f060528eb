"""Our pages inside somebody else's, and addresses of ours that somebody else writes."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from attacks.walk import addresses, operations
from factories.organizations import Firm
from functional.door import Person
from functional.web_people import cookie_of, signed_in


class TestFrames:
    @pytest.mark.parametrize("is_signed_in", [True, False], ids=["member", "stranger"])
    def test_no_answer_lets_itself_be_framed(self, is_signed_in):
        firm, open_to_frames = Firm(), []
        paths = [one.filled() for one in addresses()] + [path for _m, path, _d in operations()]
        # A static file answers alike: see tests/functional/test_headers.py.
        for path in [*paths, "/nulle-part"]:
            client = signed_in(firm, proven=True) if is_signed_in else Client()
            for answer in (
                client.get(path),
                client.post(path),
                client.get(path, headers={"host": "x"}),
            ):
                policy = answer.get("Content-Security-Policy", "")
                if "frame-ancestors 'none'" not in policy or answer["X-Frame-Options"] != "DENY":
                    open_to_frames.append((path, answer.status_code))

        assert open_to_frames == []

    def test_a_real_browser_refuses_to_draw_us_inside_another_site(self, world, chromium):
        with another_site(f"{world.url}/compte/login/") as site:
            context = chromium.new_context()
            context.add_cookies([cookie_of(Firm(), world)])
            tab = context.new_page()
            said = []
            tab.on("console", lambda message: said.append(message.text))
            tab.goto(site)
            tab.wait_for_timeout(500)
            drawn = [frame.content() for frame in tab.frames[1:]]
            context.close()

        assert any("frame-ancestors" in text or "X-Frame-Options" in text for text in said)
        assert not any("csrfmiddlewaretoken" in page for page in drawn)


class another_site:  # noqa: N801  read as a sentence
    """A page of another origin that frames ours."""

    def __init__(self, framed: str) -> None:
        class Page(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(f'<iframe src="{framed}"></iframe>'.encode())

            def log_message(self, *_arguments):
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Page)

    def __enter__(self) -> str:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://localhost:{self.server.server_port}/"

    def __exit__(self, *_error: object) -> None:
        self.server.shutdown()
        self.server.server_close()


LIES = [
    {"host": "voleur.test"}, {"x-forwarded-host": "voleur.test"}, {"x-host": "voleur.test"},
    {"forwarded": "host=voleur.test;proto=https"}, {"x-original-host": "voleur.test"},
    {"host": "testserver:80@voleur.test"}, {"host": "testserver.voleur.test"},
    {"x-forwarded-server": "voleur.test"}, {"x-original-url": "//voleur.test/"},
    {"x-rewrite-url": "//voleur.test/"}, {"origin": "https://voleur.test"},
    {"referer": "https://voleur.test/"}, {"host": "testserver\r\nx: voleur.test"},
]  # fmt: skip


@pytest.mark.parametrize("lie", LIES, ids=str)
@pytest.mark.parametrize("proxies", [0, 1])
class TestHosts:
    def test_no_mail_carries_a_host_that_somebody_claimed(self, lie, proxies, settings):
        settings.ENCAISSE_TRUSTED_PROXIES = proxies
        person, client = Person(), Client()

        client.post(reverse("account_reset_password"), {"email": person.user.email}, headers=lie)
        client.post(
            reverse("account_signup"),
            {"full_name": "X", "email": f"x{person.user.email}", "password1": "Vx7-tuyau-de-zinc"},
            headers=lie,
        )
        person.types_password(client)
        client.post(reverse("entrance") + "?par=mail", {"envoyer": "1"}, headers=lie)

        assert not [letter for letter in mail.outbox if "voleur" in str(letter.message())]

    def test_no_page_of_a_member_carries_it(self, lie, proxies, settings):
        settings.ENCAISSE_TRUSTED_PROXIES = proxies
        client = signed_in(Firm(), proven=True)

        for name in ("home", "members", "customer_new", "firm", "api_reference", "provider"):
            answer = client.get(reverse(name), headers=lie)

            assert b"voleur.test" not in answer.content
            assert "voleur.test" not in answer.get("Location", "")
