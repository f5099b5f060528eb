"""What customers, their banks and the provider do."""

from datetime import timedelta

from encaisse.cli.past.memory import Past
from encaisse.cli.past.people import Person, Way
from encaisse.cli.past.plan import Act, Job
from encaisse.cli.past.plumber import reconcile
from encaisse.fraud.services.arrivals import Payer
from encaisse.invoicing.services.quotes import (
    Acceptance,
    accept_quote,
    refuse_quote,
)
from encaisse.kit.clock import business_now
from encaisse.kit.tenancy import acting_for
from encaisse.payments.core import Method
from encaisse.payments.models import PaymentRequest
from encaisse.payments.services.checkout import PayerChoice, start_payment
from encaisse.payments.services.resolve import resolve_attempt
from encaisse.providers.contract import Payee
from encaisse.providers.queries import open_plugin
from encaisse.reporting.core import Device
from encaisse.reporting.figures import on_chosen, on_opened

_SHORT_BY_CENTS = 18_40


def accept(past: Past, act: Act) -> None:
    known = past.known(act.job)
    if known.quote_id is None:
        return
    yes = Acceptance(
        name=act.job.person.name, ip_address=act.job.person.address, sha256=known.sha256
    )
    accept_quote(
        organization_id=past.organization_id,
        quote_id=known.quote_id,
        acceptance=yes,
        now=business_now(),
    )
    known.request_id = past.asked("quote", known.quote_id)


def turn_down(past: Past, act: Act) -> None:
    quote_id = past.known(act.job).quote_id
    if quote_id is not None:
        refuse_quote(
            organization_id=past.organization_id,
            quote_id=quote_id,
            word="Trop cher pour cette année.",
            now=business_now(),
        )


def look(past: Past, act: Act) -> None:
    request = past.request(act.job)
    if request is not None:
        _open(past, act.job, request)


def pay(past: Past, act: Act) -> None:
    if act.job.person.way is Way.TRANSFER:
        _transfer(past, act.job)
        return
    person = act.job.person
    _pay(past, act.job, person.card if person.way is Way.CARD else "")


def try_refused(past: Past, act: Act) -> None:
    _pay(past, act.job, act.detail)


def dispute(past: Past, act: Act) -> None:
    attempt = past.attempt(act.job)
    if attempt is not None:
        body = {"payment_id": attempt.provider_id, "reason": act.detail}
        past.sandbox.control("POST", "/disputes", body)
        reconcile(past, act)


def lose_dispute(past: Past, act: Act) -> None:
    attempt = past.attempt(act.job)
    if attempt is None:
        return
    opened = open_plugin(
        organization_id=past.organization_id, connection_id=past.firm.connection_id
    )
    for found in opened.disputes_updated_since(act.at - timedelta(days=60)):
        if found.provider_payment_id == attempt.provider_id:
            path = f"/disputes/{found.provider_id}/close"
            past.sandbox.control("POST", path, {"outcome": "lost"})
    reconcile(past, act)


def short_payout(past: Past, _act: Act) -> None:
    rule = {
        "payout_short_cents": _SHORT_BY_CENTS,
        "account_id": past.firm.account_id,
        "next": 1,
    }
    past.sandbox.control("POST", "/chaos", rule)


def _transfer(past: Past, job: Job) -> None:
    request = past.request(job)
    if request is not None:
        _open(past, job, request, Method.TRANSFER)
        order = {
            "to_iban": past.firm.iban,
            "amount": request.remaining.minor,
            "remittance": request.creditor_reference,
            "from_name": job.person.name,
        }
        past.sandbox.control("POST", "/transfers", order)


def _pay(past: Past, job: Job, card: str) -> None:
    request = past.request(job)
    if request is None:
        return
    method = Method.CARD if card else Method.INSTANT_TRANSFER
    _open(past, job, request, method)
    start_payment(
        organization_id=past.organization_id,
        request_id=request.id,
        choice=_choice(past, job.person, method),
        now=business_now(),
    )
    attempt = past.attempt(job)
    if attempt is None:
        return
    script = {"card_number": card, "otp": "auto"} if card else {"sca": "approve"}
    past.sandbox.pay(attempt.provider_id, script)
    resolve_attempt(organization_id=past.organization_id, attempt_id=attempt.id, now=business_now())


def _open(past: Past, job: Job, request: PaymentRequest, method: Method | None = None) -> None:
    """Open the link and choose a way, which the pages would have counted."""
    device = Device.DESK if job.person.is_professional else Device.PHONE
    with acting_for(past.organization_id):
        on_opened(organization_id=past.organization_id, request_id=request.id, device=device)
        if method is not None:
            on_chosen(organization_id=past.organization_id, request_id=request.id, method=method)


def _choice(past: Past, person: Person, method: Method) -> PayerChoice:
    return PayerChoice(
        method=method,
        return_url=past.firm.public_url,
        cancel_url=past.firm.public_url,
        locale="fr",
        payee=Payee(past.firm.holder_name, past.firm.iban),
        payer=Payer(address=person.address, agent="Firefox sur Android", device=person.device),
    )
