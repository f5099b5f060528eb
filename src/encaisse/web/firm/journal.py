"""What everybody did: searched by who, what, which object and when; taken away as a table."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from encaisse.audit import services as audit
from encaisse.audit.models import AuditEntry
from encaisse.audit.queries import Search, search
from encaisse.kit.clock import PARIS, business_now, start_of_day
from encaisse.organizations.core import Permission, may_sign
from encaisse.organizations.errors import ExportOver
from encaisse.organizations.exports import (
    export_draft,
    note_export,
    rights_of,
    takes_two_people,
    use_right,
)
from encaisse.organizations.operations import Draft
from encaisse.organizations.queries import members
from encaisse.organizations.services import require
from encaisse.web.access import MemberRequest, member_page
from encaisse.web.files import as_table
from encaisse.web.firm.fact_words import facts_in_words
from encaisse.web.firm.words import actor_words, kinds_of_actors, known_actions, words_of
from encaisse.web.forms import DayField
from encaisse.web.french import plural
from encaisse.web.operations.asking import ask_signature
from encaisse.web.paging import slice_of

# A larger table is for the command, which signs it: encaisse audit export.
_LARGEST_TABLE = 20_000
_WHAT = "journal"
_HEADINGS = ("Numéro", "Date", "Qui", "Quoi", "Code", "Objet", "Détails", "Empreinte")


class SearchForm(forms.Form):
    """Every field may stay empty."""

    qui = forms.ChoiceField(label="Qui", required=False)
    quoi = forms.ChoiceField(label="Quoi", required=False)
    objet = forms.CharField(max_length=80, required=False, widget=forms.HiddenInput)
    du = DayField(label="Du", required=False)
    au = DayField(label="au", required=False)

    def __init__(self, data: Mapping[str, Any], people: Mapping[str, str]) -> None:
        super().__init__(data)
        own = [(f"member:{user_id}", name) for user_id, name in people.items()]
        self.fields["qui"].choices = [("", "Tout le monde"), *own, *kinds_of_actors()]  # type: ignore[attr-defined]  # the stubs know the base class only
        self.fields["quoi"].choices = [("", "Toutes les actions"), *known_actions()]  # type: ignore[attr-defined]  # as above

    def wanted(self) -> Search:
        """Return what is looked for; a field that cannot be read does not narrow."""
        self.full_clean()
        values = self.cleaned_data
        last = values.get("au")
        return Search(
            actor=values.get("qui") or "",
            action=values.get("quoi") or "",
            target=values.get("objet") or "",
            since=start_of_day(values["du"]) if values.get("du") else None,
            until=start_of_day(last + timedelta(days=1)) if last else None,
        )


@require_GET
@member_page(Permission.AUDIT_READ)
def show(request: MemberRequest) -> HttpResponse:
    people = _people(request)
    form = SearchForm(request.GET, people)
    found = slice_of(request, _found(request, form))
    context = {
        "slice": found,
        "form": form,
        "is_narrowed": any(request.GET.get(name) for name in form.fields),
        "lines": _lines(found.rows, people),
        **_export(request),
    }
    return render(request, "people/journal.html", context, status=422 if form.errors else 200)


@require_POST
@member_page(Permission.AUDIT_READ)
def export(request: MemberRequest) -> HttpResponse:
    """
    Give what was found as a table for a spreadsheet; taking it away is itself a line. Where the
    firm asks two people, lead to their signatures first.
    """
    people = _people(request)
    searched: Mapping[str, Any] = request.POST
    if takes_two_people(organization_id=request.organization_id):
        if "right" not in request.POST:
            require(request.role, Permission.OPERATIONS_SIGN)
            return ask_signature(request, _draft(request, people))
        searched = _allowed(request)
    rows = list(_found(request, SearchForm(searched, people))[:_LARGEST_TABLE])
    table = [_cells(line) for line in _lines(rows, people)]
    note_export(
        organization_id=request.organization_id,
        user_id=request.user.id,
        what=_WHAT,
        lines=len(table),
        now=business_now(),
    )
    day = timezone.now().astimezone(PARIS).date()
    return as_table(f"journal-{day.isoformat()}.csv", _HEADINGS, table)


def _export(request: MemberRequest) -> dict[str, Any]:
    """Say how the journal is taken away: at once, once two people signed, or by somebody else."""
    organization_id = request.organization_id
    if not takes_two_people(organization_id=organization_id):
        return {"can_export": True}
    rights = rights_of(
        organization_id=organization_id, user_id=request.user.id, real_now=timezone.now()
    )
    return {"can_export": may_sign(request.role), "takes_two": True, "right": rights.first()}


def _draft(request: MemberRequest, people: Mapping[str, str]) -> Draft:
    form = SearchForm(request.POST, people)
    wanted = {name: request.POST[name] for name in form.fields if request.POST.get(name)}
    lines = min(_found(request, form).count(), _LARGEST_TABLE)
    return export_draft(
        what=_WHAT,
        title="Exporter le journal",
        said=f"{plural(lines, 'ligne', 'lignes')} : {_said(form, wanted)}",
        wanted=wanted,
    )


def _said(form: SearchForm, wanted: Mapping[str, str]) -> str:
    """Say what is searched, in the words of the form."""
    words = []
    for name, value in wanted.items():
        field = form.fields[name]
        choices = dict(getattr(field, "choices", ()))
        words.append(f"{field.label or 'Objet'} {choices.get(value, value)}")
    return ", ".join(words) or "tout le journal"


def _allowed(request: MemberRequest) -> Mapping[str, str]:
    """:raises ExportOver: used, too old, or somebody else's"""
    try:
        right_id = UUID(request.POST["right"])
    except ValueError as error:
        raise ExportOver from error
    return use_right(
        organization_id=request.organization_id,
        user_id=request.user.id,
        right_id=right_id,
        what=_WHAT,
        real_now=timezone.now(),
    )


def _found(request: MemberRequest, form: SearchForm) -> "QuerySet[AuditEntry]":
    return search(organization_id=request.organization_id, wanted=form.wanted())


def _people(request: MemberRequest) -> dict[str, str]:
    rows = members(organization_id=request.organization_id)
    return {str(row.user_id): str(row.user) for row in rows}


def _lines(rows: Sequence[AuditEntry], people: Mapping[str, str]) -> list[dict[str, Any]]:
    facts = audit.read_facts(rows)
    return [_told(entry, people, facts[entry.id]) for entry in rows]


def _told(
    entry: AuditEntry, people: Mapping[str, str], facts: Mapping[str, Any] | None
) -> dict[str, Any]:
    return {
        "entry": entry,
        "who": actor_words(entry.actor, people),
        "what": words_of(entry.action),
        "facts": {} if facts is None else facts,
        "details": facts_in_words(facts or {}),
        "is_erased": facts is None,
    }


def _cells(line: Mapping[str, Any]) -> list[str]:
    entry: AuditEntry = line["entry"]
    details = "effacé" if line["is_erased"] else json.dumps(line["facts"], ensure_ascii=False)
    return [
        str(entry.sequence),
        _moment(entry.created_at),
        line["who"],
        line["what"],
        entry.action,
        entry.target,
        details,
        bytes(entry.digest).hex(),
    ]


def _moment(at: datetime) -> str:
    return f"{at.astimezone(PARIS):%Y-%m-%d %H:%M:%S}"
