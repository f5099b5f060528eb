"""How careful the firm is with payments: three presets weighed on its own past, and the rules."""

from collections.abc import Mapping
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from encaisse.fraud.core.replay import Replayed
from encaisse.fraud.models import Vigilance
from encaisse.fraud.services.choices import (
    Choice,
    choice_of,
    choose_vigilance,
    loosens,
    vigilance_draft,
)
from encaisse.fraud.services.current_model import usable_model
from encaisse.fraud.services.memory import vigilance_of
from encaisse.fraud.services.replaying import PAST, replayed_presets
from encaisse.kernel.money import Money
from encaisse.kernel.trades import TRADE_WORDS, Trade
from encaisse.kit.clock import business_now
from encaisse.organizations.core import Permission, allows
from encaisse.organizations.queries import trade_of
from encaisse.organizations.signed import PRESET_WORDS
from encaisse.risk.presets import Preset
from encaisse.web import french
from encaisse.web.access import MemberRequest, member_page, recently_proven
from encaisse.web.forms import MoneyField, PageForm, show_form
from encaisse.web.operations.asking import ask_signature
from encaisse.web.vigilance.words import PRESET_LEADS, model_lines, rule_sentences, trade_lead


class VigilanceForm(PageForm):
    preset = forms.ChoiceField(
        label="Vigilance aux paiements",
        choices=[(preset.value, PRESET_WORDS[preset]) for preset in Preset],
        widget=forms.RadioSelect(),
    )
    trade = forms.TypedChoiceField(
        label="Règles de départ",
        coerce=Trade,
        empty_value=Trade.UNSAID,
        choices=[("", "Tous métiers"), *((one.value, word) for one, word in TRADE_WORDS.items())],
        required=False,
    )
    review_ceiling = MoneyField(
        label="Deux personnes pour libérer un paiement au-delà de",
        required=False,
        help_text="Laissez vide pour qu’une seule personne suffise toujours.",
    )


@dataclass(frozen=True, slots=True)
class WeighedPreset:
    """One preset, and what it would have meant over the last ninety days."""

    preset: Preset
    name: str
    lead: str
    past: str
    is_chosen: bool


@require_GET
@member_page(Permission.FRAUD_READ)
def show(request: MemberRequest) -> HttpResponse:
    row = vigilance_of(organization_id=request.organization_id, now=business_now())
    ceiling = row.review_ceiling_minor
    initial = {
        "preset": row.preset,
        "trade": row.trade,
        "review_ceiling": None if ceiling is None else Money(ceiling),
    }
    return _page(request, VigilanceForm(initial=initial), row)


@require_POST
@recently_proven
@member_page(Permission.FRAUD_WRITE)
def change(request: MemberRequest) -> HttpResponse:
    """Look at more at once; to look at less, the change itself is signed."""
    form = VigilanceForm(request.POST)
    if not form.is_valid():
        row = vigilance_of(organization_id=request.organization_id, now=business_now())
        return _page(request, form, row)
    now = business_now()
    before = choice_of(organization_id=request.organization_id, now=now)
    typed = form.cleaned_data
    choice = Choice(Preset(typed["preset"]), typed["review_ceiling"], typed["trade"])
    if loosens(before, choice):
        return ask_signature(request, vigilance_draft(before, choice))
    choose_vigilance(
        organization_id=request.organization_id, actor=request.actor, choice=choice, now=now
    )
    messages.success(request, "C’est enregistré. Cela vaut dès le prochain paiement.")
    return redirect("vigilance")


def _page(request: MemberRequest, form: VigilanceForm, row: Vigilance) -> HttpResponse:
    trade, own = Trade(row.trade), trade_of(organization_id=request.organization_id)
    context = {
        "weighed": _weighed(request, Preset(row.preset)),
        "rules": rule_sentences(trade),
        "trade_lead": trade_lead(trade),
        "other_trade": TRADE_WORDS[own] if own not in {trade, Trade.UNSAID} else "",
        "model": model_lines(usable_model()),
        "can_change": allows(request.role, Permission.FRAUD_WRITE),
    }
    return show_form(request, "vigilance/choices.html", form, **context)


def _weighed(request: MemberRequest, chosen: Preset) -> list[WeighedPreset]:
    found = replayed_presets(organization_id=request.organization_id, now=business_now())
    return [
        WeighedPreset(
            preset=preset,
            name=PRESET_WORDS[preset].capitalize(),
            lead=PRESET_LEADS[preset],
            past=_told(found[preset]),
            is_chosen=preset is chosen,
        )
        for preset in Preset
    ]


def _told(replayed: Replayed) -> str:
    """Say what a preset would have meant: frauds first, then what it costs honest people."""
    if not replayed.payments:
        return "Pas encore de paiement à rejouer : revenez dans quelques jours."
    days = PAST.days
    payments = french.plural(replayed.payments, "paiement", "paiements")
    parts = [*_frauds(replayed), *_friction(replayed)]
    return f"Sur les {payments} de vos {days} derniers jours : {', '.join(parts)}."


def _frauds(replayed: Replayed) -> list[str]:
    if not replayed.frauds_stopped and not replayed.frauds_missed:
        return ["aucune fraude connue"]
    parts = []
    if replayed.frauds_stopped:
        number = french.plural(replayed.frauds_stopped, "fraude arrêtée", "fraudes arrêtées")
        parts.append(f"{number} ({french.money(replayed.stopped_cents)})")
    if replayed.frauds_missed:
        number = french.plural(replayed.frauds_missed, "fraude passée", "fraudes passées")
        parts.append(f"{number} ({french.money(replayed.missed_cents)})")
    return parts


_FRICTION: Mapping[str, tuple[str, str]] = {
    "challenged": ("preuve demandée", "preuves demandées"),
    "honest_held": ("paiement honnête retenu", "paiements honnêtes retenus"),
}


def _friction(replayed: Replayed) -> list[str]:
    return [
        french.plural(getattr(replayed, name), one, many) for name, (one, many) in _FRICTION.items()
    ]
