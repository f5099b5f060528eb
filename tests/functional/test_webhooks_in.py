"""What reaches the webhook door: forged, replayed, foreign, contradictory, enormous."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest
from django.urls import reverse
from standardwebhooks.webhooks import Webhook

from encaisse.audit.models import AuditEntry
from encaisse.kernel.money import Currency, Money
from encaisse.kit.clock import business_now
from encaisse.kit.crypto import unseal
from encaisse.kit.tenancy import acting_for
from encaisse.payments.core import AttemptState
from encaisse.payments.errors import ProviderMismatch
from encaisse.payments.models import PaymentAttempt
from encaisse.payments.services.record import record_payment
from encaisse.providers.models import Connection, InboundEvent, PendingEvent
from encaisse.providers.queries import open_plugin, unknown_events
from factories.payments import PayableFirm
from functional.web_people import signed_in
from plugins.world import eventually


@pytest.fixture
def firm(world):
    return PayableFirm(world)


@pytest.fixture
def attempt(firm):
    firm.start(firm.request())
    with acting_for(firm.id):
        return PaymentAttempt.objects.get()


class Sender:
    """Somebody who knows, or does not know, the connection's secret."""

    def __init__(self, firm, secret: str | None = None) -> None:
        self.firm = firm
        with acting_for(firm.id):
            row = Connection.objects.get(id=firm.connection.id)
        self.secret = secret or unseal(row.webhook_secret_sealed, row.place("webhook_secret"))

    def event(self, payment_id: str, **values) -> dict:
        return {
            "id": f"evt_{uuid4().hex}",
            "type": "payment.captured",
            "created_at": datetime.now(UTC).isoformat(),
            "account": self.firm.account_id,
            "data": {"object": {"object": "payment", "id": payment_id}},
            **values,
        }

    def send(self, event: dict, *, at: datetime | None = None, path: str = "") -> httpx.Response:
        body = json.dumps(event)
        moment = at or datetime.now(UTC)
        headers = {
            "webhook-id": event["id"],
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(event["id"], moment, body),
        }
        url = f"{self.firm.world.url}/webhooks/{path or self.firm.connection.id}"
        return httpx.post(url, content=body, headers=headers)


def written(firm) -> tuple[int, list[str]]:
    """Return how many events are stored, and the audit lines about refused messages."""
    with acting_for(firm.id):
        refused = AuditEntry.objects.filter(action="webhook:refused").values_list("action")
        return InboundEvent.objects.count(), list(refused)


class TestRefused:
    def test_a_forged_message_leaves_an_audit_line_only(self, firm, attempt):
        forger = Sender(firm, "whsec_Zm9yZ2VkZm9yZ2VkZm9yZ2VkZm9yZ2Vk")

        answer = forger.send(forger.event(attempt.provider_id))

        assert (answer.status_code, answer.json()["code"]) == (401, "webhook_signature_invalid")
        assert written(firm) == (0, [("webhook:refused",)])

    def test_a_message_replayed_after_a_while_is_refused(self, firm, attempt):
        sender = Sender(firm)

        answer = sender.send(
            sender.event(attempt.provider_id), at=datetime.now(UTC) - timedelta(minutes=10)
        )

        assert answer.status_code == 401
        assert written(firm)[0] == 0

    def test_another_merchant_s_message_is_refused_though_signed(self, firm, attempt):
        sender = Sender(firm)

        answer = sender.send(sender.event(attempt.provider_id, account="acct_other"))

        assert (answer.status_code, answer.json()["code"]) == (400, "webhook_other_account")
        assert written(firm)[0] == 0

    def test_an_unknown_connection_says_nothing(self, firm, attempt):
        sender = Sender(firm)

        assert sender.send(sender.event(attempt.provider_id), path=str(uuid4())).status_code == 404

    @pytest.mark.parametrize("event", [[], {"id": "x"}, {"id": "evt_1", "type": "x"}])
    def test_a_signed_but_senseless_message_is_refused(self, firm, event):
        sender = Sender(firm)
        body = json.dumps(event)
        moment = datetime.now(UTC)
        headers = {
            "webhook-id": "evt_1",
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": Webhook(sender.secret).sign("evt_1", moment, body),
        }

        answer = httpx.post(
            f"{firm.world.url}/webhooks/{firm.connection.id}", content=body, headers=headers
        )

        assert answer.status_code == 400
        assert written(firm)[0] == 0


class TestAHintIsNotTheTruth:
    def test_a_captured_that_is_not_true_changes_nothing(self, firm, attempt):
        sender = Sender(firm)

        assert sender.send(sender.event(attempt.provider_id)).status_code == 200

        eventually(lambda: written(firm)[0] == 1)
        with acting_for(firm.id):
            assert PaymentAttempt.objects.get().state == AttemptState.REQUIRES_ACTION

    def test_the_same_event_is_stored_once(self, firm, attempt):
        sender = Sender(firm)
        event = sender.event(attempt.provider_id)

        statuses = {sender.send(event).status_code for _ in range(5)}

        assert statuses == {200}
        assert written(firm)[0] == 1

    def test_what_we_cannot_read_is_kept_and_told(self, firm):
        sender = Sender(firm)
        content = {"object": {"object": "customer", "id": "cus_1"}}

        answer = sender.send(sender.event("", type="customer.updated", data=content))

        assert answer.status_code == 200
        with acting_for(firm.id):
            (kept,) = unknown_events(organization_id=firm.id)
            assert kept.kind == "customer.updated"
            assert PendingEvent.objects.count() == 0
        page = signed_in(firm).get(reverse("provider")).content.decode()
        assert "customer.updated" in page
        assert "webhook_of_unknown_object" in (firm.world.folder / "web.log").read_text()

    def test_a_ping_is_answered_and_leaves_nothing(self, firm):
        sender = Sender(firm)

        answer = sender.send(sender.event("", type="ping", data={"object": {}}))

        assert answer.status_code == 200
        assert written(firm)[0] == 0

    @pytest.mark.parametrize(
        ("field", "changes"),
        [
            ("amount", {"amount": 1}),
            ("currency", {"currency": "CHF"}),
            ("account", {"account_id": "acct_other"}),
            ("reference", {"reference": "another"}),
        ],
    )
    def test_a_provider_that_contradicts_what_was_asked_is_refused(
        self, firm, attempt, field, changes
    ):
        opened = open_plugin(organization_id=firm.id, connection_id=firm.connection.id)
        (truth,) = opened.fetch_payments([attempt.provider_id])
        if "amount" in changes:
            changes = {"amount": Money(changes["amount"])}
        if "currency" in changes:
            changes = {"amount": Money(truth.amount.minor, Currency.CHF)}

        with pytest.raises(ProviderMismatch) as caught:
            record_payment(
                organization_id=firm.id,
                attempt_id=attempt.id,
                payment=replace(truth, **changes),
                now=business_now(),
            )

        assert caught.value.facts["field"] == field
        with acting_for(firm.id):
            assert AuditEntry.objects.filter(action="payment:mismatch:refused").count() == 1
