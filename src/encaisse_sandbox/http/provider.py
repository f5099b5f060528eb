"""The provider's API: payments, refunds, disputes, payouts, webhook endpoints, the bank feed."""

from datetime import date
from typing import Any

from starlette.routing import BaseRoute

from encaisse_sandbox import (
    accounts,
    bank,
    cards,
    disputes,
    events,
    payments,
    payouts,
    refunds,
    statements,
)
from encaisse_sandbox.clock import paris_date, parse, stamp
from encaisse_sandbox.errors import invalid, missing
from encaisse_sandbox.fields import Fields
from encaisse_sandbox.http.api import Answer, Call, route
from encaisse_sandbox.identifiers import is_iban
from encaisse_sandbox.records import BankAccount, Json, Payment

SLOW_ANSWER_SECONDS = 8.0
MAXIMUM_IDS = 100
THREE_D_SECURE = ("automatic", "required", *sorted(cards.EXEMPTIONS))
MAXIMUM_LIMIT = 100
MAXIMUM_STATEMENT = 4000
MAXIMUM_PDF_TEXT = 15_000_000


def show_account(call: Call) -> Answer:
    return Answer(accounts.payload(call.world, call.account))


def create_endpoint(call: Call) -> Answer:
    url = call.fields.address("url")
    endpoint = accounts.register_endpoint(call.world, call.account.id, url)
    return Answer(accounts.endpoint_payload(endpoint), status=201)


def ping_endpoint(call: Call) -> Answer:
    world = call.world
    endpoint = accounts.find_endpoint(world, call.account.id, call.path["id"])
    event = events.record(world, call.account.id, "ping", accounts.endpoint_snapshot(endpoint))

    async def send() -> Json:
        attempt = await call.runtime.deliverer.ping(endpoint, event)
        return {
            "event": event.id,
            "delivered": attempt.is_delivered,
            "status_code": attempt.status_code,
            "error": attempt.error,
        }

    return Answer({}, complete=send)


def delete_endpoint(call: Call) -> Answer:
    endpoint = accounts.find_endpoint(call.world, call.account.id, call.path["id"])
    accounts.remove_endpoint(call.world, endpoint)
    return Answer({"id": endpoint.id, "deleted": True})


def create_payment(call: Call) -> Answer:
    request = _payment_request(call.fields)
    payment = payments.create(call.world, call.account.id, request)
    return Answer(payments.payload(call.world, payment), status=201)


def _payment_request(fields: Fields) -> payments.PaymentRequest:
    method = fields.choice("method", ("card", "instant_transfer"))
    is_card = method == "card"
    modes = ("manual", "automatic") if is_card else ("automatic",)
    payee = (None, None) if is_card else _payee(fields)
    return payments.PaymentRequest(
        amount=fields.integer("amount", minimum=1, maximum=99_999_999),
        currency=fields.choice("currency", ("EUR",)),
        method=method,
        capture=fields.choice("capture", modes, default="automatic"),
        reference=fields.text("reference", maximum=64),
        description=fields.text("description", default=""),
        return_url=fields.address("return_url"),
        cancel_url=fields.address("cancel_url"),
        locale=fields.choice("locale", ("fr", "en"), default="fr"),
        expires_in_seconds=fields.integer(
            "expires_in_seconds", minimum=1, maximum=90 * 86_400, default=1800
        ),
        max_attempts=fields.integer("max_attempts", minimum=1, maximum=20, default=5),
        three_d_secure=fields.choice("three_d_secure", THREE_D_SECURE, default="automatic"),
        payee_name=payee[0],
        payee_iban=payee[1],
    )


def _payee(fields: Fields) -> tuple[str, str]:
    payee = fields.child("payee")
    if payee is None:
        raise invalid("payee is required for an instant transfer.")
    iban = payee.text("iban").replace(" ", "").upper()
    if not is_iban(iban):
        raise invalid("payee.iban is not a valid IBAN.")
    return payee.text("name", maximum=140), iban


def show_payment(call: Call) -> Answer:
    return Answer(payments.payload(call.world, _payment(call)))


def list_payments(call: Call) -> Answer:
    if "ids" in call.query:
        return _list_answer(call, _by_ids(call, call.query["ids"]))
    if "reference" in call.query:
        condition = "account_id = ? AND reference = ? ORDER BY updated_sequence LIMIT 100"
        found = call.world.db.all(Payment, condition, call.account.id, call.query["reference"])
        return _list_answer(call, found)
    return _list_updates(call)


def _by_ids(call: Call, text: str) -> list[Payment]:
    identifiers = [identifier for identifier in text.split(",") if identifier]
    if len(identifiers) > MAXIMUM_IDS:
        raise invalid(f"ids names more than {MAXIMUM_IDS} payments.")
    marks = ",".join("?" * len(identifiers))
    condition = f"account_id = ? AND id IN ({marks}) ORDER BY updated_sequence"
    return call.world.db.all(Payment, condition, call.account.id, *identifiers)


def _list_updates(call: Call) -> Answer:
    """List by last change. The cursor is the last change seen, so that none can be skipped."""
    limit = _query_integer(call, "limit", default=MAXIMUM_LIMIT, maximum=MAXIMUM_LIMIT)
    found = call.world.db.all(
        Payment,
        "account_id = ? AND updated_at >= ? AND updated_sequence > ? "
        "ORDER BY updated_sequence LIMIT ?",
        call.account.id,
        _since(call),
        _query_integer(call, "cursor", default=0, maximum=2**62),
        limit + 1,
    )
    page = found[:limit]
    has_more = len(found) > limit
    return _list_answer(call, page, str(page[-1].updated_sequence) if has_more else None)


