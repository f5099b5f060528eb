"""What everybody did: searched by who, what, which object and when; taken away as a table."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

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
from encaisse.organizations.core import Permission
from encaisse.organizations.exports import note_export
from encaisse.organizations.queries import members
from encaisse.web.access import MemberRequest, member_page
from encaisse.web.files import as_table
from encaisse.web.firm.words import actor_words, kinds_of_actors, known_actions, words_of
from encaisse.web.forms import DayField
from encaisse.web.paging import slice_of

# A larger table is for the command, which signs it: encaisse audit export.
_LARGEST_TABLE = 20_000
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
    }
    return render(request, "people/journal.html", context, status=422 if form.errors else 200)


@require_POST
@member_page(Permission.AUDIT_READ)
def export(request: MemberRequest) -> HttpResponse:
    """Give what was found as a table for a spreadsheet; taking it away is itself a line."""
    people = _people(request)
    rows = list(_found(request, SearchForm(request.POST, people))[:_LARGEST_TABLE])
    table = [_cells(line) for line in _lines(rows, people)]
    note_export(
        organization_id=request.organization_id,
        user_id=request.user.id,
        what="journal",
        lines=len(table),
        now=business_now(),
    )
    day = timezone.now().astimezone(PARIS).date()
    return as_table(f"journal-{day.isoformat()}.csv", _HEADINGS, table)


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
