"""People and programs one lets in."""

from django import forms

from encaisse.organizations.core import ROLE_WORDS, Permission, Role
from encaisse.web.forms import PageForm

_ROLE_HELP = {
    Role.MANAGER: "tout, sauf l’équipe, les clés et le compte bancaire",
    Role.COLLECTOR: "devis, demandes de paiement, clients",
    Role.ACCOUNTANT: "lit les livres, importe les relevés",
    Role.AUDITOR: "lit le journal et les réglages",
    Role.OWNER: "tout",
}
_SCOPES = {
    Permission.CUSTOMERS_READ: "Lire les clients",
    Permission.CUSTOMERS_WRITE: "Écrire les clients",
    Permission.QUOTES_READ: "Lire les devis",
    Permission.QUOTES_WRITE: "Écrire les devis",
    Permission.INVOICES_READ: "Lire les factures",
    Permission.INVOICES_ISSUE: "Émettre des factures",
    Permission.INVOICES_CREDIT: "Émettre des avoirs",
    Permission.PAYMENTS_READ: "Lire les paiements",
    Permission.PAYMENTS_REQUEST: "Demander des paiements",
    Permission.PAYMENTS_REFUND: "Rembourser",
    Permission.EVENTS_READ: "Lire les évènements",
}


def _role_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label="Rôle",
        choices=[(role.value, f"{ROLE_WORDS[role]} : {_ROLE_HELP[role]}") for role in _ROLE_HELP],
        widget=forms.RadioSelect(),
    )


class InvitationForm(PageForm):
    fields_of_codes = {"invalid": "email", "already_member": "email", "already_invited": "email"}

    email = forms.EmailField(
        label="Adresse électronique",
        max_length=254,
        help_text="Elle recevra un lien, valable sept jours, qui n’ouvre qu’à cette adresse.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    role = _role_field()


class RoleForm(PageForm):
    role = _role_field()


class ApiKeyForm(PageForm):
    name = forms.CharField(
        label="À quoi servira cette clé",
        max_length=80,
        widget=forms.TextInput(attrs={"placeholder": "Site internet"}),
    )
    days = forms.TypedChoiceField(
        label="Durée",
        choices=[(90, "90 jours"), (365, "Un an"), (0, "Sans fin")],
        coerce=int,
        initial=90,
    )
    scopes = forms.MultipleChoiceField(
        label="Droits",
        choices=[(scope.value, label) for scope, label in _SCOPES.items()],
        widget=forms.CheckboxSelectMultiple(),
        error_messages={"required": "Choisissez au moins un droit."},
    )
