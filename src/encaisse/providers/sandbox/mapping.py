"""The provider's words into ours. One table per word list; an unknown word is never final."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from encaisse.kernel.money import Currency, Money
from encaisse.providers.contract import (
    Authentication,
    CardFacts,
    DeclineReason,
    DisputeStatus,
    PayoutItem,
    PayoutItemKind,
    ProviderAccount,
    ProviderDispute,
    ProviderObject,
    ProviderPayment,
    ProviderPayout,
    ProviderRefund,
    ProviderStatus,
    RefundStatus,
    Refusal,
)

Json = Mapping[str, Any]

_STATUSES = {status.value: status for status in ProviderStatus}
_REFUND_STATUSES = {status.value: status for status in RefundStatus}
_DISPUTE_STATUSES = {status.value: status for status in DisputeStatus}
_OBJECTS = {
    "payment": ProviderObject.PAYMENT,
    "refund": ProviderObject.REFUND,
    "dispute": ProviderObject.DISPUTE,
    "payout": ProviderObject.PAYOUT,
}
_PING = "ping"
_DECLINES = {
    "insufficient_funds": DeclineReason.INSUFFICIENT_FUNDS,
    "expired_card": DeclineReason.EXPIRED_CARD,
    "incorrect_cvc": DeclineReason.INCORRECT_SECURITY_CODE,
    "stolen_card": DeclineReason.LOST_OR_STOLEN,
    "lost_card": DeclineReason.LOST_OR_STOLEN,
    "authentication_required": DeclineReason.AUTHENTICATION_REQUIRED,
    "authentication_failed": DeclineReason.AUTHENTICATION_FAILED,
    "authentication_refused": DeclineReason.REFUSED_BY_PAYER,
    "transfer_refused": DeclineReason.REFUSED_BY_PAYER,
    "do_not_honor": DeclineReason.REFUSED_BY_BANK,
    "generic_decline": DeclineReason.REFUSED_BY_BANK,
    "processing_error": DeclineReason.TECHNICAL,
}


def decline_of(code: str | None) -> DeclineReason | None:
    """Map a refusal code; one the provider adds later reads as OTHER."""
    return None if code is None else _DECLINES.get(code, DeclineReason.OTHER)


def payment_of(data: Json) -> ProviderPayment:
    currency = Currency(data["currency"])
    status = _STATUSES.get(data["status"], ProviderStatus.PENDING)
    decline = data["decline"] or {}
    payer_bank = data["payer_bank"] or {}
    return ProviderPayment(
        provider_id=data["id"],
        account_id=data["account"],
        reference=data["reference"],
        status=status,
        amount=Money(data["amount"], currency),
        captured=Money(data["amount_captured"], currency),
        refunded=Money(data["amount_refunded"], currency),
        checkout_url=data["checkout_url"],
        expires_at=datetime.fromisoformat(data["expires_at"]),
        capture_before=_optional_moment(data.get("capture_before")),
        occurred_at=_moment(data, "captured_at", "authorized_at", "updated_at", "created_at"),
        card=_card_of(data["card"]),
        authentication=_authentication_of(data["authentication"]),
        decline=decline_of(decline.get("code")),
        refusals=tuple(
            _refusal_of(attempt) for attempt in data["attempts"] if attempt["decline_code"]
        ),
        payer_name=payer_bank.get("holder_name") or "",
    )


def refund_of(data: Json) -> ProviderRefund:
    return ProviderRefund(
        provider_id=data["id"],
        provider_payment_id=data["payment"],
        status=_REFUND_STATUSES.get(data["status"], RefundStatus.PENDING),
        amount=_money(data, "amount"),
    )


def dispute_of(data: Json) -> ProviderDispute:
    due = data["evidence_due_by"]
    return ProviderDispute(
        provider_id=data["id"],
        provider_payment_id=data["payment"],
        status=_DISPUTE_STATUSES.get(data["status"], DisputeStatus.NEEDS_RESPONSE),
        amount=_money(data, "amount"),
        reason=data["reason"],
        evidence_due_at=datetime.fromisoformat(due) if due else None,
        opened_at=datetime.fromisoformat(data["created_at"]),
    )


def payout_of(data: Json) -> ProviderPayout:
    currency = Currency(data["currency"])
    return ProviderPayout(
        provider_id=data["id"],
        account_id=data.get("account", ""),
        gross=_money(data, "gross"),
        fee=_money(data, "fee"),
        net=_money(data, "amount"),
        bank_reference=data["bank_reference"],
        paid_at=datetime.fromisoformat(data["paid_at"]),
        items=tuple(_item_of(item, currency) for item in data["items"]),
    )


def account_of(data: Json) -> ProviderAccount:
    proof = data.get("pci_dss") or {}
    bank = data.get("bank_account") or {}
    return ProviderAccount(
        account_id=data["id"],
        name=data.get("provider_name") or "Banc d’essai",
        checkout_host=data["checkout_host"],
        pci_attested_on=_day(proof.get("attested_on")),
        pci_expires_on=_day(proof.get("expires_on")),
        pci_certificate_url=proof.get("certificate_url") or "",
        bank_iban=bank.get("iban") or "",
        bank_holder_name=bank.get("holder_name") or "",
    )


def object_of(data: Json) -> tuple[ProviderObject, str]:
    """Return what an event is about, and its identifier."""
    content = (data.get("data") or {}).get("object") or {}
    if data.get("type") == _PING:
        return ProviderObject.PING, ""
    kind = _OBJECTS.get(str(content.get("object")), ProviderObject.UNKNOWN)
    return kind, str(content.get("id") or "")


def _card_of(data: Json | None) -> CardFacts | None:
    if not data:
        return None
    return CardFacts(
        brand=data["brand"],
        last4=data["last4"],
        expiry_month=data["exp_month"],
        expiry_year=data["exp_year"],
        country=data["country"],
        fingerprint=data["fingerprint"],
        token=data["token"],
    )


def _authentication_of(data: Json | None) -> Authentication | None:
    if not data or not data.get("status"):
        return None
    return Authentication(
        status=data["status"], has_liability_shift=bool(data.get("liability_shift"))
    )


def _optional_moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _refusal_of(data: Json) -> Refusal:
    return Refusal(
        at=datetime.fromisoformat(data["at"]),
        reason=decline_of(data["decline_code"]) or DeclineReason.OTHER,
        card_last4=data["card_last4"] or "",
        card_country=data.get("card_country") or "",
        card_fingerprint=data.get("card_fingerprint") or "",
    )


def _item_of(data: Json, currency: Currency) -> PayoutItem:
    return PayoutItem(
        kind=PayoutItemKind(data["kind"]),
        provider_id=data["id"],
        provider_payment_id=data["payment"] or "",
        gross=Money(data["gross"], currency),
        fee=Money(data["fee"], currency),
        net=Money(data["net"], currency),
    )


def _money(data: Json, name: str) -> Money:
    return Money(data[name], Currency(data["currency"]))


def _moment(data: Json, *names: str) -> datetime:
    return datetime.fromisoformat(next(data[name] for name in names if data.get(name)))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
