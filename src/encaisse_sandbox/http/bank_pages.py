"""The payer's bank: choose it, sign in, read what is asked, confirm with a code or refuse."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from encaisse_sandbox import accounts, authentication, checkout, payments, transfers
from encaisse_sandbox.checkout import Progress
from encaisse_sandbox.errors import ApiError, invalid
from encaisse_sandbox.http import recognition, security
from encaisse_sandbox.http.context import runtime_of
from encaisse_sandbox.http.rendering import page
from encaisse_sandbox.records import Payment, load
from encaisse_sandbox.transfers import PayerBank
from encaisse_sandbox.world import World

IDENTIFIER = "0042 7781"


async def choose_bank(request: Request) -> Response:
    world = runtime_of(request).world
    payment = _payment(world, request)
    if not checkout.is_payable(world, payment):
        return _closed(world, payment)
    return page("banks.html", language=payment.locale, payment=payment, banks=transfers.BANKS)


async def show_sign_in(request: Request) -> Response:
    world = runtime_of(request).world
    payment, bank = _payment(world, request), _bank(request)
    return page(
        "sign_in.html", language=payment.locale, payment=payment, bank=bank, identifier=IDENTIFIER
    )


async def sign_in(request: Request) -> Response:
    """Let anybody in: the identifier is invented and opens nothing."""
    world = runtime_of(request).world
    security.check_same_origin(request, world.public_url)
    payment, bank = _payment(world, request), _bank(request)
    return RedirectResponse(f"/bank/authorize/{payment.token}/{bank.code}/order", 303)


async def show_order(request: Request) -> Response:
    world = runtime_of(request).world
    payment, bank = _payment(world, request), _bank(request)
    if not checkout.is_payable(world, payment):
        return _closed(world, payment)
    return page(
        "order.html",
        payment.return_url,
        language=payment.locale,
        payment=payment,
        bank=bank,
        choices=transfers.accounts_at(bank),
    )


async def place_order(request: Request) -> Response:
    world = runtime_of(request).world
    security.check_same_origin(request, world.public_url)
    form = await request.form(max_files=0, max_fields=4)
    payment, bank = _payment(world, request), _bank(request)
    if not checkout.is_payable(world, payment):
        return _next_step(Progress(payment))  # sent twice, or too late
    iban = form.get("account")
    choices = [choice for choice in transfers.accounts_at(bank) if choice.iban == iban]
    if not choices:
        raise invalid("Ce compte n’existe pas.")
    if form.get("answer") == "refuse":
        return _next_step(transfers.decline_order(world, payment, bank, choices[0]))
    challenge = transfers.start_order(world, payment, bank, choices[0])
    return RedirectResponse(f"/bank/confirm/{challenge.id}", 303)


async def show_confirmation(request: Request) -> Response:
    world = runtime_of(request).world
    challenge = authentication.find(world, request.path_params["id"], "bank")
    payment = payments.find(world, challenge.payment_id)
    if challenge.state != "open":
        return _next_step(Progress(payment))  # approved on the telephone, perhaps
    if not checkout.is_payable(world, payment):
        return _closed(world, payment)
    return page(
        "confirmation.html",
        payment.return_url,
        language=payment.locale,
        payment=payment,
        bank=transfers.find_bank(challenge.behaviour),
        account=load(challenge.instrument),
        **recognition.values(request, world, challenge),
    )


async def confirm(request: Request) -> Response:
    world = runtime_of(request).world
    security.check_same_origin(request, world.public_url)
    form = await request.form(max_files=0, max_fields=4)
    challenge = authentication.find(world, request.path_params["id"], "bank")
    payment = payments.find(world, challenge.payment_id)
    if challenge.state != "open" or not checkout.is_payable(world, payment):
        return _next_step(Progress(payment))  # sent twice, or too late
    if form.get("answer") == "refuse":
        return _next_step(transfers.refuse_order(world, challenge))
    answer = recognition.read(request, world, challenge, form)
    if isinstance(answer, Response):
        return answer
    return _next_step(transfers.confirm_order(world, challenge, answer))


def _payment(world: World, request: Request) -> Payment:
    return transfers.find_payment(world, request.path_params["token"])


def _bank(request: Request) -> PayerBank:
    try:
        return transfers.find_bank(request.path_params["bank"])
    except ApiError as error:
        raise ApiError(404, "not_found", "Cette banque n’existe pas.") from error


def _closed(world: World, payment: Payment) -> Response:
    return page(
        "closed.html",
        language=payment.locale,
        payment=payment,
        merchant=accounts.find(world, payment.account_id),
        return_address=payments.return_address(payment),
    )


def _next_step(progress: Progress) -> Response:
    if progress.challenge is not None:
        return RedirectResponse(f"/bank/confirm/{progress.challenge.id}", 303)
    return RedirectResponse(payments.return_address(progress.payment), 303)


ROUTES: list[BaseRoute] = [
    Route("/bank/authorize/{token}", choose_bank, methods=["GET"]),
    Route("/bank/authorize/{token}/{bank}", show_sign_in, methods=["GET"]),
    Route("/bank/authorize/{token}/{bank}", sign_in, methods=["POST"]),
    Route("/bank/authorize/{token}/{bank}/order", show_order, methods=["GET"]),
    Route("/bank/authorize/{token}/{bank}/order", place_order, methods=["POST"]),
    Route("/bank/confirm/{id}", show_confirmation, methods=["GET"]),
    Route("/bank/confirm/{id}", confirm, methods=["POST"]),
]
