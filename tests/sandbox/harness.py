"""A real sandbox process, a merchant calling it, a receiver of webhooks, a payer's browser."""

import base64
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from encaisse_sandbox.clock import PARIS
from plugins.ports import free_ports

CONTROL = {"X-Encaisse-Sandbox": "control"}
RETURN_URL = "http://merchant.example/back?order=7"
START_SECONDS = 30
# What a test does between these hours has its payout a day later, whatever the time it runs at.
FIRST_HOUR, LAST_HOUR = 8, 20


class Sandbox:
    """A running sandbox, which can be killed and started again on the same data."""

    def __init__(self, directory: Path):
        self.directory = directory
        self.data = directory / "data"
        self.output = directory / "output.log"
        self.port, self.smtp_port = free_ports(2)
        self.url = f"http://127.0.0.1:{self.port}"
        self.client = httpx.Client(base_url=self.url, timeout=30)
        self.process = None

    def start(self):
        seen = self.output.stat().st_size if self.output.exists() else 0
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(  # our own program
                self.command(), stdout=output, stderr=output
            )
        deadline = time.monotonic() + START_SECONDS
        while b"ready" not in self.output.read_bytes()[seen:]:
            assert self.process.poll() is None, self.output.read_text()
            assert time.monotonic() < deadline, self.output.read_text()
            time.sleep(0.02)
        return self

    def command(self):
        ports = ["--port", str(self.port), "--smtp-port", str(self.smtp_port)]
        return [sys.executable, "-m", "encaisse_sandbox", "--data-dir", str(self.data), *ports]

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self, signal_number=signal.SIGTERM):
        self.process.send_signal(signal_number)
        return self.process.wait(timeout=10)

    def close(self):
        self.client.close()
        if self.process.poll() is None:
            self.stop()

    def control(self, method, path, body=None, **options):
        answer = self.client.request(
            method, f"/control{path}", json=body, headers=CONTROL, **options
        )
        assert answer.is_success, answer.text
        return answer.json()

    def advance(self, **by):
        return self.control("POST", "/clock/advance", by)["happened"]

    def by_day(self):
        """Wait for the morning if it is night: a payout at six takes what the days before left."""
        now = datetime.fromisoformat(self.control("GET", "/clock")["now"]).astimezone(PARIS)
        if not FIRST_HOUR <= now.hour < LAST_HOUR:
            self.advance(hours=(FIRST_HOUR - now.hour) % 24)

    def flush(self):
        self.control("POST", "/flush")

    def newest_code(self):
        text = self.control("GET", "/sms", params={"limit": 1})["data"][0]["text"]
        return re.search(r"\d{6}", text)[0]

    def merchant(self, name="Plomberie Martin", **options):
        self.by_day()
        return Merchant(self, self.control("POST", "/accounts", {"name": name, **options}))


class Merchant:
    """A merchant account, with its key."""

    def __init__(self, sandbox, opened):
        self.sandbox = sandbox
        self.id = opened["account_id"]
        self.iban = opened["bank_account"]["iban"]
        self.endpoint = opened.get("webhook_endpoint")
        self.headers = {"Authorization": f"Bearer {opened['api_key']}"}

    def ask(self, method, path, body=None, *, key=None, **options):
        """Return the whole answer."""
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        return self.sandbox.client.request(
            method, f"/v1{path}", json=body, headers=headers, **options
        )

    def get(self, path, **parameters):
        return self._checked(self.ask("GET", path, params=parameters))

    def post(self, path, body=None, **options):
        return self._checked(self.ask("POST", path, body or {}, **options))

    def _checked(self, answer):
        assert answer.is_success, answer.text
        return answer.json()

    def request_payment(self, **changes):
        body = {
            "amount": 45_000,
            "currency": "EUR",
            "method": "card",
            "capture": "manual",
            "reference": "F-2026-0147",
            "description": "Acompte chauffe-eau",
            "return_url": RETURN_URL,
            "cancel_url": "http://merchant.example/canceled",
        }
        return self.post("/payments", body | changes)

    def request_transfer(self, **changes):
        payee = {"name": "Plomberie Martin", "iban": self.iban}
        asked = {"method": "instant_transfer", "capture": "automatic", "payee": payee}
        return self.request_payment(**(asked | changes))

    def payment(self, payment):
        return self.get(f"/payments/{payment['id']}")

    def scripted(self, payment, **script):
        return self.sandbox.control("POST", f"/payments/{payment['id']}/pay", script)

    def paid_by_card(self, number="4242424242424242", **changes):
        """Return a payment that is captured already."""
        payment = self.request_payment(**({"capture": "automatic"} | changes))
        self.scripted(payment, card_number=number)
        return self.payment(payment)

    def chaos(self, **rule):
        self.sandbox.control("POST", "/chaos", rule | {"account_id": self.id})

    def bank_lines(self):
        days = {"from": "2020-01-01", "to": "2099-01-01"}
        return self.get("/bank/transactions", iban=self.iban, **days)["data"]


class Receiver:
    """An address that keeps the webhooks it gets and answers as it is told."""

    def __init__(self):
        self.received = []
        self.status = 200
        self.hang_seconds = 0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                time.sleep(receiver.hang_seconds)
                receiver.received.append((dict(self.headers), body))
                try:
                    self.send_response(receiver.status)
                    self.end_headers()
                except OSError:
                    return  # the sender gave up

            def log_message(self, *_):
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/webhooks"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def events(self):
        return [json.loads(body) for _, body in self.received]

    @property
    def types(self):
        return [event["type"] for event in self.events]

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextmanager
def receiver():
    one = Receiver()
    try:
        yield one
    finally:
        one.close()


class Browser:
    """A payer who opens pages and sends their forms, sealing the card as the page's script does."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        headers = {"Sec-Fetch-Site": "same-origin", "Origin": sandbox.url}
        self.client = httpx.Client(base_url=sandbox.url, headers=headers, timeout=30)
        self.page = None

    def close(self):
        self.client.close()

    def open(self, address):
        self.page = self.client.get(address)
        return self.page

    def send(self, **fields):
        """Send the page's form; follow to the next page unless it is the merchant's."""
        answer = self.client.post(str(self.page.url), data=fields)
        target = answer.headers.get("location")
        if target is None:
            self.page = answer
            return answer
        if urlsplit(target).netloc in {"", urlsplit(self.sandbox.url).netloc}:
            return self.open(target)
        return target

    def send_card(self, number="4242424242424242", expiry="12/39", cvc="737"):
        card = {"number": number, "expiry": expiry, "cvc": cvc, "name": "Camille Leroy"}
        public_key = re.search(r'data-public-key="([^"]+)"', self.page.text)[1]
        return self.send(card=seal(card, public_key))


def seal(card, public_key):
    key, nonce = os.urandom(32), os.urandom(12)
    loaded = serialization.load_der_public_key(base64.b64decode(public_key))
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    parts = {
        "key": loaded.encrypt(key, oaep),
        "iv": nonce,
        "data": AESGCM(key).encrypt(nonce, json.dumps(card).encode(), None),
    }
    encoded = {name: base64.b64encode(value).decode() for name, value in parts.items()}
    return base64.b64encode(json.dumps(encoded).encode()).decode()
