"""
A program that hears Encaisse: it checks each message, tells it once, and answers at once.

    WEBHOOK_SECRET=whsec_… python webhook_receiver.py 8080

Nothing but Python is needed. Behind it, put your proxy with its certificate: Encaisse only writes
to https addresses. What is checked is described by Standard Webhooks.
"""

import base64
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))
OLDEST_SECONDS = 300
# A real program keeps them in its database, with what it made of each message.
already_heard: set[str] = set()


def is_from_encaisse(headers, body: bytes) -> bool:
    """Whoever does not know the secret cannot sign; an old message may be somebody's recording."""
    message_id, moment = headers["webhook-id"], headers["webhook-timestamp"]
    if abs(time.time() - int(moment)) > OLDEST_SECONDS:
        return False
    signed = f"{message_id}.{moment}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.digest(SECRET, signed, "sha256")).decode()
    return any(hmac.compare_digest(expected, one) for one in headers["webhook-signature"].split())


def act_on(kind: str, data: dict) -> None:
    """Yours to write. Amounts are cents: 12300 is 123,00 €."""
    print(kind, json.dumps(data), flush=True)


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not is_from_encaisse(self.headers, body):
            self.answer(401)
            return
        message_id = self.headers["webhook-id"]
        if message_id not in already_heard:  # the same message may come twice
            already_heard.add(message_id)
            message = json.loads(body)
            act_on(message["type"], message["data"])
        self.answer(204)

    def answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