def _list_answer(call: Call, found: list[Payment], next_cursor: str | None = None) -> Answer:
    data = [payments.payload(call.world, payment) for payment in found]
    return Answer({"object": "list", "data": data, "next_cursor": next_cursor})


def capture_payment(call: Call) -> Answer:
    payment = _payment(call)
    amount = call.fields.optional_integer("amount", minimum=1)
    captured = payments.capture(call.world, payment, amount)
    return Answer(
        payments.payload(call.world, captured),
        is_lost=payment.behaviour == "lost_answer",
        delay_seconds=SLOW_ANSWER_SECONDS if payment.behaviour == "slow_answer" else 0,
    )


def cancel_payment(call: Call) -> Answer:
    canceled = payments.cancel(call.world, _payment(call), "requested")
    return Answer(payments.payload(call.world, canceled))


def create_refund(call: Call) -> Answer:
    payment = payments.find(call.world, call.fields.text("payment"), call.account.id)
    amount = call.fields.integer("amount", minimum=1)
    return Answer(refunds.payload(refunds.create(call.world, payment, amount)), status=201)


def show_refund(call: Call) -> Answer:
    return Answer(refunds.payload(refunds.find(call.world, call.path["id"], call.account.id)))


def list_refunds(call: Call) -> Answer:
    found = refunds.of_payment(call.world, call.account.id, call.query.get("payment", ""))
    return _plain_list([refunds.payload(refund) for refund in found])


def show_dispute(call: Call) -> Answer:
    return Answer(disputes.payload(disputes.find(call.world, call.path["id"], call.account.id)))


def list_disputes(call: Call) -> Answer:
    found = disputes.updated_since(call.world, call.account.id, _since(call))
    return _plain_list([disputes.payload(dispute) for dispute in found])


def submit_evidence(call: Call) -> Answer:
    dispute = disputes.find(call.world, call.path["id"], call.account.id)
    call.fields.text("statement", maximum=MAXIMUM_STATEMENT, default="")
    pdf = call.fields.text("pdf", maximum=MAXIMUM_PDF_TEXT)
    return Answer(disputes.payload(disputes.submit_evidence(call.world, dispute, pdf)))


def accept_dispute(call: Call) -> Answer:
    dispute = disputes.find(call.world, call.path["id"], call.account.id)
    return Answer(disputes.payload(disputes.accept(call.world, dispute)))


def show_payout(call: Call) -> Answer:
    payout = payouts.find(call.world, call.account.id, call.path["id"])
    return Answer(payouts.payload(call.world, payout))


def list_payouts(call: Call) -> Answer:
    found = payouts.updated_since(call.world, call.account.id, _since(call))
    return _plain_list([payouts.payload(call.world, payout) for payout in found])


def show_statement(call: Call) -> Answer:
    account, first, last = _bank_query(call)
    statement = statements.read(call.world, account, first, last)
    return Answer({}, xml=statements.as_camt053(statement))


def list_bank_transactions(call: Call) -> Answer:
    account, first, last = _bank_query(call)
    found = bank.transactions(call.world, account.id, first, last)
    return _plain_list([bank.payload(transaction) for transaction in found])


def _bank_query(call: Call) -> tuple[BankAccount, date, date]:
    iban = call.query.get("iban", "")
    account = bank.find(call.world, iban)
    if account is None or account.account_id != call.account.id:
        raise missing("bank account", iban)
    today = paris_date(call.world.clock.now())
    first = _query_date(call, "from", today)
    last = _query_date(call, "to", today)
    if first > last:
        raise invalid("from is after to.")
    return account, first, last


def _query_date(call: Call, name: str, default: date) -> date:
    text = call.query.get(name)
    if text is None:
        return default
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise invalid(f"{name} must be a date such as 2026-11-23.") from error


def _query_integer(call: Call, name: str, *, default: int, maximum: int) -> int:
    text = call.query.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= maximum):
        raise invalid(f"{name} must be an integer up to {maximum}.")
    return int(text)


def _since(call: Call) -> str:
    text = call.query.get("updated_since")
    if not text:
        return ""
    try:
        return stamp(parse(text.replace(" ", "+")))  # an unescaped plus sign arrives as a space
    except ValueError as error:
        raise invalid("updated_since must be an ISO 8601 moment.") from error


def _payment(call: Call) -> Payment:
    return payments.find(call.world, call.path["id"], call.account.id)


def _plain_list(data: list[dict[str, Any]]) -> Answer:
    return Answer({"object": "list", "data": data, "next_cursor": None})


ROUTES: list[BaseRoute] = [
    route("/account", show_account, "GET"),
    route("/webhook_endpoints", create_endpoint, "POST"),
    route("/webhook_endpoints/{id}/ping", ping_endpoint, "POST"),
    route("/webhook_endpoints/{id}", delete_endpoint, "DELETE"),
    route("/payments", create_payment, "POST"),
    route("/payments", list_payments, "GET"),
    route("/payments/{id}", show_payment, "GET"),
    route("/payments/{id}/capture", capture_payment, "POST"),
    route("/payments/{id}/cancel", cancel_payment, "POST"),
    route("/refunds", create_refund, "POST"),
    route("/refunds", list_refunds, "GET"),
    route("/refunds/{id}", show_refund, "GET"),
    route("/disputes", list_disputes, "GET"),
    route("/disputes/{id}", show_dispute, "GET"),
    route("/disputes/{id}/evidence", submit_evidence, "POST"),
    route("/disputes/{id}/accept", accept_dispute, "POST"),
    route("/payouts", list_payouts, "GET"),
    route("/payouts/{id}", show_payout, "GET"),
    route("/bank/statement", show_statement, "GET"),
    route("/bank/transactions", list_bank_transactions, "GET"),
]
