"""Payments end to end: signed webhook in → ledger, invoice, receipt job committed."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from stage import instance, report, sandbox_world, timed, yardstick

PAYMENTS = 300


class Catcher:
    """Stands where webhooks arrive, and keeps them to deliver again when the watch runs."""

    def __init__(self) -> None:
        self.kept: list = []
        catcher = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                catcher.take(self.path, dict(self.headers), body)
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing: the bench prints its own lines."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, path: str, headers: dict, body: bytes) -> None:
        from uuid import UUID

        from django.db import connections
        from django.utils import timezone

        from encaisse.providers.contract import InboundRequest

        inbound = InboundRequest(headers=headers, body=body, received_at=timezone.now())
        delivery = (UUID(path.rsplit("/", 1)[-1]), inbound)
        if b'"payment.' in body:
            self.kept.append(delivery)
        else:
            deliver(delivery)
            connections.close_all()


def deliver(delivery: tuple) -> None:
    from encaisse.kit.clock import business_now
    from encaisse.providers.services import receive_webhook

    connection_id, inbound = delivery
    receive_webhook(connection_id=connection_id, request=inbound, now=business_now())


def main() -> None:
    with instance() as folder, sandbox_world(folder) as world:
        from encaisse.kit.tenancy import acting_for
        from encaisse.payments.core import Method
        from encaisse.payments.models import PaymentIntent
        from factories.payments import PayableFirm

        catcher = Catcher()
        world.url = catcher.url
        reference = yardstick()
        print(f"pgbench simple-update, one client: {reference:.0f}/s", flush=True)
        firm = PayableFirm(world)
        pay_invoices(firm, Method.INSTANT_TRANSFER, PAYMENTS)
        world.control("/flush")
        arrived = list(catcher.kept)
        seconds_in = timed(lambda: [deliver(delivery) for delivery in arrived])
        seconds_recorded = timed(lambda: record(firm))
        with acting_for(firm.id):
            paid = PaymentIntent.objects.filter(state="captured").count()
        assert paid == PAYMENTS, f"{paid} payments recorded"
        whole = seconds_in + seconds_recorded
        lines = (
            ("webhooks verified and stored", len(arrived), seconds_in, 100),
            ("payments recorded in batches, invoices paid", PAYMENTS, seconds_recorded, 100),
            ("payments end to end, webhook to invoice", PAYMENTS, whole, 100),
        )
        for name, count, seconds, aim in lines:
            report(name, count, seconds, reference=reference, aim=aim)


def pay_invoices(firm: object, method: object, count: int) -> None:
    """Issue invoices and have each paid at the sandbox, which tells us by signed webhooks."""
    from encaisse.kit.tenancy import acting_for
    from encaisse.payments.queries import latest_attempt, requests_about
    from factories.invoicing import make_invoice

    print(f"{count} invoices, each paid at the sandbox …", flush=True)
    for _ in range(count):
        invoice = make_invoice(firm)
        with acting_for(firm.id):
            request = requests_about(
                organization_id=firm.id, reference_kind="invoice", reference_id=invoice.id
            ).get()
        firm.start(request, method)
        with acting_for(firm.id):
            provider_id = latest_attempt(organization_id=firm.id, request_id=request.id).provider_id
        firm.world.control(f"/payments/{provider_id}/pay", {"sca": "approve"})


def record(firm: object) -> None:
    from encaisse.kit.clock import business_now
    from encaisse.payments.inbox import process_inbox

    while process_inbox(
        organization_id=firm.id, connection_id=firm.connection.id, now=business_now()
    ):
        pass


if __name__ == "__main__":
    main()
