"""What is known of a customer."""

from typing import Any

from django import forms

from encaisse.counterparties.models import Counterparty
from encaisse.counterparties.queries import phone_of
from encaisse.counterparties.services import CustomerDraft
from encaisse.web.forms import PageForm


class CustomerForm(PageForm):
    fields_of_codes = {"siren_invalid": "siren", "email_invalid": "email"}

    name = forms.CharField(
        label="Nom", max_length=120, widget=forms.TextInput(attrs={"wide": True, "autofocus": True})
    )
    email = forms.EmailField(
        label="Adresse électronique", max_length=254, required=False,
        help_text="Pour lui envoyer ses devis et ses reçus.",
    )  # fmt: skip
    phone = forms.CharField(
        label="Téléphone", max_length=20, required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
    )  # fmt: skip
    street = forms.CharField(
        label="Adresse", max_length=120, required=False,
        widget=forms.TextInput(attrs={"wide": True}),
    )  # fmt: skip
    postal_code = forms.CharField(label="Code postal", max_length=10, required=False)
    city = forms.CharField(label="Ville", max_length=60, required=False)
    language = forms.ChoiceField(
        label="Langue de ses messages", choices=[("fr", "Français"), ("en", "Anglais")],
        initial="fr", help_text="Retenue d’elle-même s’il en choisit une autre sur sa page.",
    )  # fmt: skip
    is_professional = forms.BooleanField(label="C’est un professionnel", required=False)
    siren = forms.CharField(
        label="SIREN", max_length=40, required=False, help_text="Pour un professionnel."
    )


def draft_from(values: dict[str, Any]) -> CustomerDraft:
    return CustomerDraft(**values)


def initial_of(customer: Counterparty) -> dict[str, Any]:
    names = [name for name in CustomerForm.base_fields if name != "phone"]
    return {name: getattr(customer, name) for name in names} | {"phone": phone_of(customer)}
