"""How careful the firm is: three presets weighed on its own past, a ceiling, two people or one."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from encaisse.identity.access import histories
from encaisse.kernel.money import Money
from encaisse.kit.clock import business_now
from encaisse.organizations.core import FOUR_EYES, Permission, allows
from encaisse.organizations.queries import members
from encaisse.organizations.safeguards import Rules, loosens, rules_of, set_rules
from encaisse.organizations.signed import FOUR_EYES_WORDS, PRESET_WORDS, rules_draft
from encaisse.risk.access import MEMORY
from encaisse.risk.presets import POLICIES, Preset
from encaisse.risk.replay import Replay, replay
from encaisse.web.access import MemberRequest, member_page, recently_proven
from encaisse.web.forms import MoneyField, PageForm, show_form
from encaisse.web.operations.asking import ask_signature

_LEADS = {
    Preset.SOUPLE: "Un code seulement quand plusieurs choses étonnent à la fois.",
    Preset.EQUILIBRE: "Un code dès qu’un appareil ou un lieu change. Notre conseil.",
    Preset.STRICT: "Un code à chaque connexion, deux dès qu’une chose étonne.",
}


class RulesForm(PageForm):
    """What a firm may choose."""

    fields_of_codes = {"four_eyes_impossible": "four_eyes"}

    preset = forms.ChoiceField(
        label="Vigilance à la connexion",
        choices=[(preset.value, PRESET_WORDS[preset]) for preset in Preset],
        widget=forms.RadioSelect(),
    )
    refund_ceiling = MoneyField(
        label="Remboursement signé au-delà de",
        is_positive=False,
        help_text=(
            "Par paiement, et pour tout ce qu’une même personne rembourse en un jour. En dessous, "
            "son mot de passe récent suffit tant que rien n’étonne."
        ),
    )

    four_eyes = forms.MultipleChoiceField(
        label="Deux personnes différentes pour",
        choices=[(one.value, FOUR_EYES_WORDS[one]) for one in FOUR_EYES],
        widget=forms.CheckboxSelectMultiple(),
        required=False,
    )

    def clean_refund_ceiling(self) -> Money:
        ceiling: Money = self.cleaned_data["refund_ceiling"]
        if ceiling.minor < 0:
            raise ValidationError("Le montant ne peut pas être négatif.", code="amount_negative")
        return ceiling

    def rules(self) -> Rules:
        values = self.cleaned_data
        return Rules(
            preset=Preset(values["preset"]),
            refund_ceiling=values["refund_ceiling"],
            four_eyes=frozenset(map(Permission, values["four_eyes"])),
        )


@dataclass(frozen=True, slots=True)
class Weighed:
    """One preset, and what it would have meant over the last ninety days."""

    preset: Preset
    name: str
    lead: str
    past: str
    is_chosen: bool


@require_GET
@member_page(Permission.SETTINGS_READ)
def show(request: MemberRequest) -> HttpResponse:
    rules = rules_of(organization_id=request.organization_id)
    form = RulesForm(
        initial={
            "preset": rules.preset,
            "refund_ceiling": rules.refund_ceiling,
            "four_eyes": sorted(rules.four_eyes),
        }
    )
    return _page(request, form, rules)


@require_POST
@recently_proven
@member_page(Permission.MEMBERS_MANAGE)
def change(request: MemberRequest) -> HttpResponse:
    """Ask for more at once; to ask for less, the change itself is signed."""
    before, form = rules_of(organization_id=request.organization_id), RulesForm(request.POST)
    if not form.is_valid():
        return _page(request, form, before)
    rules = form.rules()
    if loosens(before, rules):
        return ask_signature(request, rules_draft(before, rules))
    if form.submit(lambda _values: _set(request, rules)) is None:
        return _page(request, form, before)
    messages.success(request, "Vos règles sont enregistrées. Elles valent dès maintenant.")
    return redirect("safeguards")


def _set(request: MemberRequest, rules: Rules) -> Any:
    return set_rules(
        organization_id=request.organization_id,
        actor=request.actor,
        rules=rules,
        now=business_now(),
    )


def _page(request: MemberRequest, form: RulesForm, rules: Rules) -> HttpResponse:
    context = {
        "weighed": _weighed(request, rules.preset),
        "can_change": allows(request.role, Permission.MEMBERS_MANAGE),
    }
    return show_form(request, "security/rules.html", form, **context)


def _weighed(request: MemberRequest, chosen: Preset) -> list[Weighed]:
    """Replay the firm's own accesses under each preset."""
    people = list(
        members(organization_id=request.organization_id).values_list("user_id", flat=True)
    )
    past = histories(user_ids=people, since=timezone.now() - MEMORY)
    found = replay(POLICIES, past)
    return [
        Weighed(
            preset=preset,
            name=PRESET_WORDS[preset].capitalize(),
            lead=_LEADS[preset],
            past=_told(found[preset], found[chosen], is_chosen=preset is chosen),
            is_chosen=preset is chosen,
        )
        for preset in Preset
    ]


def _told(replayed: Replay, current: Replay, *, is_chosen: bool) -> str:
    if not replayed.accesses:
        return "Pas encore de connexion à rejouer : revenez dans quelques jours."
    stopped = _times(
        replayed.refused, "connexion suspecte arrêtée", "connexions suspectes arrêtées"
    )
    if is_chosen:
        asked = _times(replayed.codes_asked, "code demandé", "codes demandés")
        return f"Sur vos {MEMORY.days} derniers jours : {asked}, {stopped}."
    more = replayed.codes_asked - current.codes_asked
    if not more:
        return f"Sur vos {MEMORY.days} derniers jours : autant de codes qu’en ce moment, {stopped}."
    asked = f"un code {abs(more)} fois de {'plus' if more > 0 else 'moins'}"
    return f"Sur vos {MEMORY.days} derniers jours : {asked}, {stopped}."


def _times(number: int, one: str, many: str) -> str:
    return f"{number} {one if number < 2 else many}"
