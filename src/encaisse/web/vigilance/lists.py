"""The firm's own lists: who always passes, who never does; typed, imported, exported."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from encaisse.fraud import queries
from encaisse.fraud.core.list_files import LARGEST_BYTES, MOST_LINES
from encaisse.fraud.core.lists import EXAMPLES, ListedKind, ListKind
from encaisse.fraud.models import ListEntry
from encaisse.fraud.services.lists import (
    Listing,
    add_entries,
    add_entry,
    end_entry,
    note_export,
)
from encaisse.kit.clock import business_now, paris_date
from encaisse.organizations.core import Permission, allows
from encaisse.reporting.story.queries import people
from encaisse.web import french
from encaisse.web.access import MemberRequest, member_page, recently_proven
from encaisse.web.files import as_table
from encaisse.web.forms import PageForm, show_form
from encaisse.web.paging import slice_of

KIND_WORDS = {ListKind.ALLOW: "Confiance", ListKind.BLOCK: "Refus"}
SUBJECT_WORDS = {
    ListedKind.CARD: "Carte",
    ListedKind.EMAIL: "Adresse e-mail",
    ListedKind.DEVICE: "Appareil",
    ListedKind.ADDRESS: "Adresse internet",
    ListedKind.NETWORK: "Réseau",
    ListedKind.DOMAIN: "Domaine d’e-mail",
    ListedKind.COUNTRY: "Pays",
    ListedKind.PHONE: "Téléphone du client",
}
_LENGTHS = {"": "Sans fin", "30": "30 jours", "90": "90 jours", "365": "Un an"}


class EntryForm(PageForm):
    fields_of_codes = {"listed_value_invalid": "value", "already_listed": "value"}

    kind = forms.ChoiceField(
        label="Liste", choices=[(one.value, word) for one, word in KIND_WORDS.items()]
    )
    subject = forms.ChoiceField(
        label="Ce que c’est", choices=[(one.value, word) for one, word in SUBJECT_WORDS.items()]
    )
    value = forms.CharField(
        label="Valeur", max_length=254, help_text=f"Par exemple {EXAMPLES[ListedKind.EMAIL]}."
    )
    reason = forms.CharField(label="Pourquoi", max_length=140)
    days = forms.ChoiceField(label="Jusqu’à", choices=list(_LENGTHS.items()), required=False)


class ImportForm(PageForm):
    fields_of_codes = {"list_file_unreadable": "file", "listed_value_invalid": "file"}

    kind = forms.ChoiceField(
        label="Liste", choices=[(one.value, word) for one, word in KIND_WORDS.items()]
    )
    file = forms.FileField(
        label="Fichier",
        help_text="Le fichier exporté d’ici, ou un réseau par ligne (« netset ») ; "
        f"{MOST_LINES} lignes au plus.",
    )


@dataclass(frozen=True, slots=True)
class EntryLine:
    row: ListEntry
    subject: str
    kind: str
    who: str


@require_GET
@member_page(Permission.FRAUD_READ)
def index(request: MemberRequest) -> HttpResponse:
    return _page(request, EntryForm())


@require_POST
@recently_proven
@member_page(Permission.FRAUD_WRITE)
def add(request: MemberRequest) -> HttpResponse:
    form = EntryForm(request.POST)
    row = form.submit(
        lambda values: add_entry(
            organization_id=request.organization_id,
            actor=request.actor,
            listing=_listing(values),
            now=business_now(),
        )
    )
    if row is None:
        return _page(request, form)
    messages.success(request, "C’est inscrit. Cela vaut dès le prochain paiement.")
    return redirect("fraud_lists")


@require_POST
@recently_proven
@member_page(Permission.FRAUD_WRITE)
def load(request: MemberRequest) -> HttpResponse:
    """Take a file in, whole or not at all."""
    form = ImportForm(request.POST, request.FILES)
    number = form.submit(
        lambda values: add_entries(
            organization_id=request.organization_id,
            actor=request.actor,
            kind=ListKind(values["kind"]),
            content=values["file"].read(LARGEST_BYTES + 1),
            now=business_now(),
        )
    )
    if number is None:
        return _page(request, EntryForm(), form)
    said = french.plural(number, "valeur inscrite", "valeurs inscrites")
    messages.success(request, f"{said} ; celles qui y étaient déjà n’ont pas changé.")
    return redirect("fraud_lists")


@require_POST
@recently_proven
@member_page(Permission.FRAUD_WRITE)
def end(request: MemberRequest, entry_id: UUID) -> HttpResponse:
    end_entry(
        organization_id=request.organization_id,
        actor=request.actor,
        entry_id=entry_id,
        now=business_now(),
    )
    messages.success(request, "C’est retiré de la liste. Le journal garde la trace.")
    return redirect("fraud_lists")


@require_POST
@recently_proven
@member_page(Permission.FRAUD_WRITE)
def export(request: MemberRequest) -> HttpResponse:
    """Give both lists as a table; what only a token names is left out, nobody could use it."""
    now = business_now()
    rows = queries.list_entries(organization_id=request.organization_id, now=now)
    found = [row for row in rows[:MOST_LINES] if row.value]
    note_export(
        organization_id=request.organization_id, actor=request.actor, number=len(found), now=now
    )
    headings = ("liste", "genre", "valeur", "raison", "inscrit le", "jusqu’au")
    return as_table("listes-fraude.csv", headings, [_cells(row) for row in found])


def _listing(values: dict[str, Any]) -> Listing:
    days = values["days"]
    return Listing(
        kind=ListKind(values["kind"]),
        subject=ListedKind(values["subject"]),
        value=values["value"],
        reason=values["reason"],
        expires_at=business_now() + timedelta(days=int(days)) if days else None,
    )


def _cells(row: ListEntry) -> list[str]:
    return [
        row.kind, row.subject, row.value or "", row.reason or "", _day(row.created_at),
        _day(row.expires_at),
    ]  # fmt: skip


def _day(at: datetime | None) -> str:
    return paris_date(at).isoformat() if at else ""


def _page(
    request: MemberRequest, form: EntryForm, load_form: ImportForm | None = None
) -> HttpResponse:
    rows = queries.list_entries(organization_id=request.organization_id, now=business_now())
    found = slice_of(request, rows)
    names = people(organization_id=request.organization_id)
    context = {
        "slice": found,
        "lines": [_line(row, names) for row in found.rows],
        "load_form": load_form or ImportForm(),
        "can_change": allows(request.role, Permission.FRAUD_WRITE),
    }
    shown = load_form if load_form is not None else form
    response = show_form(request, "vigilance/lists.html", form, **context)
    response.status_code = 422 if shown.is_bound and shown.errors else 200
    return response


def _line(row: ListEntry, names: dict[str, str]) -> EntryLine:
    return EntryLine(
        row=row,
        subject=SUBJECT_WORDS[ListedKind(row.subject)],
        kind=KIND_WORDS[ListKind(row.kind)],
        who=names.get(str(row.author_id), "Encaisse") if row.author_id else "Encaisse",
    )
