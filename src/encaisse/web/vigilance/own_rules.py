"""Rules the firm writes: tried on its own past, watched on real payments, then published."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from encaisse.fraud import queries
from encaisse.fraud.core.own_rules import (
    COMPARISONS,
    MOST_POINTS,
    SUBJECTS,
    Clause,
    OwnRuleInvalid,
    RuleState,
    Tried,
    readable,
    try_on,
    written_rule,
)
from encaisse.fraud.core.replay import Past
from encaisse.fraud.core.verdicts import Verdict
from encaisse.fraud.models import OwnRule
from encaisse.fraud.services.own_rules import draft_rule, move_rule
from encaisse.fraud.services.replaying import PAST
from encaisse.kernel.errors import NotFound
from encaisse.kit.clock import business_now
from encaisse.kit.identifiers import new_id
from encaisse.organizations.core import Permission, allows
from encaisse.web import french
from encaisse.web.access import MemberRequest, member_page, recently_proven
from encaisse.web.forms import PageForm, show_form
from encaisse.web.paging import slice_of
from encaisse.web.vigilance.words import verdict_words

_FLOORS = [
    ("", "Rien à elle seule"),
    *((one.value, verdict_words(one).capitalize()) for one in tuple(Verdict)[1:]),
]
_ACTS: Mapping[str, RuleState] = {
    "observer": RuleState.SHADOW,
    "publier": RuleState.PUBLISHED,
    "retirer": RuleState.RETIRED,
}
_DONE = {
    RuleState.SHADOW: "Cette règle est observée\u202f: elle ne change rien.",
    RuleState.PUBLISHED: "Cette règle compte dès le prochain paiement.",
    RuleState.RETIRED: "Cette règle ne compte plus. Ses décisions passées restent lisibles.",
}


class RuleForm(PageForm):
    """A sentence, one or two comparisons, and what it weighs."""

    reason = forms.CharField(
        label="Ce qu’elle dit",
        max_length=140,
        help_text="La phrase que vous lirez, par exemple « Plus de 2 000 € la nuit. »",
        widget=forms.TextInput(attrs={"wide": True}),
    )
    subject = forms.ChoiceField(label="Si", choices=list(SUBJECTS.items()))
    comparison = forms.ChoiceField(label="Comparaison", choices=list(COMPARISONS.items()))
    value = forms.CharField(
        label="Valeur", max_length=40, help_text="Un nombre, oui ou non, ou un pays comme US."
    )
    subject_2 = forms.ChoiceField(
        label="Et si", choices=[("", "—"), *SUBJECTS.items()], required=False
    )
    comparison_2 = forms.ChoiceField(
        label="Deuxième comparaison", choices=list(COMPARISONS.items()), required=False
    )
    value_2 = forms.CharField(label="Deuxième valeur", max_length=40, required=False)
    points = forms.IntegerField(
        label="Points ajoutés", min_value=0, max_value=MOST_POINTS, initial=20
    )
    floor = forms.ChoiceField(label="Elle impose", choices=_FLOORS, required=False)

    def written(self, values: Mapping[str, Any]) -> dict[str, object]:
        """:raises OwnRuleInvalid: what was typed is no rule"""
        clauses = [Clause(values["subject"], values["comparison"], values["value"])]
        if values["subject_2"]:
            clauses.append(
                Clause(values["subject_2"], values["comparison_2"] or "equal", values["value_2"])
            )
        return written_rule(
            code=f"own_{new_id().hex[-12:]}",
            clauses=clauses,
            points=values["points"],
            floor=Verdict(values["floor"]) if values["floor"] else None,
            reason=values["reason"],
        )


@dataclass(frozen=True, slots=True)
class RuleLine:
    row: OwnRule
    sentence: str
    weight: str
    past: str
    seen: str
    acts: tuple[tuple[str, str], ...]


@require_GET
@member_page(Permission.FRAUD_READ)
def index(request: MemberRequest) -> HttpResponse:
    found = slice_of(request, queries.own_rules(organization_id=request.organization_id))
    watched = queries.watched_lately(organization_id=request.organization_id)
    past = _past(request)
    context = {
        "slice": found,
        "lines": [_line(row, past, watched[str(row.id)]) for row in found.rows],
        "can_change": allows(request.role, Permission.FRAUD_WRITE),
    }
    return render(request, "vigilance/own_rules.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@recently_proven
@member_page(Permission.FRAUD_WRITE)
def create(request: MemberRequest) -> HttpResponse:
    """Try a rule on the past as often as wanted, then keep it as a draft."""
    form = RuleForm(request.POST if request.method == "POST" else None)
    tried = ""
    if request.method == "POST":
        written = form.submit(form.written)
        if written is not None and "essayer" in request.POST:
            tried = _tried_words(try_on(readable(written), _past(request)))
        elif written is not None:
            draft_rule(
                organization_id=request.organization_id,
                actor=request.actor,
                written=written,
                now=business_now(),
            )
            messages.success(request, "C’est un brouillon : observez-le, puis publiez-le.")
            return redirect("own_rules")
    return show_form(request, "vigilance/own_rule.html", form, tried=tried)


@require_POST
@recently_proven
@member_page(Permission.FRAUD_WRITE)
def move(request: MemberRequest, rule_id: UUID) -> HttpResponse:
    queries.own_rule(organization_id=request.organization_id, rule_id=rule_id)
    state = _ACTS.get(request.POST.get("action", ""))
    if state is None:
        raise NotFound
    move_rule(
        organization_id=request.organization_id,
        actor=request.actor,
        rule_id=rule_id,
        state=state,
        now=business_now(),
    )
    messages.success(request, _DONE[state])
    return redirect("own_rules")


def _past(request: MemberRequest) -> list[Past]:
    since = business_now() - PAST
    return queries.past_payments(organization_id=request.organization_id, since=since)


def _line(row: OwnRule, past: list[Past], seen: int) -> RuleLine:
    state = RuleState(row.state)
    written = row.written
    floor = written.get("floor")
    points = french.plural(int(written["points"]), "point", "points")
    return RuleLine(
        row=row,
        sentence=str(written["reason"]).replace("{{", "{").replace("}}", "}"),
        weight=f"{points}, au moins : {verdict_words(floor)}" if floor else points,
        past=_on_past(row, past),
        seen=french.plural(seen, "fois", "fois") if state is RuleState.SHADOW else "",
        acts=_acts(state),
    )


def _on_past(row: OwnRule, past: list[Past]) -> str:
    try:
        return _tried_words(try_on(readable(row.written), past))
    except OwnRuleInvalid:
        return "Cette règle ne se lit plus : retirez-la."


def _acts(state: RuleState) -> tuple[tuple[str, str], ...]:
    match state:
        case RuleState.DRAFT:
            return (("observer", "Observer"), ("publier", "Publier"), ("retirer", "Abandonner"))
        case RuleState.SHADOW:
            return (("publier", "Publier"), ("retirer", "Retirer"))
        case RuleState.PUBLISHED:
            return (("retirer", "Retirer"),)
    return ()


def _tried_words(tried: Tried) -> str:
    if not tried.payments:
        return "Pas encore de paiement sur lequel l’essayer."
    looked = french.plural(tried.payments, "paiement", "paiements")
    touched = french.plural(tried.touched, "paiement", "paiements")
    frauds = french.plural(tried.frauds, "fraude", "fraudes")
    honest = french.plural(tried.honest, "honnête", "honnêtes")
    return (
        f"Sur {looked} de vos 90 derniers jours, elle touche {touched} : {frauds}, "
        f"{honest}, {tried.unknown} sans avis."
    )
