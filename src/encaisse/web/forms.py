"""Forms as pages show them: errors beside the field that caused them, with their code."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from encaisse.kernel.errors import DomainError
from encaisse.kernel.money import Money
from encaisse.web import french

_T = TypeVar("_T")


class Renderer(TemplatesSetting):
    """Every field of every form, allauth's included, is drawn by the same template."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"


class PageForm(forms.Form):
    """A form whose values a service checks; a refusal lands on the field that caused it."""

    fields_of_codes: ClassVar[Mapping[str, str]] = {}
    use_required_attribute = True

    def refuse(self, error: DomainError) -> None:
        field = self.fields_of_codes.get(error.code)
        self.add_error(field, ValidationError(error.message, code=error.code))

    def submit(self, action: Callable[[dict[str, Any]], _T]) -> _T | None:
        """Run the service with what was typed; return None where the form must be shown again."""
        if not self.is_valid():
            return None
        try:
            return action(self.cleaned_data)
        except DomainError as error:
            self.refuse(error)
            return None


class MoneyField(forms.CharField):
    """An amount as a person types it, read into Money."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def __init__(self, **options: Any) -> None:
        self.is_positive = options.pop("is_positive", True)
        super().__init__(**{"max_length": 32, **options})

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if text in self.empty_values:
            return None
        try:
            amount = Money.parse(str(text))
        except DomainError as error:
            raise ValidationError(error.message, code=error.code) from error
        if self.is_positive and amount.minor <= 0:
            raise ValidationError("Le montant doit être positif.", code="amount_not_positive")
        return amount

    def prepare_value(self, value: Any) -> Any:
        return french.typed_money(value) if isinstance(value, Money) else value


class DayField(forms.DateField):
    """A day, typed or picked from the browser's own calendar."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    input_formats = ["%Y-%m-%d", "%d/%m/%Y"]


def show_form(
    request: HttpRequest, template: str, form: forms.Form, **context: object
) -> HttpResponse:
    """Draw a page around its form: 422 when what was typed is refused."""
    status = 422 if form.is_bound and form.errors else 200
    return render(request, template, {"form": form, **context}, status=status)
