"""What is typed to ask for money or give it back."""

from uuid import UUID

from django import forms

from encaisse.counterparties.queries import customers
from encaisse.web.forms import DayField, MoneyField, PageForm

_LARGEST_CHOICE = 500


class RequestForm(PageForm):
    customer = forms.UUIDField(
        label="Client",
        required=False,
        widget=forms.Select(),
        help_text="Sans client, l’argent attendra d’être affecté.",
    )
    amount = MoneyField(label="Montant")
    description = forms.CharField(
        label="Pour quoi",
        max_length=140,
        help_text="Le client lit ces mots sur sa page de paiement.",
        widget=forms.TextInput(attrs={"wide": True}),
    )
    due_date = DayField(label="À payer avant le", required=False)

    def offer_customers(self, organization_id: UUID) -> None:
        found = customers(organization_id=organization_id)[:_LARGEST_CHOICE]
        choices = [("", "Aucun"), *((str(row.id), f"{row.name} ({row.code})") for row in found)]
        self.fields["customer"].widget.choices = choices


class RefundForm(PageForm):
    fields_of_codes = {"refund_exceeds_payment": "amount"}

    amount = MoneyField(label="Montant à rembourser")
    reason = forms.CharField(
        label="Motif", max_length=140, required=False, help_text="Gardé dans votre journal."
    )


class AllocateForm(PageForm):
    request = forms.UUIDField(
        label="Demande", error_messages={"required": "Choisissez une demande."}
    )
