"""What a fraud costs: the example line by line, or the firm's own figures, on a page or a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from encaisse.fraud.core.costs import BLOCK_WORDS, ITEMS, Bill, Block, Item, Unit, bill
from encaisse.fraud.services.replaying import replayed_presets
from encaisse.kernel.money import NO_BREAK_SPACE
from encaisse.kit.clock import business_now, paris_date
from encaisse.organizations.core import Permission
from encaisse.organizations.signed import PRESET_WORDS
from encaisse.reporting.core import last_days
from encaisse.reporting.queries import summary
from encaisse.web import french
from encaisse.web.access import MemberRequest, member_page
from encaisse.web.files import as_table

_YEAR = 365
_MOST = 10_000_000
_UNITS = {
    Unit.EUROS: "€",
    Unit.DAYS: "jours",
    Unit.HOURS: "heures",
    Unit.PERCENT: "% par an",
    Unit.COUNT: "chantiers",
}


class CostForm(forms.Form):
    """One whole number a line."""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]  # passed on as they came
        for item in ITEMS:
            self.fields[item.code] = forms.IntegerField(
                label=item.label,
                min_value=0,
                max_value=_MOST,
                required=False,
                widget=forms.NumberInput(attrs={"inputmode": "numeric", "step": 1}),
            )

    def values(self) -> dict[str, int]:
        """Return what was typed; an empty line counts for nothing."""
        return {item.code: self.cleaned_data.get(item.code) or 0 for item in ITEMS}


@dataclass(frozen=True, slots=True)
class BlockLines:
    title: str
    lines: Sequence[tuple[forms.BoundField, str, str]]
    cost: str


@dataclass(frozen=True, slots=True)
class PresetCost:
    name: str
    missed: str
    held: str


@require_GET
@member_page(Permission.FRAUD_READ)
def show(request: MemberRequest) -> HttpResponse:
    start, sources = _start(request)
    is_typed = any(item.code in request.GET for item in ITEMS)
    form = CostForm(request.GET) if is_typed else CostForm(start)
    is_readable = form.is_valid()
    found = bill(form.values() if is_readable else start)
    if request.GET.get("format") == "csv" and is_readable:
        return _table(form.values(), sources, found)
    context = {
        "form": form,
        "blocks": [_block(form, block, sources, found) for block in Block],
        "listed": _euros(found.listed),
        "cash_out": _euros(found.cash_out),
        "against": _euros(found.against_honest_job),
        "total": _euros(found.total_cash),
        "is_ours": "chiffres" in request.GET,
        "presets": _presets(request),
    }
    return render(request, "vigilance/costs.html", context, status=200 if is_readable else 422)


def _start(request: MemberRequest) -> tuple[dict[str, int], Mapping[str, str]]:
    """Return the figures the form opens with, and where each comes from."""
    sources = {item.code: item.source for item in ITEMS}
    start = {item.code: item.default for item in ITEMS}
    match request.GET.get("chiffres"):
        case "miens":
            ours = _of_firm(request)
            return start | ours, sources | dict.fromkeys(ours, "Vos douze derniers mois.")
        case "vide":
            return dict.fromkeys(start, 0), dict.fromkeys(sources, "À remplir.")
    return start, sources


def _of_firm(request: MemberRequest) -> dict[str, int]:
    """Return what the firm's own year says, in whole euros; what it does not say is left out."""
    period = last_days(_YEAR, until=paris_date(business_now()))
    year = summary(organization_id=request.organization_id, period=period)
    found = {}
    if year.captured_count:
        found["day_sales"] = round(year.captured_minor / 100 / _YEAR)
        found["job_margin"] = round(year.captured_minor / 100 / year.captured_count * _MARGIN)
    if year.disputed_count:
        found["payment"] = round(year.disputed_minor / 100 / year.disputed_count)
    return found


# What is left of a job once materials and wages are paid, as in the example: 1,500 € of 5,000 €.
_MARGIN = 0.3


def _block(form: CostForm, block: Block, sources: Mapping[str, str], found: Bill) -> BlockLines:
    lines = [
        (form[item.code], _UNITS[item.unit], sources[item.code])
        for item in ITEMS
        if item.block is block
    ]
    return BlockLines(BLOCK_WORDS[block], lines, _euros(found.blocks[block]))


def _presets(request: MemberRequest) -> list[PresetCost]:
    """Say what frauds would have come through under each preset, on the firm's own payments."""
    found = replayed_presets(organization_id=request.organization_id, now=business_now())
    return [
        PresetCost(
            name=PRESET_WORDS[preset].capitalize(),
            missed=french.money(replayed.missed_cents),
            held=french.plural(replayed.honest_held, "client retenu", "clients retenus"),
        )
        for preset, replayed in found.items()
        if replayed.payments
    ]


def _table(values: Mapping[str, int], sources: Mapping[str, str], found: Bill) -> HttpResponse:
    rows = [_row(item, values[item.code], sources[item.code]) for item in ITEMS]
    sums = (
        ("Somme des quatre lignes", found.listed),
        ("Sorti de votre caisse", found.cash_out),
        ("Manque face à un chantier honnête", found.against_honest_job),
        ("Tout compris", found.total_cash),
    )
    rows += [["", word, str(amount), "€", ""] for word, amount in sums]
    return as_table("cout-fraude.csv", ("bloc", "ligne", "valeur", "unité", "source"), rows)


def _row(item: Item, value: int, source: str) -> list[str]:
    return [BLOCK_WORDS[item.block], item.label, str(value), _UNITS[item.unit], source]


def _euros(amount: int) -> str:
    return french.whole_euros(amount * 100).replace(" ", NO_BREAK_SPACE)
