"""What is typed to ask for money or give it back."""

from django import forms

from encaisse.web.customers.choice import CustomerChoiceForm
from encaisse.web.forms import DayField, MoneyField, PageForm


class RequestForm(CustomerChoiceForm):
    no_customer = "Aucun"

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
