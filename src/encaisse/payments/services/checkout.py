"""A payer chooses a way to pay: reserve, ask the provider, record. Never two charges at once."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from encaisse.fraud.core.starter_rules import MOST_TRIES
from encaisse.fraud.core.verdicts import Verdict
from encaisse.fraud.services.arrivals import Payer
from encaisse.fraud.services.judge import judge_arrival
from encaisse.kernel.errors import DomainError, NotFound
from encaisse.kernel.language import Language
from encaisse.kernel.money import Money
from encaisse.kernel.sentences import read_in
from encaisse.kit.clock import paris_date
from encaisse.kit.crypto import unseal
from encaisse.kit.identifiers import new_id
from encaisse.kit.jobs import enqueue
from encaisse.kit.tenancy import acting_for
from encaisse.payments.core import (
    INTENT_MOVES,
    LIVE_ATTEMPTS,
    LIVE_INTENTS,
    AttemptState,
    IntentState,
    Method,
    RequestState,
    check_move,
)
from encaisse.payments.errors import (
    CardsSuspended,
    CheckoutElsewhere,
    PaymentInProgress,
    PaymentMethodUnavailable,
    PaymentNotAccepted,
    RequestAlreadyPaid,
    RequestNotPayable,
    RequestNotYetPayable,
)
from encaisse.payments.models import (
    PaymentAttempt,
    PaymentIntent,
    PaymentRequest,
)
from encaisse.payments.services.identifying import identification_of
from encaisse.payments.services.record import record_not_sent, record_payment, record_unknown
from encaisse.payments.services.resolve import cancel_attempt
from encaisse.payments.services.weighing import arrival_of, suspend_cards
from encaisse.providers.contract import (
    CheckoutRequest,
    Payee,
    ProviderError,
    ProviderOutcomeUnknown,
    ProviderPayment,
)
from encaisse.providers.identification import EXEMPTIONS, Identification
from encaisse.providers.models import Connection
from encaisse.providers.queries import active_connection, plugin_for

CHECKOUT_LIFETIME_SECONDS = 1800
# How long we leave a reserved attempt before asking the provider what became of it.
_SAFETY_DELAY = timedelta(seconds=30)
# A checkout about to expire is not handed to a payer again.
_LEAST_TIME_LEFT = timedelta(minutes=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerChoice:
    """What the payer asked for, and where they come back to."""

    method: Method
    return_url: str
    cancel_url: str
    locale: str
    payee: Payee | None = None
    payer: Payer = field(default_factory=Payer)


@dataclass(frozen=True, slots=True)
class Reservation:
    """
    What reserving found: a new attempt to ask for, a page still open, one to close first, or why
    this payer is not taken to the provider.
    """

    connection: Connection
    attempt_id: UUID
    amount: Money
    description: str
    open_checkout_url: str = ""
    refusal: DomainError | None = None
    must_close: bool = False
    identification: Identification = Identification.AUTOMATIC
    most_tries: int = MOST_TRIES


def start_payment(
    *, organization_id: UUID, request_id: UUID, choice: PayerChoice, now: datetime
) -> str:
    """
    Return the address of the provider's page where the payer pays.

    Choosing another way first closes the page opened before; choosing the same way again leads
    back to that page. Asks the provider: call it outside any transaction.

    :raises RequestNotPayable: closed, or already paid
    :raises RequestNotYetPayable: before the lawful date
    :raises PaymentInProgress: money may already be moving
    :raises CardsSuspended: too many cards were tried on this link
    :raises PaymentNotAccepted: the firm does not take this payer's money in this way
    :raises CheckoutElsewhere: the page is not where the provider said that payers pay
    :raises ProviderError: the provider refused, was not reached, or did not answer
    """
    reservation = reserve(organization_id, request_id, choice, now)
    if reservation.must_close:
        cancel_attempt(organization_id=organization_id, attempt_id=reservation.attempt_id, now=now)
        reservation = reserve(organization_id, request_id, choice, now)
        if reservation.must_close:
            raise PaymentInProgress
    if reservation.refusal is not None:
        raise reservation.refusal
    url = reservation.open_checkout_url
    return _at_provider(
        url or _ask(organization_id, reservation, choice, now), reservation.connection
    )


def _at_provider(url: str, connection: Connection) -> str:
    # ASVS 5.0, 3.7.2: with a page of its own choosing, whoever answers for the provider would fish.
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or parts.netloc != connection.checkout_host:
        raise CheckoutElsewhere
    return url


def _ask(
    organization_id: UUID, reservation: Reservation, choice: PayerChoice, now: datetime
) -> str:
    attempt_id = reservation.attempt_id
    try:
        payment = _start_at_provider(reservation, choice)
    except ProviderOutcomeUnknown:
        record_unknown(organization_id=organization_id, attempt_id=attempt_id, now=now)
        raise
    except ProviderError as error:
        record_not_sent(
            organization_id=organization_id, attempt_id=attempt_id, code=error.code, now=now
        )
        raise
    record_payment(organization_id=organization_id, attempt_id=attempt_id, payment=payment, now=now)
    return payment.checkout_url


def _start_at_provider(reservation: Reservation, choice: PayerChoice) -> ProviderPayment:
    request = CheckoutRequest(
        idempotency_key=str(reservation.attempt_id),
        amount=reservation.amount,
        description=read_in(Language.of(choice.locale), reservation.description),
        return_url=choice.return_url,
        cancel_url=choice.cancel_url,
        locale=choice.locale,
        expires_in_seconds=CHECKOUT_LIFETIME_SECONDS,
        max_attempts=reservation.most_tries,
        identification=reservation.identification,
    )
    opened = plugin_for(reservation.connection)
    if choice.method is Method.CARD:
        return opened.start_card_payment(request)
    if choice.method is Method.INSTANT_TRANSFER and choice.payee is not None:
        return opened.start_transfer(request, choice.payee)
    raise PaymentMethodUnavailable


def reserve(
    organization_id: UUID, request_id: UUID, choice: PayerChoice, now: datetime
) -> Reservation:
    """
    Make the attempt that the provider will be asked for, unless a checkout is still open.

    :raises RequestNotPayable: closed, or already paid
    :raises RequestNotYetPayable: before the lawful date
    :raises PaymentInProgress: money may already be moving
    """
    with acting_for(organization_id):
        request = _payable_request(organization_id, request_id, now)
        connection = active_connection(organization_id=organization_id)
        live = _live_attempt(request)
        if live is None:
            return _new_attempt(request, connection, choice, now)
        if live.state != AttemptState.REQUIRES_ACTION:
            raise PaymentInProgress
        expires_soon = live.expires_at is None or live.expires_at < now + _LEAST_TIME_LEFT
        # Whoever was spared a proof was recognised: the next one to open the link may be another.
        is_spared = live.identification in EXEMPTIONS
        reusable = live.intent.method == choice.method and not expires_soon and not is_spared
        return Reservation(
            connection=connection,
            attempt_id=live.id,
            amount=live.intent.amount,
            description=request.description,
            open_checkout_url=_checkout_url(live) if reusable else "",
            must_close=not reusable,
        )


def _payable_request(organization_id: UUID, request_id: UUID, now: datetime) -> PaymentRequest:
    """Lock the request: two payers at once are served one after the other."""
    try:
        request = PaymentRequest.objects.select_for_update().get(
            organization_id=organization_id, id=request_id
        )
    except PaymentRequest.DoesNotExist as error:
        raise NotFound from error
    if request.state == RequestState.PAID:
        raise RequestAlreadyPaid(state=request.state)
    if request.state != RequestState.OPEN:
        raise RequestNotPayable(state=request.state)
    if request.not_before_date is not None and paris_date(now) < request.not_before_date:
        raise RequestNotYetPayable(day=request.not_before_date)
    return request


def _live_attempt(request: PaymentRequest) -> PaymentAttempt | None:
    return (
        PaymentAttempt.objects.select_related("intent")
        .filter(
            organization_id=request.organization_id,
            intent__request_id=request.id,
            state__in=sorted(LIVE_ATTEMPTS),
        )
        .first()
    )


def _new_attempt(
    request: PaymentRequest, connection: Connection, choice: PayerChoice, now: datetime
) -> Reservation:
    attempt_id, amount = new_id(), request.remaining
    if choice.method is Method.CARD and request.suspended_at is not None:
        return Reservation(connection, attempt_id, amount, "", refusal=CardsSuspended())
    judged = judge_arrival(
        organization_id=request.organization_id,
        arrival=arrival_of(request, attempt_id, choice.method, choice.payer),
        now=now,
    )
    if judged.closes_link:
        suspend_cards([request], now=now)
        return Reservation(connection, attempt_id, amount, "", refusal=CardsSuspended())
    if judged.verdict is Verdict.BLOCK:
        return Reservation(connection, attempt_id, amount, "", refusal=PaymentNotAccepted())
    identification = identification_of(request, connection, choice.method, judged, now)
    intent = _intent_for(request, choice.method, now)
    attempt = PaymentAttempt.objects.create(
        id=attempt_id,
        organization_id=request.organization_id,
        intent=intent,
        connection=connection,
        state=AttemptState.CREATED,
        identification=identification,
        updated_at=now,
        created_at=now,
    )
    # Should this process die between asking and recording, this job asks what became of it.
    enqueue(
        "payments.resolve_attempt",
        after=_SAFETY_DELAY,
        organization_id=request.organization_id,
        attempt_id=attempt.id,
    )
    return Reservation(
        connection,
        attempt.id,
        intent.amount,
        request.description,
        identification=identification,
        most_tries=judged.tries_left,
    )


def _intent_for(request: PaymentRequest, method: Method, now: datetime) -> PaymentIntent:
    """
    Make an intent for what remains due, ending the one before it.

    An intent is never asked for twice: should its first attempt be paid late after all, that money
    is its own, and not mixed with the second's.
    """
    live = PaymentIntent.objects.filter(
        organization_id=request.organization_id,
        request_id=request.id,
        state__in=sorted(LIVE_INTENTS),
    ).first()
    if live is not None:
        check_move(INTENT_MOVES, IntentState(live.state), IntentState.CANCELED)
        live.state = IntentState.CANCELED
        live.save(update_fields=["state"])
    return PaymentIntent.objects.create(
        id=new_id(),
        organization_id=request.organization_id,
        request=request,
        method=method,
        amount_minor=request.remaining.minor,
        currency=request.currency,
        state=IntentState.OPEN,
        created_at=now,
    )


def _checkout_url(attempt: PaymentAttempt) -> str:
    if attempt.checkout_url_sealed is None:
        return ""
    return unseal(attempt.checkout_url_sealed, attempt.place("checkout_url"))
