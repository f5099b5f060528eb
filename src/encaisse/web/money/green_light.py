"""« Feu vert chantier »: may materials be bought with this money, in one sentence."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from encaisse.fraud.core.cases import Label
from encaisse.fraud.core.verdicts import Verdict
from encaisse.fraud.queries import decisions_of, labels_of
from encaisse.kernel.money import Money
from encaisse.kit.clock import paris_date
from encaisse.payments.core import AttemptState, IntentState, Method
from encaisse.payments.finality import Because, GreenLight, Light, Standing, green_light
from encaisse.payments.models import PaymentIntent
from encaisse.web import french


@dataclass(frozen=True, slots=True)
class LightLine:
    """`tone` is ok, wait or bad."""

    title: str
    text: str
    tone: str
    icon: str


def light_of(row: PaymentIntent, *, today: date) -> LightLine:
    """Read what the engine thought of a payment, and say whether to buy."""
    attempts = sorted(row.attempts.all(), key=lambda each: each.created_at)
    last = attempts[-1] if attempts else None
    ids = [each.id for each in attempts]
    outcomes = [one.outcome for one in decisions_of(
        organization_id=row.organization_id, passage_ids=ids
    )]  # fmt: skip
    labels = labels_of(organization_id=row.organization_id, passage_ids=ids).values()
    stopped = {Verdict.HOLD, Verdict.BLOCK}
    standing = Standing(
        method=Method(row.method),
        state=IntentState(row.state),
        attempt_state=AttemptState(last.state) if last else None,
        amount=row.amount,
        kept=row.refundable,
        disputed=Money(row.disputed_minor, row.amount.currency),
        captured_on=paris_date(row.captured_at) if row.captured_at else None,
        has_liability_shift=bool(last and last.has_liability_shift),
        is_spared=bool(last and last.is_spared),
        looks_false=Label.FRAUD in labels or (bool(outcomes) and outcomes[-1] in stopped),
        is_cleared=Label.HONEST in labels,
        pays_something=row.is_counted,
    )
    return _said(green_light(standing, today=today))


def _said(found: GreenLight) -> LightLine:
    title, tone, icon = _TITLES[found.light]
    if found.light is Light.CONTESTABLE and found.until is not None:
        title = f"{title} {french.plain_day(found.until)}"
    return LightLine(title, _SENTENCES[found.because](found), tone, icon)


_TITLES: Mapping[Light, tuple[str, str, str]] = {
    Light.SAFE: ("Vous pouvez commander", "ok", "check"),
    Light.CONTESTABLE: ("Contestable jusqu’au", "wait", "clock"),
    Light.WAIT: ("Ne commandez pas encore", "bad", "alert"),
}


def _risk(found: GreenLight) -> str:
    return french.amount(found.at_risk)


def _bank_vouches(found: GreenLight) -> str:
    day = french.plain_day(found.until) if found.until else ""
    return (
        "La banque du client l’a vérifié : une fraude serait à sa charge. Gardez la preuve du "
        f"travail fait, qu’il peut contester jusqu’au {day}."
    )


_SENTENCES: Mapping[Because, Callable[[GreenLight], str]] = {
    Because.NOT_THERE: lambda found: f"L’argent n’est pas là : {_risk(found)} à attendre.",
    Because.HELD: lambda found: f"{_risk(found)} attendent votre vérification.",
    Because.GONE: lambda _: "Cet argent est reparti.",
    Because.NOBODYS: lambda found: (
        f"Ces {_risk(found)} ne règlent rien : affectez-les, ou rendez-les s’ils font double."
    ),
    Because.DISPUTED: lambda found: f"{_risk(found)} sont contestés par la banque du client.",
    Because.DOUBTFUL_PAYER: lambda found: (
        f"Le payeur n’est peut-être pas celui qu’il dit. Parlez-lui avant : {_risk(found)} en jeu."
    ),
    Because.TRANSFER: lambda _: "Un virement reçu ne se reprend pas sans votre accord.",
    Because.BANK_VOUCHES: _bank_vouches,
    Because.NOBODY_VOUCHES: lambda found: (
        f"Sa banque n’a pas vérifié le porteur : {_risk(found)} seraient à votre charge."
    ),
    Because.SPARED: lambda found: (
        "Petit montant d’un payeur reconnu : aucune preuve ne lui a été demandée. En cas de "
        f"fraude, {_risk(found)} seraient à votre charge."
    ),
    Because.TOO_LATE_TO_CONTEST: lambda _: "Le délai de contestation de la carte est passé.",
}
