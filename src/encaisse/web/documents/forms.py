"""What is typed to make a quote or an invoice: a head, and lines (empty ones do not count)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet, formset_factory
from django.http import QueryDict

from encaisse.invoicing.core.amounts import Line, Nature, VatRate, parse_quantity
from encaisse.invoicing.core.starts import Start, start_of
from encaisse.invoicing.core.states import AgreementPlace
from encaisse.invoicing.models import Quote
from encaisse.invoicing.queries import offered_rates
from encaisse.invoicing.services.documents import LARGEST_LINE_COUNT
from encaisse.kernel.errors import DomainError
from encaisse.kernel.money import Money
from encaisse.organizations.queries import trade_of
from encaisse.web.customers.choice import CustomerChoiceForm
from encaisse.web.forms import DayField, MoneyField, PageForm

_PLACES = {
    AgreementPlace.DISTANCE: "À distance : internet, téléphone, courrier",
    AgreementPlace.HOME: "Chez le client",
    AgreementPlace.URGENT_HOME: "Chez le client, pour un dépannage urgent qu’il demande",
    AgreementPlace.PREMISES: "Dans vos locaux",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """What a firm may choose from in a line: its rates, and what its trade starts from."""

    rates: Sequence[VatRate]
    start: Start

    def rate_for(self, usual: VatRate) -> VatRate:
        """Return the usual rate where the firm may use it."""
        return usual if usual in self.rates else self.rates[0]


def offer_of(organization_id: UUID) -> Offer:
    return Offer(
        offered_rates(organization_id=organization_id),
        start_of(trade_of(organization_id=organization_id)),
    )


class DocumentForm(CustomerChoiceForm):
    """What quotes and invoices share."""

    subject = forms.CharField(label="Objet", max_length=140)

    def follow(self, start: Start) -> None:
        """Give an example of the firm's own trade."""
        self.fields["subject"].widget.attrs["placeholder"] = start.subject


class QuoteForm(DocumentForm):
    valid_until = DayField(label="Valable jusqu’au")
    deposit = forms.IntegerField(
        label="Acompte demandé à l’acceptation, en %", min_value=0, max_value=100, initial=30
    )
    agreement_place = forms.ChoiceField(
        label="Où le client dira oui",
        choices=[(place.value, label) for place, label in _PLACES.items()],
        help_text="La loi en tire le délai de rétractation et la date du premier paiement.",
        widget=forms.Select(attrs={"wide": True}),
    )


class InvoiceForm(DocumentForm):
    due_on = DayField(label="À payer avant le")
    supply_on = DayField(label="Travaux terminés le", required=False)


class FromQuoteForm(PageForm):
    due_on = DayField(label="À payer avant le")
    supply_on = DayField(label="Travaux terminés le", required=False)


class QuantityField(forms.CharField):
    """A quantity read into thousandths."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if text in self.empty_values:
            return None
        try:
            return parse_quantity(str(text))
        except DomainError as error:
            raise ValidationError(error.message, code=error.code) from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(initial or "") != str(data or "")


class LineForm(forms.Form):
    label = forms.CharField(label="Désignation", max_length=240)
    quantity = QuantityField(label="Quantité", max_length=32, initial="1")
    unit = forms.CharField(label="Unité", max_length=20, required=False, initial="u")
    price = MoneyField(label="Prix HT", is_positive=False)
    rate = forms.TypedChoiceField(
        label="TVA",
        coerce=int,
    )
    nature = forms.ChoiceField(label="Nature", initial=Nature.SERVICE.value, required=False)

    def __init__(self, *args: Any, offer: Offer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rate, nature = self.fields["rate"], self.fields["nature"]
        rate.choices = [(int(one), one.label) for one in offer.rates]  # type: ignore[attr-defined]  # a choice field
        rate.initial = int(offer.rate_for(offer.start.rate))
        nature.choices = [(Nature.SERVICE, offer.start.work), (Nature.GOODS, "Vente seule")]  # type: ignore[attr-defined]  # as above

    def line(self) -> Line:
        values = self.cleaned_data
        return Line(
            label=values["label"],
            quantity_thousandths=values["quantity"],
            unit=values["unit"],
            unit_price=values["price"],
            rate=VatRate(values["rate"]),
            nature=Nature(values["nature"] or Nature.SERVICE),
        )


Lines: TypeAlias = "BaseFormSet[LineForm]"
_PREFIX = "lines"


def blank_lines(offer: Offer, count: int = 2, initial: Sequence[dict[str, Any]] = ()) -> Lines:
    factory = formset_factory(LineForm, extra=count, max_num=LARGEST_LINE_COUNT)
    return factory(prefix=_PREFIX, initial=list(initial), form_kwargs={"offer": offer})


def posted_lines(data: QueryDict, offer: Offer) -> Lines:
    """Read lines; every one may be left empty, wherever it stands."""
    copied = data.copy()
    copied[f"{_PREFIX}-INITIAL_FORMS"] = "0"
    factory = formset_factory(LineForm, max_num=LARGEST_LINE_COUNT, validate_max=True)
    return factory(copied, prefix=_PREFIX, form_kwargs={"offer": offer})


def with_one_more(data: QueryDict, offer: Offer) -> Lines:
    """Show what was typed again, unjudged, with an empty line after it, or one to start from."""
    posted = posted_lines(data, offer)
    rows = [
        {name: form[name].value() for name in form.fields}
        for form in posted.forms
        if form.has_changed()
    ]
    picked = _picked(data, offer)
    return blank_lines(offer, 0 if picked else 1, [*rows, *picked])


def _picked(data: QueryDict, offer: Offer) -> list[dict[str, Any]]:
    """Return the starting line that was chosen, as it would be typed; the price stays to say."""
    chosen = data.get("starting", "")
    if data.get("add") != "starting" or not chosen.isdecimal():
        return []
    return [
        {
            "label": line.label,
            "quantity": "1",
            "unit": line.unit,
            "rate": int(offer.rate_for(line.rate)),
            "nature": line.nature.value,
        }
        for line in offer.start.lines[int(chosen) :][:1]
    ]


def offer_in(formset: Lines) -> Offer:
    """Return what lines were drawn or read with."""
    offer: Offer = formset.form_kwargs["offer"]
    return offer


def lines_of(formset: Lines) -> tuple[Line, ...]:
    """Return the lines that were filled. The formset must be valid."""
    return tuple(form.line() for form in formset.forms if form.has_changed())


def readable_lines(formset: Lines) -> tuple[Line, ...]:
    """Return the lines that can already be understood, for totals while typing."""
    return tuple(form.line() for form in formset.forms if form.has_changed() and form.is_valid())


def typed_lines(quote: Quote) -> list[dict[str, Any]]:
    """Return a draft's lines as they are typed."""
    return [
        {
            "label": line["label"],
            "quantity": _thousandths(line["quantity_thousandths"]),
            "unit": line["unit"],
            "price": Money(line["unit_price_minor"]),
            "rate": line["rate_basis_points"],
            "nature": line.get("nature", Nature.SERVICE.value),
        }
        for line in quote.lines
    ]


def _thousandths(value: int) -> str:
    units, rest = divmod(value, 1000)
    return f"{units},{rest:03d}".rstrip("0") if rest else str(units)
