"""What the dashboard says of a period. Every number comes from figures kept as things happen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from encaisse.reporting.boards import Block
from encaisse.reporting.core import FRENCH_DAYS_FROM_WORK_TO_FUNDS
from encaisse.reporting.queries import Dashboard
from encaisse.web import charts, french
from encaisse.web.charts import Point
from encaisse.web.figures.funnel import funnel_chart
from encaisse.web.figures.periods import grain_of, in_words, label_of, name_of, slices
from encaisse.web.figures.proofs import Proofs
from encaisse.web.figures.shapes import Chart, Fig, Group, Part, Row
from encaisse.web.figures.trends import change, trends
from encaisse.web.states import CURES, METHODS, REFUSALS
from encaisse.web.templatetags.encaisse import money

_WIDE, _NARROW, _ROWS = 880, 360, 400
_WIDE_HEIGHT, _NARROW_HEIGHT = 232, 200
_CAUSES = 3


@dataclass(frozen=True, slots=True)
class Page:
    title: str
    rest: str
    before: str
    trend: str
    parts: tuple[Part, ...]
    now: Group
    is_empty: bool


def page_of(board: Dashboard, blocks: Sequence[Block], proofs: Proofs) -> Page:
    """Write a dashboard in words and drawings: the blocks asked for, those that have something."""
    count = board.summary.captured_count
    parts = [_PARTS[block](board, proofs) for block in blocks]
    return Page(
        title=french.money(board.summary.captured_minor) + (" encaissés" if count else " encaissé"),
        rest=f"{in_words(board.period)}, {_payments(count)}",
        before=in_words(board.period.before),
        trend=trends(board.summary, board.before),
        parts=tuple(part for part in parts if part is not None),
        now=_present(board, proofs),
        is_empty=board.summary.is_empty,
    )


_Written: TypeAlias = Callable[[Dashboard, Proofs], Part | None]


def _grouped(write: Callable[[Dashboard, Proofs], Group]) -> _Written:
    return lambda board, proofs: Part(group=write(board, proofs))


def _drawn(draw: Callable[[Dashboard, Proofs], Chart | None], *, is_half: bool = True) -> _Written:
    def part(board: Dashboard, proofs: Proofs) -> Part | None:
        chart = draw(board, proofs)
        return Part(chart=chart, is_half=is_half) if chart is not None else None

    return part


def _received(board: Dashboard, proofs: Proofs) -> Group:
    now, before = board.summary, board.before
    return Group(
        "Ce que vos clients ont payé",
        (
            Fig(
                "Encaissé",
                money(now.captured_minor),
                change(now.captured_minor, before.captured_minor),
                _before(before.captured_count, lambda: french.money(before.captured_minor)),
                proofs.captured,
            ),
            Fig(
                "Paiements reçus",
                str(now.captured_count),
                change(now.captured_count, before.captured_count),
                _before(before.tries, lambda: str(before.captured_count)),
                proofs.captured,
            ),
            Fig(
                "Essais réussis",
                french.percent(now.success_rate),
                f"{now.captured_count} sur {now.tries}" if now.tries else "aucun essai",
                _before(before.tries, lambda: french.percent(before.success_rate)),
            ),
            Fig(
                "Essais refusés",
                french.percent(now.failure_rate),
                f"{now.refused_count} sur {now.tries}, rien n’a été débité"
                if now.refused_count
                else "",
                _before(before.tries, lambda: french.percent(before.failure_rate)),
                proofs.refused,
            ),
        ),
    )


def _returned(board: Dashboard, proofs: Proofs) -> Group:
    now, before = board.summary, board.before
    return Group(
        "Ce qui est reparti",
        (
            Fig(
                "Remboursé",
                money(now.refunded_minor),
                french.plural(now.refunded_count, "remboursement", "remboursements"),
                _before(before.refunded_count, lambda: french.money(before.refunded_minor)),
                proofs.refunded,
            ),
            Fig(
                "Contesté",
                money(now.disputed_minor),
                french.plural(now.disputed_count, "contestation", "contestations"),
                _before(before.disputed_count, lambda: french.money(before.disputed_minor)),
                proofs.disputed,
            ),
        ),
    )


def _delays(board: Dashboard, proofs: Proofs) -> Group:
    now, before = board.summary, board.before
    return Group(
        "Le temps que met l’argent",
        (
            Fig(
                "Du paiement à votre compte",
                french.hours(now.hours_to_funds),
                "la banque ne donne que le jour",
                _average_before(french.hours, before.hours_to_funds),
                proofs.bank,
            ),
            Fig(
                "De la fin des travaux à votre compte",
                french.days(now.days_from_work),
                f"en France : {french.days(FRENCH_DAYS_FROM_WORK_TO_FUNDS)}",
                _average_before(french.days, before.days_from_work),
            ),
            Fig(
                "Retard après l’échéance",
                french.days(now.days_late),
                "mesuré quand la facture est soldée",
                _average_before(french.days, before.days_late),
                proofs.paid_invoices,
            ),
        ),
        "Le délai part de la fin des travaux, le retard de l’échéance : ce sont deux mesures, qui "
        "ne se comparent pas. La moyenne française est celle des délais clients en 2023 "
        "(Observatoire des délais de paiement, rapport 2024, données de la Banque de France) ; "
        "elle est calculée en jours de chiffre d’affaires.",
    )


def _present(board: Dashboard, proofs: Proofs) -> Group:
    owed = board.owed
    return Group(
        "En ce moment, quelle que soit la période",
        (
            Fig(
                "Reste à payer par vos clients",
                money(owed.open_amount),
                french.plural(owed.open_count, "facture", "factures"),
                url=proofs.open_invoices,
            ),
            Fig(
                "Dont en retard",
                money(owed.overdue_amount),
                french.plural(owed.overdue_count, "facture", "factures"),
                url=proofs.late_invoices,
            ),
            Fig(
                "Argent en route",
                money(board.under_way),
                "encaissé, pas encore à la banque",
                url=proofs.three_way,
            ),
            Fig(
                "À affecter",
                money(board.to_allocate),
                "reçu, sans dire encore pour quoi",
                url=proofs.to_allocate,
            ),
        ),
    )


def collected(board: Dashboard) -> Chart | None:
    """Draw the money that came, by the grain that suits the period; nothing where none came."""
    if not board.summary.captured_minor:
        return None
    grain = grain_of(board.period)
    parts = slices(board.period, board.summary.by_day)
    points = [
        Point(
            name_of(part, grain), label_of(part, grain), part.minor, french.whole_euros(part.minor)
        )
        for part in parts
    ]
    best = max(parts, key=lambda part: part.minor)
    total = board.summary.captured_minor
    sentence = (
        f"Le plus fort : {name_of(best, grain)}, {french.money(best.minor)}, "
        f"soit {french.whole_percent(best.minor, total)} de la période."
    )
    return Chart(
        id="encaisse",
        title=f"Encaissé par {grain}",
        sentence=sentence,
        drawings={
            "wide": charts.columns(points, width=_WIDE, height=_WIDE_HEIGHT),
            "narrow": charts.columns(points, width=_NARROW, height=_NARROW_HEIGHT),
        },
        heads=(grain.capitalize(), "Encaissé"),
        rows=tuple(Row(name_of(part, grain), (money(part.minor),)) for part in parts if part.minor),
    )


def _methods(board: Dashboard, _proofs: Proofs) -> Chart | None:
    summary = board.summary
    if not summary.captured_minor:
        return None
    total = summary.captured_minor
    ranked = sorted(summary.by_method.items(), key=lambda item: -item[1][1])
    first, (_, largest) = ranked[0]
    points = [
        Point(_method(name), _method(name), minor, french.whole_percent(minor, total))
        for name, (_, minor) in ranked
    ]
    return Chart(
        id="moyens",
        title="Par moyen de paiement",
        sentence=f"{_method(first)} : {french.whole_percent(largest, total)} de l’argent reçu.",
        drawings={"all": charts.rows(points, width=_ROWS)},
        heads=("Moyen", "Paiements", "Encaissé"),
        rows=tuple(
            Row(_method(name), (str(count), money(minor))) for name, (count, minor) in ranked
        ),
    )


def _refusals(board: Dashboard, proofs: Proofs) -> Chart | None:
    """Draw the commonest causes, each with what to do about it and the payments it stopped."""
    summary = board.summary
    if not summary.refused_count:
        return None
    ranked = sorted(summary.by_refusal.items(), key=lambda item: -item[1])
    first, most = ranked[0]
    points = [
        Point(_cause(name), _cause(name), count, str(count)) for name, count in ranked[:_CAUSES]
    ]
    return Chart(
        id="refus",
        title="Pourquoi des essais échouent : les trois premières causes",
        sentence=f"Première cause : {REFUSALS.get(first, REFUSALS['other'])}, {most} sur "
        f"{french.plural(summary.refused_count, 'refus', 'refus')}.",
        drawings={"all": charts.rows(points, width=_ROWS)},
        heads=("Cause", "Refus", "Que faire"),
        rows=tuple(
            Row(_cause(name), (str(count),), CURES.get(name, CURES["other"]), proofs.cause(name))
            for name, count in ranked[:_CAUSES]
        ),
        tone="bad",
    )


def _method(name: str) -> str:
    return METHODS.get(name, name)


def _cause(name: str) -> str:
    words = REFUSALS.get(name, REFUSALS["other"])
    return words[0].upper() + words[1:]


def _payments(count: int) -> str:
    return f"en {french.plural(count, 'paiement', 'paiements')}" if count else "aucun paiement"


def _before(counted: int, words: Callable[[], str]) -> str:
    return f"avant : {words()}" if counted else "avant : rien"


def _average_before(words: Callable[[float | None], str], value: float | None) -> str:
    return f"avant : {words(value)}" if value is not None else "avant : rien de mesuré"


_PARTS: Mapping[Block, _Written] = {
    Block.RECEIVED: _grouped(_received),
    Block.COLLECTED: _drawn(lambda board, _: collected(board), is_half=False),
    Block.METHODS: _drawn(_methods),
    Block.REFUSALS: _drawn(_refusals),
    Block.FUNNEL: _drawn(lambda board, _: funnel_chart(board.summary), is_half=False),
    Block.RETURNED: _grouped(_returned),
    Block.DELAYS: _grouped(_delays),
    Block.PRESENT: _grouped(_present),
}
