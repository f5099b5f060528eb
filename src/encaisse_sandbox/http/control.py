"""The control plane: how tests and demonstrations drive the simulated world."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from encaisse_sandbox import (
    accounts,
    bank,
    cards,
    chaos,
    disputes,
    events,
    mail,
    payments,
    push,
    telephone,
)
from encaisse_sandbox.authentication import Way
from encaisse_sandbox.clock import paris_date, parse, stamp
from encaisse_sandbox.errors import ApiError, invalid, missing
from encaisse_sandbox.fields import Fields
from encaisse_sandbox.http import security
from encaisse_sandbox.http.context import Runtime, parse_fields, runtime_of
from encaisse_sandbox.identifiers import is_iban
from encaisse_sandbox.records import BankAccount, Json
from encaisse_sandbox.schedule import begin_at
from encaisse_sandbox.scripted import (
    BankScript,
    CardScript,
    pay_by_card,
    pay_from_bank,
    result,
)
from encaisse_sandbox.webhooks import Patience
from encaisse_sandbox.world import World

HEADER = "x-encaisse-sandbox"
MAXIMUM_DAYS = 3660
FLUSH_PATIENCE_SECONDS = 60.0

Control = Callable[[Runtime, Request, Fields], Awaitable[tuple[int, Any]]]


def check_allowed(request: Request) -> None:
    """
    Let only a program of this machine in: no web page can send this header unasked, and a page
    that a rebound name makes same-origin still says where it comes from.

    :raises ApiError: the caller is something else
    """
    peer = request.client.host if request.client else ""
    is_program = "origin" not in request.headers and "sec-fetch-site" not in request.headers
    is_local = peer in security.LOOPBACK and request.url.hostname in security.LOOPBACK
    if not (request.headers.get(HEADER) == "control" and is_program and is_local):
        raise ApiError(403, "forbidden", "The control plane is for local programs only.")


async def create_account(runtime: Runtime, _: Request, fields: Fields) -> tuple[int, Json]:
    world = runtime.world
    webhook_url = fields.address("webhook_url") if fields.optional_text("webhook_url") else None
    with world.db.transaction():
        opened = accounts.open_account(
            world, fields.text("name", maximum=140), fields.optional_text("siren", maximum=9)
        )
        payload = {
            "account_id": opened.account.id,
            "api_key": opened.api_key,
            "bank_account": accounts.bank_account_payload(opened.bank_account),
        }
        if webhook_url:
            endpoint = accounts.register_endpoint(world, opened.account.id, webhook_url)
            payload["webhook_endpoint"] = accounts.endpoint_payload(endpoint)
    return 201, payload


async def show_clock(runtime: Runtime, _: Request, __: Fields) -> tuple[int, Json]:
    return 200, _clock(runtime.world)


async def advance_clock(runtime: Runtime, _: Request, fields: Fields) -> tuple[int, Json]:
    by = timedelta(
        days=fields.number("days", maximum=MAXIMUM_DAYS),
        hours=fields.number("hours", maximum=MAXIMUM_DAYS * 24),
        minutes=fields.number("minutes", maximum=MAXIMUM_DAYS * 24 * 60),
    )
    happened = await runtime.scheduler.advance(by)
    return 200, _clock(runtime.world) | {"happened": happened}


async def begin_clock(runtime: Runtime, _: Request, fields: Fields) -> tuple[int, Json]:
    try:
        moment = parse(fields.text("at", maximum=40))
    except ValueError as error:
        raise invalid("at must be an ISO 8601 moment.") from error
    begin_at(runtime.world, moment)
    return 200, _clock(runtime.world)


def _clock(world: World) -> Json:
    return {"now": world.clock.stamp(), "offset_seconds": world.clock.offset_seconds}


async def add_chaos(runtime: Runtime, _: Request, fields: Fields) -> tuple[int, Json]:
    rule: Json = {}
    if (webhooks := fields.child("webhooks")) is not None:
        rule["webhooks"] = {
            "drop": webhooks.number("drop", maximum=1),
            "duplicate": webhooks.number("duplicate", maximum=1),
            "delay_seconds": webhooks.number("delay_seconds", maximum=MAXIMUM_DAYS * 86_400),
            "shuffle": webhooks.boolean("shuffle"),
        }
    if (api := fields.child("api")) is not None:
        rule["api"] = {fault: api.number(fault, maximum=1) for fault in chaos.API_FAULTS}
    if types := fields.texts("drop_types"):
        rule["drop_types"] = types
    if short := fields.optional_integer("payout_short_cents", minimum=1):
        rule["payout_short_cents"] = short
    if not rule:
        raise invalid("webhooks, api, drop_types or payout_short_cents is required.")
    added = chaos.add_rule(
        runtime.world,
        rule,
        fields.optional_text("account_id"),
        fields.optional_integer("next", minimum=1),
    )
    return 201, chaos.payload(added)


async def show_chaos(runtime: Runtime, _: Request, __: Fields) -> tuple[int, Json]:
    return 200, {"data": [chaos.payload(rule) for rule in chaos.rules(runtime.world)]}


async def reset_chaos(runtime: Runtime, _: Request, __: Fields) -> tuple[int, Json]:
    chaos.reset(runtime.world)
    return 200, {"data": []}


async def receive_transfer(runtime: Runtime, _: Request, fields: Fields) -> tuple[int, Json]:
    world = runtime.world
    payee = _bank_account(world, fields.text("to_iban"))
    from_iban = fields.optional_text("from_iban")
    if from_iban and not is_iban(from_iban.replace(" ", "").upper()):
        raise invalid("from_iban is not a valid IBAN.")
    is_instant = fields.boolean("instant")
    booked = bank.book(
        world,
        bank.Line(
            iban=payee.id,
            amount=fields.integer("amount", minimum=1),
            currency=fields.choice("currency", ("EUR",), default="EUR"),
            remittance=fields.text("remittance", maximum=140, default=""),
            code=bank.INSTANT_CREDIT if is_instant else bank.TRANSFER_CREDIT,
            counterparty_name=fields.text("from_name", maximum=140),
            counterparty_iban=from_iban.replace(" ", "").upper() if from_iban else None,
            end_to_end_id=fields.optional_text("end_to_end_id", maximum=35),
        ),
    )
    return 201, bank.payload(booked)


async def book_line(runtime: Runtime, _: Request, fields: Fields) -> tuple[int, Json]:
    account = _bank_account(runtime.world, fields.text("iban"))
    amount = fields.integer("amount", minimum=-(10**12))
    if amount == 0:
        raise invalid("amount must not be zero.")
    booked = bank.book(
        runtime.world,
        bank.Line(
            iban=account.id,
            amount=amount,
            remittance=fields.text("label", maximum=140),
            code=bank.OTHER_CREDIT if amount > 0 else bank.OTHER_DEBIT,
            counterparty_name=fields.optional_text("counterparty_name", maximum=140),
        ),
    )
    return 201, bank.payload(booked)


def _bank_account(world: World, iban: str) -> BankAccount:
    account = bank.find(world, iban)
    if account is None:
        raise missing("bank account", iban)
    return account


async def open_dispute(runtime: Runtime, _: Request, fields: Fields) -> tuple[int, Json]:
    payment = payments.find(runtime.world, fields.text("payment_id"))
    dispute = disputes.open_dispute(
        runtime.world,
        payment,
        fields.text("reason", maximum=64),
        fields.optional_integer("amount", minimum=1),
    )
    return 201, disputes.payload(dispute)


async def close_dispute(runtime: Runtime, request: Request, fields: Fields) -> tuple[int, Json]:
    dispute = disputes.find(runtime.world, request.path_params["id"])
    closed = disputes.close(runtime.world, dispute, fields.choice("outcome", ("won", "lost")))
    return 200, disputes.payload(closed)


async def redeliver(runtime: Runtime, request: Request, _: Fields) -> tuple[int, Json]:
    identifier = request.path_params["id"]
    if not events.redeliver(runtime.world, identifier):
        raise missing("event", identifier)
    return 202, {"id": identifier}


async def list_events(runtime: Runtime, request: Request, _: Fields) -> tuple[int, Json]:
    account_id = request.query_params.get("account_id") or None
    return 200, {"data": events.history(runtime.world, account_id, query_limit(request, 500))}


async def flush(runtime: Runtime, _: Request, __: Fields) -> tuple[int, Json]:
    patience = Patience(FLUSH_PATIENCE_SECONDS)
    await runtime.deliverer.flush(patience)
    return 200, {"flushed": not patience.is_over}


async def pay(runtime: Runtime, request: Request, fields: Fields) -> tuple[int, Json]:
    world = runtime.world
    payment = payments.find(world, request.path_params["id"])
    if payment.method == "instant_transfer":
        sca = fields.choice("sca", ("approve", "refuse", "wrong"), default="approve")
        script = BankScript(fields.text("bank", default="deux_rives"), sca, _way(fields))
        return 200, result(pay_from_bank(world, payment, script))
    return 200, result(pay_by_card(world, payment, _card_script(world, fields)))


def _card_script(world: World, fields: Fields) -> CardScript:
    year = paris_date(world.clock.now()).year
    return CardScript(
        number=fields.text("card_number", maximum=30),
        exp_month=fields.integer("exp_month", minimum=1, maximum=12, default=12),
        exp_year=fields.integer("exp_year", minimum=2000, maximum=2200, default=year + 3),
        cvc=fields.text("cvc", maximum=4, default="123"),
        holder_name=fields.text("name", maximum=140, default="Camille Leroy"),
        otp=fields.text("otp", maximum=10, default="auto"),
        way=_way(fields),
    )


def _way(fields: Fields) -> Way:
    return Way(fields.choice("authentication", tuple(Way), default=Way.SMS))


async def list_cards(_: Runtime, __: Request, ___: Fields) -> tuple[int, Json]:
    return 200, {"data": cards.published()}


async def list_messages(runtime: Runtime, request: Request, _: Fields) -> tuple[int, Json]:
    query = request.query_params
    since = query.get("since")
    try:
        moment = stamp(parse(since.replace(" ", "+"))) if since else ""
    except ValueError as error:
        raise invalid("since must be an ISO 8601 moment.") from error
    found = telephone.messages(
        runtime.world,
        recipient=query.get("to") or None,
        since=moment,
        limit=query_limit(request, 50),
    )
    return 200, {"data": [telephone.payload(message) for message in found]}


async def send_message(runtime: Runtime, _: Request, fields: Fields) -> tuple[int, Json]:
    sent = telephone.send(
        runtime.world, fields.text("to", maximum=20), fields.text("text", maximum=1000)
    )
    return 201, telephone.payload(sent)


async def subscribe_browser(runtime: Runtime, _: Request, fields: Fields) -> tuple[int, Json]:
    browser = push.subscribe(runtime.world, fields.text("application_key", maximum=100))
    return 201, {"id": browser.id, "subscription": push.subscription(runtime.world, browser)}


async def withdraw_browser(runtime: Runtime, request: Request, _: Fields) -> tuple[int, Json]:
    push.leave(runtime.world, request.path_params["browser_id"])
    return 200, {}


async def list_pushed(runtime: Runtime, request: Request, _: Fields) -> tuple[int, Json]:
    return 200, {"data": push.messages(runtime.world, request.path_params["browser_id"])}


async def list_mails(runtime: Runtime, request: Request, _: Fields) -> tuple[int, Json]:
    recipient = request.query_params.get("to") or None
    found = mail.received(runtime.world, recipient=recipient, limit=query_limit(request, 50))
    return 200, {"data": [mail.payload(item) for item in found]}


async def show_raw_mail(request: Request) -> Response:
    check_allowed(request)
    identifier = request.path_params["id"]
    found = mail.find(runtime_of(request).world, identifier)
    if found is None:
        raise missing("mail", identifier)
    return Response(found.raw, media_type="message/rfc822")


def query_limit(request: Request, default: int) -> int:
    """Return how many rows to list."""
    text = request.query_params.get("limit", "")
    return min(int(text), 1000) if text.isascii() and text.isdigit() else default


def control_route(path: str, handler: Control, method: str) -> Route:
    """Return the route that answers a path of the control plane."""

    async def endpoint(request: Request) -> Response:
        check_allowed(request)
        fields = parse_fields(await request.body())
        status, payload = await handler(runtime_of(request), request, fields)
        return JSONResponse(payload, status)

    return Route(f"/control{path}", endpoint, methods=[method], name=f"control {method} {path}")


ROUTES: list[BaseRoute] = [
    control_route("/accounts", create_account, "POST"),
    control_route("/clock", show_clock, "GET"),
    control_route("/clock/advance", advance_clock, "POST"),
    control_route("/clock/begin", begin_clock, "POST"),
    control_route("/chaos", add_chaos, "POST"),
    control_route("/chaos", show_chaos, "GET"),
    control_route("/chaos", reset_chaos, "DELETE"),
    control_route("/transfers", receive_transfer, "POST"),
    control_route("/bank-transactions", book_line, "POST"),
    control_route("/disputes", open_dispute, "POST"),
    control_route("/disputes/{id}/close", close_dispute, "POST"),
    control_route("/webhooks/{id}/redeliver", redeliver, "POST"),
    control_route("/events", list_events, "GET"),
    control_route("/flush", flush, "POST"),
    control_route("/payments/{id}/pay", pay, "POST"),
    control_route("/cards", list_cards, "GET"),
    control_route("/mail", list_mails, "GET"),
    Route("/control/mail/{id}/raw", show_raw_mail, methods=["GET"]),
    control_route("/sms", list_messages, "GET"),
    control_route("/sms", send_message, "POST"),
    control_route("/push/browsers", subscribe_browser, "POST"),
    control_route("/push/browsers/{browser_id}", list_pushed, "GET"),
    control_route("/push/browsers/{browser_id}/withdraw", withdraw_browser, "POST"),
]
