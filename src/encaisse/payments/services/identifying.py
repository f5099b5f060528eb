"""How strongly a payer's bank is asked to identify them, and who is spared it."""

from datetime import datetime, timedelta

from django.db.models import Sum

from encaisse.fraud.core.verdicts import Verdict
from encaisse.fraud.services.arrivals import Judged
from encaisse.kernel.money import Money
from encaisse.payments.core import LIVE_ATTEMPTS, AttemptState, Method
from encaisse.payments.models import AttemptRefusal, PaymentAttempt, PaymentRequest
from encaisse.providers.contract import DeclineReason
from encaisse.providers.identification import EXEMPTIONS, Identification
from encaisse.providers.models import Connection
from encaisse.providers.registry import exemptions

# Over this long, what one customer is spared adds up: many small amounts are a large one.
_ADDED_UP_OVER = timedelta(days=1)


def identification_of(
    request: PaymentRequest,
    connection: Connection,
    method: Method,
    judged: Judged,
    now: datetime,
) -> Identification:
    """
    Ask for proof as soon as something surprises: refused later or not, it costs nothing.

    Where nothing does, a recognised payer is spared it for a small amount, as far as the provider
    goes; never again on this request once a bank wanted it.
    """
    if judged.verdict is not Verdict.ALLOW:
        return Identification.REQUIRED
    amount = request.remaining
    if method is not Method.CARD or amount.minor > judged.spared_cents:
        return Identification.AUTOMATIC
    wanted = AttemptRefusal.objects.filter(
        organization_id=request.organization_id,
        attempt__intent__request_id=request.id,
        reason=DeclineReason.AUTHENTICATION_REQUIRED,
    )
    if wanted.exists():
        return Identification.REQUIRED
    if _spared_of_late(request, now) + amount.minor > judged.spared_cents:
        return Identification.AUTOMATIC
    return _exemption(connection, amount)


def _spared_of_late(request: PaymentRequest, now: datetime) -> int:
    """Return what this customer was spared proofs for since yesterday, or may still pay so."""
    rows = PaymentAttempt.objects.filter(
        organization_id=request.organization_id,
        intent__request__counterparty=request.counterparty,
        identification__in=sorted(EXEMPTIONS),
        state__in=sorted({*LIVE_ATTEMPTS, AttemptState.CAPTURED}),
        created_at__gt=now - _ADDED_UP_OVER,
    )
    return int(rows.aggregate(total=Sum("intent__amount_minor"))["total"] or 0)


def _exemption(connection: Connection, amount: Money) -> Identification:
    """Return the narrowest exemption that the provider takes for this amount."""
    offered = exemptions(provider=connection.provider)
    fitting = [
        one
        for one in (Identification.LOW_VALUE, Identification.TRANSACTION_RISK)
        if one in offered and amount <= offered[one]
    ]
    return fitting[0] if fitting else Identification.AUTOMATIC
