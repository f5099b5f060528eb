"""Calls to the sandbox provider."""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar, TypeVar

from django.conf import settings
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from encaisse.kernel.money import Money
from encaisse.kit.http import Answer, AnswerLost, NothingSent, ask
from encaisse.providers.answering import EvidenceRequest
from encaisse.providers.contract import (
    CheckoutRequest,
    FingerprintScope,
    InboundRequest,
    Page,
    Payee,
    PayoutDelay,
    ProviderAccount,
    ProviderDispute,
    ProviderEvent,
    ProviderKeyInvalid,
    ProviderOutcomeUnknown,
    ProviderPayment,
    ProviderPayout,
    ProviderRefund,
    ProviderRejected,
    ProviderUnavailable,
    RefundRequest,
    WebhookMalformed,
    WebhookRegistration,
    WebhookSignatureInvalid,
)
from encaisse.providers.identification import Identification
from encaisse.providers.sandbox import mapping

_T = TypeVar("_T")
_PAGE_SIZE = "100"
# Not acted upon, and not for a reason of ours: request timeout, too early, too many requests.
_TRY_AGAIN = {408, 425, 429}


class SandboxPlugin:
    """One firm's way to the sandbox provider."""

    # Each morning it pays what was captured the days before; a bank books it on an open day.
    payout_delay: ClassVar = PayoutDelay(bank_days=1)
    # One key for the whole sandbox: the same card has the same fingerprint at every account.
    fingerprint_scope: ClassVar = FingerprintScope.NETWORK

    # The reference rates of fraud of (EU) 2018/389, annex: below 0.13 % up to 100 euros.
    exemptions: ClassVar[Mapping[Identification, Money]] = {
        Identification.LOW_VALUE: Money(30_00),
        Identification.TRANSACTION_RISK: Money(100_00),
    }

    def __init__(self, *, api_key: str, webhook_secret: str) -> None:
        self._api_key = api_key
        self._webhook_secret = webhook_secret

    def account(self) -> ProviderAccount:
        return self._get("/v1/account", mapping.account_of)

    def start_card_payment(self, request: CheckoutRequest) -> ProviderPayment:
        body = _checkout_body(request, method="card", capture="manual")
        return self._post("/v1/payments", body, request.idempotency_key, mapping.payment_of)

    def start_transfer(self, request: CheckoutRequest, payee: Payee) -> ProviderPayment:
        body = _checkout_body(request, method="instant_transfer", capture="automatic")
        body["payee"] = {"name": payee.name, "iban": payee.iban}
        return self._post("/v1/payments", body, request.idempotency_key, mapping.payment_of)

    def capture(
        self, *, provider_payment_id: str, amount: Money, idempotency_key: str
    ) -> ProviderPayment:
        path = f"/v1/payments/{provider_payment_id}/capture"
        return self._post(path, {"amount": amount.minor}, idempotency_key, mapping.payment_of)

    def cancel(self, *, provider_payment_id: str, idempotency_key: str) -> ProviderPayment:
        path = f"/v1/payments/{provider_payment_id}/cancel"
        return self._post(path, {}, idempotency_key, mapping.payment_of)

    def fetch_payments(self, provider_ids: Sequence[str]) -> Sequence[ProviderPayment]:
        if not provider_ids:
            return []
        return self._list("/v1/payments", {"ids": ",".join(provider_ids)}, mapping.payment_of)

    def find_payment(self, reference: str) -> ProviderPayment | None:
        found = self._list("/v1/payments", {"reference": reference}, mapping.payment_of)
        return found[0] if found else None

    def payments_updated_since(self, since: datetime, cursor: str | None) -> Page[ProviderPayment]:
        params = {"updated_since": since.isoformat(), "limit": _PAGE_SIZE}
        data = self._read("/v1/payments", params | ({"cursor": cursor} if cursor else {}))
        return Page(_items(data, mapping.payment_of), data.get("next_cursor"))

    def refund(self, request: RefundRequest) -> ProviderRefund:
        body = {"payment": request.provider_payment_id, "amount": request.amount.minor}
        return self._post("/v1/refunds", body, request.idempotency_key, mapping.refund_of)

    def fetch_refund(self, provider_refund_id: str) -> ProviderRefund:
        return self._get(f"/v1/refunds/{provider_refund_id}", mapping.refund_of)

    def refunds_of(self, provider_payment_id: str) -> Sequence[ProviderRefund]:
        return self._list("/v1/refunds", {"payment": provider_payment_id}, mapping.refund_of)

    def fetch_dispute(self, provider_dispute_id: str) -> ProviderDispute:
        return self._get(f"/v1/disputes/{provider_dispute_id}", mapping.dispute_of)

    def disputes_updated_since(self, since: datetime) -> Sequence[ProviderDispute]:
        params = {"updated_since": since.isoformat()}
        return self._list("/v1/disputes", params, mapping.dispute_of)

    def submit_evidence(self, request: EvidenceRequest) -> ProviderDispute:
        path = f"/v1/disputes/{request.provider_dispute_id}/evidence"
        body = {"statement": request.statement, "pdf": b64encode(request.pdf).decode()}
        return self._post(path, body, request.idempotency_key, mapping.dispute_of)

    def accept_dispute(self, *, provider_dispute_id: str, idempotency_key: str) -> ProviderDispute:
        path = f"/v1/disputes/{provider_dispute_id}/accept"
        return self._post(path, {}, idempotency_key, mapping.dispute_of)

    def fetch_payout(self, provider_payout_id: str) -> ProviderPayout:
        return self._get(f"/v1/payouts/{provider_payout_id}", mapping.payout_of)

    def payouts_since(self, since: datetime) -> Sequence[ProviderPayout]:
        return self._list("/v1/payouts", {"updated_since": since.isoformat()}, mapping.payout_of)

    def register_webhook(self, url: str) -> WebhookRegistration:
        data = _body(self._send("POST", "/v1/webhook_endpoints", json={"url": url}))
        return WebhookRegistration(endpoint_id=data["id"], secret=data["secret"])

    def ping_webhook(self, endpoint_id: str) -> bool:
        data = _body(self._send("POST", f"/v1/webhook_endpoints/{endpoint_id}/ping", json={}))
        return bool(data["delivered"])

    def verify_webhook(self, request: InboundRequest) -> None:
        # An empty secret would verify against an empty key, which anyone can forge.
        if not self._webhook_secret:
            raise WebhookSignatureInvalid
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            Webhook(self._webhook_secret).verify(request.body, headers)
        except (WebhookVerificationError, ValueError, UnicodeDecodeError) as error:
            raise WebhookSignatureInvalid from error

    def parse_webhook(self, request: InboundRequest) -> ProviderEvent:
        try:
            data = json.loads(request.body)
            object_kind, object_id = mapping.object_of(data)
            return ProviderEvent(
                external_id=str(data["id"]),
                kind=str(data["type"]),
                account_id=str(data["account"]),
                object_kind=object_kind,
                object_id=object_id,
                occurred_at=datetime.fromisoformat(data["created_at"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise WebhookMalformed from error

    def bank_statement(self, *, iban: str, first_day: date, last_day: date) -> bytes:
        params = {"iban": iban, "from": first_day.isoformat(), "to": last_day.isoformat()}
        return self._send("GET", "/v1/bank/statement", params=params).body

    def _get(self, path: str, read: Callable[[mapping.Json], _T]) -> _T:
        return _understood(self._read(path, {}), read)

    def _list(
        self, path: str, params: Mapping[str, str], read: Callable[[mapping.Json], _T]
    ) -> list[_T]:
        return _items(self._read(path, params), read)

    def _read(self, path: str, params: Mapping[str, str]) -> mapping.Json:
        return _body(self._send("GET", path, params=params))

    def _post(self, path: str, body: object, key: str, read: Callable[[mapping.Json], _T]) -> _T:
        answer = self._send("POST", path, json=body, headers={"Idempotency-Key": key})
        return _understood(_body(answer), read)

    def _send(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        try:
            answer = ask(
                method,
                f"{settings.ENCAISSE_SANDBOX_URL}{path}",
                headers={"Authorization": f"Bearer {self._api_key}", **(headers or {})},
                json=json,
                params=params,
            )
        except NothingSent as error:
            raise ProviderUnavailable from error
        except AnswerLost as error:
            raise ProviderOutcomeUnknown from error
        return _accepted(answer)


def _checkout_body(request: CheckoutRequest, *, method: str, capture: str) -> dict[str, object]:
    return {
        "amount": request.amount.minor,
        "currency": request.amount.currency.value,
        "method": method,
        "capture": capture,
        "reference": request.idempotency_key,
        "description": request.description,
        "return_url": request.return_url,
        "cancel_url": request.cancel_url,
        "locale": request.locale,
        "expires_in_seconds": request.expires_in_seconds,
        "max_attempts": request.max_attempts,
        "three_d_secure": request.identification.value,
    }


def _accepted(answer: Answer) -> Answer:
    """Tell a refusal from an accident: only the provider's own 4xx is a definite no."""
    if answer.status >= 500:
        raise ProviderOutcomeUnknown
    if answer.status in _TRY_AGAIN:
        raise ProviderUnavailable
    if answer.status in {401, 403}:
        raise ProviderKeyInvalid
    if answer.status >= 400:
        raise ProviderRejected(reason=_error_code(answer))
    return answer


def _error_code(answer: Answer) -> str:
    try:
        return str(json.loads(answer.body)["error"]["code"])
    except (ValueError, KeyError, TypeError):
        return f"http_{answer.status}"


def _understood(data: mapping.Json, read: Callable[[mapping.Json], _T]) -> _T:
    """Read an answer; one in words we do not know may be a yes: it is never taken for a no."""
    try:
        return read(data)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ProviderOutcomeUnknown from error


def _items(data: mapping.Json, read: Callable[[mapping.Json], _T]) -> list[_T]:
    return _understood(data, lambda page: [read(item) for item in page["data"]])


def _body(answer: Answer) -> dict[str, Any]:
    try:
        data = json.loads(answer.body)
        # Half a character can be neither stored nor sent on.
        json.dumps(data, ensure_ascii=False).encode()
    except ValueError as error:
        raise ProviderOutcomeUnknown from error
    if not isinstance(data, dict):
        raise ProviderOutcomeUnknown
    return data
