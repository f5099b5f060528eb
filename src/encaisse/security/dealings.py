"""What happened in a firm, looked at: roles, accounts, exports, keys, refunds, messages."""

from datetime import datetime
from uuid import UUID, uuid5

from encaisse.fraud.queries import case_by_id, first_sentence, shared_report
from encaisse.kernel.money import Currency, Money
from encaisse.kit.clock import paris_date
from encaisse.kit.identifiers import new_id
from encaisse.kit.places import country_words
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.core import ROLE_WORDS, Role
from encaisse.organizations.models import ApiKey
from encaisse.organizations.operations import operation_by_id, read
from encaisse.organizations.safeguards import rules_of
from encaisse.providers.queries import connection_by_id
from encaisse.security.causes import name_of
from encaisse.security.core import (
    REFUNDS_SPAN,
    REFUSED_WEBHOOKS,
    REFUSED_WEBHOOKS_SPAN,
    Kind,
    is_spree,
    is_unusual_export,
)
from encaisse.security.models import ExportHabit
from encaisse.security.raising import raise_alert
from encaisse.security.tallies import tally
from encaisse.treasury.models import BankAccount

_WIDE = frozenset({Role.OWNER, Role.MANAGER})
_TABLES = {"journal": "le journal"}


def look_at_role(
    *,
    organization_id: UUID,
    user_id: UUID,
    role: Role,
    by: UUID | None,
    at: str,
    real_now: datetime,
) -> None:
    """Alert of a new owner or manager."""
    if role not in _WIDE:
        return
    given = "après une invitation" if by == user_id else f"donné par {name_of(by)}"
    raise_alert(
        organization_id=organization_id,
        kind=Kind.NEW_ADMINISTRATOR,
        subject=f"user:{user_id}",
        about_id=user_id,
        cause_id=uuid5(user_id, f"{role}|{at}"),
        facts={"role": ROLE_WORDS[role].lower(), "by": given},
        real_now=real_now,
    )


def look_at_collecting_account(
    *, organization_id: UUID, account_id: UUID, by: UUID | None, at: str, real_now: datetime
) -> None:
    with acting_for(organization_id):
        account = BankAccount.objects.get(organization_id=organization_id, id=account_id)
        raise_alert(
            organization_id=organization_id,
            kind=Kind.IBAN_CHANGED,
            subject="collecting_account",
            about_id=by,
            cause_id=uuid5(account_id, at),
            facts={"iban": account.iban_masked, "by": name_of(by)},
            real_now=real_now,
        )


def look_at_export(
    *,
    organization_id: UUID,
    user_id: UUID,
    what: str,
    lines: int,
    at: str,
    real_now: datetime,
) -> None:
    """Alert of a person's first table, and of one much larger than before."""
    cause_id = uuid5(user_id, f"{what}|{at}")
    with acting_for(organization_id):
        rows = ExportHabit.objects.select_for_update().filter(organization_id=organization_id)
        habit = rows.filter(user_id=user_id, what=what).first()
        if habit is not None and habit.cause_id == cause_id:
            return
        largest = habit.largest if habit else None
        _remember_export(habit, organization_id, user_id, what, lines, cause_id, real_now)
        if not is_unusual_export(lines=lines, largest=largest):
            return
        raise_alert(
            organization_id=organization_id,
            kind=Kind.UNUSUAL_EXPORT,
            subject=f"user:{user_id}",
            about_id=user_id,
            cause_id=cause_id,
            facts={
                "what": _TABLES.get(what, what),
                "lines": str(lines),
                "why": "pour la première fois" if largest is None else "plus que d’habitude",
            },
            real_now=real_now,
        )


def look_at_key_address(
    *, organization_id: UUID, key_id: UUID, country: str, at: str, real_now: datetime
) -> None:
    with acting_for(organization_id):
        key = ApiKey.objects.get(organization_id=organization_id, id=key_id)
        raise_alert(
            organization_id=organization_id,
            kind=Kind.KEY_NEW_ADDRESS,
            subject=f"api_key:{key_id}",
            cause_id=uuid5(key_id, at),
            facts={"key": key.name, "place": country_words(country)},
            real_now=real_now,
        )


