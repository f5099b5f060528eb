"""What a payer's page shows, decided from the request, its attempts and the firm. Reads only."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from encaisse.fraud.queries import shares
from encaisse.kernel.identifiers import Siren
from encaisse.kernel.money import Money
from encaisse.kernel.sentences import read_in
from encaisse.kit.clock import paris_date
from encaisse.organizations.core import ink_on, readable_on
from encaisse.organizations.models import Profile
from encaisse.organizations.queries import profile
from encaisse.payments.core import AttemptState, RequestState
from encaisse.payments.models import PaymentAttempt, PaymentRequest
from encaisse.payments.queries import latest_attempt
from encaisse.payments.queries import request as payment_request
from encaisse.providers.errors import NoConnection
from encaisse.providers.models import Connection
from encaisse.providers.queries import active_connection
from encaisse.treasury.errors import NoCollectingAccount
from encaisse.treasury.queries import CollectingAccount, collecting_account
from encaisse.web.payer.words import Words

_VERIFYING = {
    AttemptState.CREATED,
    AttemptState.PENDING,
    AttemptState.AUTHORIZED,
    AttemptState.CAPTURING,
    AttemptState.UNKNOWN,
}
PAPER, _DARK_PAPER = "#fafaf7", "#0f1815"


@dataclass(frozen=True, slots=True)
class Firm:
    """Who is being paid."""

    name: str
    initials: str
    city: str
    siren: str
    phone: str
    email: str
    has_logo: bool


@dataclass(frozen=True, slots=True)
class Notice:
    """What happened, in words; `tone` is ok, wait or bad."""

    tone: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class PaymentPage:
    """Everything the payment page shows."""

    firm: Firm
    description: str
    amount: Money
    notice: Notice | None
    can_pay: bool
    by_card: bool
    by_bank: bool
    account: CollectingAccount | None
    creditor_reference: str
    provider_line: str
    checkout_host: str
    has_document: bool
    shares_reports: bool
    proofs_token: str


def read_payment_page(
    *, organization_id: UUID, request_id: UUID, now: datetime, words: Words
) -> PaymentPage:
    """:raises NotFound: no such request here"""
    row = payment_request(organization_id=organization_id, request_id=request_id)
    who = profile(organization_id=organization_id)
    firm = firm_of(who)
    connection = _connection(organization_id)
    account = _account(organization_id)
    attempt = latest_attempt(organization_id=organization_id, request_id=request_id)
    notice = _notice(row, attempt, firm, words, paris_date(now))
    payable = row.state == RequestState.OPEN and (notice is None or notice.tone == "bad")
    if payable and connection is None and account is None:
        notice = Notice("wait", words.no_way_title, words.no_way_note.format(firm=firm.name))
    is_settled = not row.remaining
    return PaymentPage(
        firm=firm,
        description=read_in(words.language, row.description),
        amount=row.amount if is_settled else row.remaining,
        notice=notice,
        can_pay=payable and (connection is not None or account is not None),
        by_card=connection is not None and row.suspended_at is None,
        by_bank=connection is not None and account is not None,
        account=account,
        creditor_reference=row.creditor_reference,
        provider_line=_provider_line(connection, firm, words, paris_date(now)),
        checkout_host=connection.checkout_host if connection else "",
        has_document=row.reference_kind == "invoice",
        shares_reports=shares(organization_id=organization_id),
        proofs_token=who.proofs_token,
    )


def firm_of(row: Profile) -> Firm:
    return Firm(
        name=row.name,
        initials=initials_of(row.name),
        city=row.city,
        siren=str(Siren(row.siren)),
        phone=row.phone,
        email=row.email,
        has_logo=row.logo_file_id is not None,
    )


def initials_of(name: str) -> str:
    """Return what stands for a logo."""
    return "".join(word[0] for word in name.split()[:2]).upper()


def colours(row: Profile) -> str:
    """Return the firm's colours as one stylesheet, corrected until they can be read."""
    light, dark = readable_on(row.colour, PAPER), readable_on(row.colour, _DARK_PAPER)
    return (
        f":root{{--brand:{light};--brand-ink:{ink_on(light)}}}"
        f"@media (prefers-color-scheme:dark){{:root{{--brand:{dark};--brand-ink:{ink_on(dark)}}}}}"
    )


def _notice(
    row: PaymentRequest, attempt: PaymentAttempt | None, firm: Firm, words: Words, today: date
) -> Notice | None:
    if not row.remaining:
        return _paid(row, attempt, firm, words, today)
    if row.state == RequestState.CLOSED:
        return Notice("wait", words.closed_title, words.closed_note.format(firm=firm.name))
    if row.not_before_date is not None and today < row.not_before_date:
        title = words.not_before_title.format(day=words.day(row.not_before_date))
        return Notice("wait", title, words.not_before_note)
    return _of_attempt(attempt, firm.name, words) if attempt else None


def _paid(
    row: PaymentRequest, attempt: PaymentAttempt | None, firm: Firm, words: Words, today: date
) -> Notice:
    captured_at = attempt.intent.captured_at if attempt else None
    paid_on = paris_date(captured_at) if captured_at else today
    text = words.paid_note.format(
        firm=firm.name, amount=words.money(row.amount), day=words.day(paid_on)
    )
    return Notice("ok", words.paid_title, text)


def _of_attempt(attempt: PaymentAttempt, firm: str, words: Words) -> Notice | None:
    if attempt.state == AttemptState.HELD:
        return Notice("wait", words.held_title, words.held_note.format(firm=firm))
    if attempt.state in _VERIFYING:
        return Notice("wait", words.pending_title, words.pending_note)
    if attempt.state == AttemptState.EXPIRED:
        return Notice("bad", words.refused_title, words.expired_note)
    if attempt.failure:
        reason = words.reasons.get(attempt.failure, words.reasons["other"])
        return Notice("bad", words.refused_title, words.refused_note.format(reason=reason))
    return None


def _provider_line(connection: Connection | None, firm: Firm, words: Words, today: date) -> str:
    """Name the provider; speak of its PCI DSS proof only while it is stored and unexpired."""
    if connection is None:
        return ""
    line = words.next_card.format(
        provider=connection.display_name, host=connection.checkout_host, firm=firm.name
    )
    expires = connection.pci_expires_on
    if connection.pci_attested_on and expires and today <= expires:
        line += " " + words.next_card_proof.format(day=words.day(connection.pci_attested_on))
    return line


def _connection(organization_id: UUID) -> Connection | None:
    try:
        return active_connection(organization_id=organization_id)
    except NoConnection:
        return None


def _account(organization_id: UUID) -> CollectingAccount | None:
    try:
        return collecting_account(organization_id=organization_id)
    except NoCollectingAccount:
        return None
