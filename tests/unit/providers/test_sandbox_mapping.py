import pytest

from encaisse.providers.contract import DeclineReason, ProviderObject, ProviderStatus
from encaisse.providers.sandbox import mapping


def payment(**values) -> dict:
    defaults = {
        "id": "pay_1",
        "account": "acct_1",
        "reference": "r",
        "status": "captured",
        "amount": 100,
        "currency": "EUR",
        "amount_captured": 100,
        "amount_refunded": 0,
        "checkout_url": "http://localhost/checkout",
        "expires_at": "2026-11-23T10:00:00Z",
        "created_at": "2026-11-23T09:00:00Z",
        "captured_at": "2026-11-23T09:30:00Z",
        "authorized_at": None,
        "updated_at": "2026-11-23T09:40:00Z",
        "card": None,
        "payer_bank": None,
        "authentication": None,
        "decline": None,
        "attempts": [],
    }
    return {**defaults, **values}


class TestWords:
    @pytest.mark.parametrize("word", ["under_review", "", "CAPTURED"])
    def test_a_status_we_do_not_know_is_never_final(self, word):
        assert mapping.payment_of(payment(status=word)).status is ProviderStatus.PENDING

    @pytest.mark.parametrize("status", ProviderStatus)
    def test_every_status_we_know_is_read(self, status):
        assert mapping.payment_of(payment(status=status.value)).status is status

    def test_a_refusal_we_do_not_know_is_other(self):
        assert mapping.decline_of("new_reason") is DeclineReason.OTHER
        assert mapping.decline_of(None) is None

    @pytest.mark.parametrize(
        ("event", "kind"),
        [
            ({"data": {"object": {"object": "payment", "id": "x"}}}, ProviderObject.PAYMENT),
            ({"data": {"object": {"object": "invoice", "id": "x"}}}, ProviderObject.UNKNOWN),
            ({"data": {"object": {"object": "ping", "id": "x"}}}, ProviderObject.UNKNOWN),
            ({}, ProviderObject.UNKNOWN),
            ({"type": "ping", "data": {"object": {"id": "x"}}}, ProviderObject.PING),
        ],
    )
    def test_only_a_ping_is_about_nothing(self, event, kind):
        assert mapping.object_of(event)[0] is kind

    def test_a_payment_happened_when_it_was_captured(self):
        assert mapping.payment_of(payment()).occurred_at.minute == 30