def look_at_refund(
    *,
    organization_id: UUID,
    refund_id: UUID,
    amount: Money,
    by: UUID | None,
    real_now: datetime,
) -> None:
    """Alert of many refunds by one person in an hour, or of several over the firm's ceiling."""
    counted = tally(
        key=f"refunds:{organization_id}:{by}",
        cause_id=refund_id,
        span=REFUNDS_SPAN,
        value=amount.minor,
        real_now=real_now,
    )
    with acting_for(organization_id):
        ceiling = rules_of(organization_id=organization_id).refund_ceiling
        if not is_spree(
            number=counted.number, total_minor=counted.total, ceiling_minor=ceiling.minor
        ):
            return
        total = Money(counted.total, Currency(amount.currency))
        raise_alert(
            organization_id=organization_id,
            kind=Kind.REFUND_SPREE,
            subject=f"user:{by}",
            about_id=by,
            cause_id=refund_id,
            facts={"number": str(counted.number), "amount": total.in_french()},
            real_now=real_now,
        )


def look_at_refused_operation(
    *, organization_id: UUID, operation_id: UUID, user_id: UUID | None, real_now: datetime
) -> None:
    with acting_for(organization_id):
        operation = operation_by_id(organization_id=organization_id, operation_id=operation_id)
        raise_alert(
            organization_id=organization_id,
            kind=Kind.LINK_REFUSED,
            subject=f"user:{user_id}",
            about_id=user_id,
            cause_id=operation_id,
            facts={"operation": read(operation).title},
            real_now=real_now,
        )


def look_at_case(*, organization_id: UUID, case_id: UUID, real_now: datetime) -> None:
    """Alert of a payment, or a link, that waits for somebody."""
    with acting_for(organization_id):
        case = case_by_id(organization_id=organization_id, case_id=case_id)
        amount = Money(case.amount_minor).in_french()
        raise_alert(
            organization_id=organization_id,
            kind=Kind.CARDS_TRIED if case.is_link else Kind.PAYMENT_HELD,
            subject=f"link:{case.link_id}" if case.is_link else "payments_held",
            cause_id=case.id,
            facts={"amount": amount, "why": first_sentence(case.decision)},
            real_now=real_now,
        )


def look_at_contest(*, organization_id: UUID, report_id: UUID, real_now: datetime) -> None:
    """Alert of what was reported to other firms, and that somebody contests there."""
    with acting_for(organization_id):
        report = shared_report(organization_id=organization_id, report_id=report_id)
        raise_alert(
            organization_id=organization_id,
            kind=Kind.REPORT_CONTESTED,
            subject="reports_contested",
            cause_id=report.id,
            facts={"what": f"votre signalement du {paris_date(report.created_at):%d/%m/%Y}"},
            real_now=real_now,
        )


def look_at_refused_webhook(
    *, organization_id: UUID, connection_id: UUID, code: str, at: str, real_now: datetime
) -> None:
    """Alert from the third message of an hour that is not the provider's."""
    cause_id = uuid5(connection_id, at)
    counted = tally(
        key=f"webhooks:{connection_id}",
        cause_id=cause_id,
        span=REFUSED_WEBHOOKS_SPAN,
        real_now=real_now,
    )
    if counted.number < REFUSED_WEBHOOKS:
        return
    with acting_for(organization_id):
        connection = connection_by_id(organization_id=organization_id, connection_id=connection_id)
        raise_alert(
            organization_id=organization_id,
            kind=Kind.WEBHOOKS_FAILING,
            subject=f"connection:{connection_id}",
            cause_id=cause_id,
            facts={"provider": connection.display_name, "code": code},
            real_now=real_now,
        )


def _remember_export(
    habit: ExportHabit | None,
    organization_id: UUID,
    user_id: UUID,
    what: str,
    lines: int,
    cause_id: UUID,
    now: datetime,
) -> None:
    if habit is None:
        ExportHabit.objects.create(
            id=new_id(), organization_id=organization_id, user_id=user_id, what=what,
            largest=lines, cause_id=cause_id, created_at=now,
        )  # fmt: skip
        return
    habit.largest, habit.cause_id = max(habit.largest, lines), cause_id
    habit.save(update_fields=["largest", "cause_id"])
