"""A provider that answers in words we do not know: its other answers are not held back."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from encaisse.providers.contract import ProviderOutcomeUnknown
from encaisse.providers.sandbox.plugin import SandboxPlugin

ANSWERS = {
    "a field is missing": json.dumps({"data": [{"id": "pay_1"}]}),
    "the list is missing": json.dumps({"items": []}),
    "half a character": '{"data": [], "note": "\\ud800"}',
    "not an object": "[]",
}


@pytest.fixture
def answering(settings):
    """Serve one body to whatever is asked."""
    served: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(served[-1].encode())

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.ENCAISSE_SANDBOX_URL = f"http://127.0.0.1:{server.server_port}"
        yield served.append
        server.shutdown()


@pytest.mark.parametrize("body", ANSWERS.values(), ids=ANSWERS)
def test_an_answer_we_cannot_read_is_unknown_and_never_an_accident(answering, body):
    answering(body)
    opened = SandboxPlugin(api_key="sk", webhook_secret="")

    with pytest.raises(ProviderOutcomeUnknown):
        opened.fetch_payments(["pay_1"])
