"""Legal rules of quotes and invoices, each with its source and its dates of validity. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta

from encaisse.invoicing.core.states import AgreementPlace


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of law, in force on the days [valid_from, valid_to)."""

    id: str
    source: str
    valid_from: date
    valid_to: date | None = None

    def applies_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


NO_PAYMENT_AT_HOME = Rule(
    id="no_payment_7_days_at_home",
    source="Code de la consommation, art. L221-10",
    valid_from=date(2016, 7, 1),
)
WITHDRAWAL = Rule(
    id="withdrawal_14_days",
    source="Code de la consommation, art. L221-18",
    valid_from=date(2016, 7, 1),
)
ONLINE_WITHDRAWAL = Rule(
    id="online_withdrawal_function",
    source="Code de la consommation, art. L221-21 et D221-5",
    valid_from=date(2026, 6, 19),
)

_HOME_DELAY = timedelta(days=7)
_WITHDRAWAL_DELAY = timedelta(days=14)


def payable_from(*, place: AgreementPlace, accepted_on: date, is_professional: bool) -> date | None:
    """
    Return the first day money may be asked, or None when at once.

    At a consumer's home, both present, nothing may be asked before seven days, save for urgent
    repairs the consumer expressly asked for.
    """
    home = place is AgreementPlace.HOME and not is_professional
    if home and NO_PAYMENT_AT_HOME.applies_on(accepted_on):
        return accepted_on + _HOME_DELAY
    return None


def withdrawal_until(
    *, place: AgreementPlace, accepted_on: date, is_professional: bool
) -> date | None:
    """Return the last day a consumer may renounce the contract, or None when there is no right."""
    covered = place in {AgreementPlace.DISTANCE, AgreementPlace.HOME}
    if covered and not is_professional and WITHDRAWAL.applies_on(accepted_on):
        return accepted_on + _WITHDRAWAL_DELAY
    return None
