"""The card page and the page of the card's bank."""

import hmac

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from encaisse_sandbox import accounts, authentication, checkout, payments
from encaisse_sandbox.checkout import Progress, UnusableCard
from encaisse_sandbox.errors import ApiError
from encaisse_sandbox.http import recognition, security
from encaisse_sandbox.http.context import runtime_of
from encaisse_sandbox.http.rendering import page
from encaisse_sandbox.records import Payment, load
from encaisse_sandbox.vault import UnreadableCard
from encaisse_sandbox.world import PROVIDER_NAME, World

UNREADABLE = "Les données de la carte n’ont pas pu être lues. Saisissez-les de nouveau."


async def show_checkout(request: Request) -> Response:
    world = runtime_of(request).world
    return _card_page(world, _payment(world, request))


async def submit_card(request: Request) -> Response:
    world = runtime_of(request).world
    security.check_same_origin(request, world.public_url)
    form = await request.form(max_files=0, max_fields=4)
    payment = _payment(world, request)
    if not checkout.is_payable(world, payment):
        return _next_step(world, Progress(payment))  # sent twice, or too late
    try:
        details = world.vault.open(str(form.get("card", "")))
        progress = checkout.submit_card(world, payment, details)
    except UnreadableCard:
        return _card_page(world, payment, UNREADABLE, status=400)
    except UnusableCard as error:
        return _card_page(world, payment, error.message, status=400)
    return _next_step(world, progress)


async def show_challenge(request: Request) -> Response:
    world = runtime_of(request).world
    challenge = authentication.find(world, request.path_params["id"], "card")
    payment = payments.find(world, challenge.payment_id)
    if challenge.state != "open" or not checkout.is_payable(world, payment):
        return _next_step(world, Progress(payment))
    return page(
        "challenge.html",
        payment.return_url,
        language=payment.locale,
        payment=payment,
        merchant=accounts.find(world, payment.account_id),
        card=load(challenge.instrument),
        **recognition.values(request, world, challenge),
    )


async def answer_challenge(request: Request) -> Response:
    world = runtime_of(request).world
    security.check_same_origin(request, world.public_url)
    form = await request.form(max_files=0, max_fields=4)
    challenge = authentication.find(world, request.path_params["id"], "card")
    payment = payments.find(world, challenge.payment_id)
    if challenge.state != "open" or not checkout.is_payable(world, payment):
        return _next_step(world, Progress(payment))  # sent twice, or too late
    if form.get("answer") == "refuse":
        return _next_step(world, checkout.refuse_challenge(world, challenge))
    answer = recognition.read(request, world, challenge, form)
    if isinstance(answer, Response):
        return answer
    return _next_step(world, checkout.answer_challenge(world, challenge, answer))


def _payment(world: World, request: Request) -> Payment:
    payment = payments.find(world, request.path_params["payment_id"])
    if not hmac.compare_digest(payment.token.encode(), request.path_params["token"].encode()):
        raise ApiError(404, "not_found", "Ce lien de paiement n’existe pas.")
    return payment


def _next_step(world: World, progress: Progress) -> Response:
    """Send the payer on: to the bank, to another try, or back to the merchant."""
    if progress.challenge is not None:
        return RedirectResponse(f"/3ds/{progress.challenge.id}", 303)
    if progress.payment.status == "requires_action":
        return RedirectResponse(payments.checkout_url(world, progress.payment), 303)
    return RedirectResponse(payments.return_address(progress.payment), 303)


def _card_page(
    world: World, payment: Payment, error: str | None = None, *, status: int = 200
) -> Response:
    merchant = accounts.find(world, payment.account_id)
    if payment.method != "card" or not checkout.is_payable(world, payment):
        return page(
            "closed.html",
            language=payment.locale,
            payment=payment,
            merchant=merchant,
            return_address=payments.return_address(payment),
        )
    return page(
        "checkout.html",
        payment.return_url,
        status=status,
        language=payment.locale,
        payment=payment,
        merchant=merchant,
        decline=load(payment.decline),
        error=error,
        public_key=world.vault.public_key,
        provider=PROVIDER_NAME,
    )


ROUTES: list[BaseRoute] = [
    Route("/checkout/{payment_id}/{token}", show_checkout, methods=["GET"]),
    Route("/checkout/{payment_id}/{token}", submit_card, methods=["POST"]),
    Route("/3ds/{id}", show_challenge, methods=["GET"]),
    Route("/3ds/{id}", answer_challenge, methods=["POST"]),
]
