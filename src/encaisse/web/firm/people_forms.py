"""People and programs one lets in."""

from django import forms

from encaisse.organizations.api_keys import OVERLAP
from encaisse.organizations.core import PERMISSION_WORDS, ROLE_WORDS, Permission, Role
from encaisse.web.forms import PageForm

_ROLE_HELP = {
    Role.MANAGER: "tout, sauf l’équipe, les clés et le compte bancaire",
    Role.COLLECTOR: "devis, demandes de paiement, clients",
    Role.ACCOUNTANT: "lit les livres, importe les relevés",
    Role.AUDITOR: "lit le journal et les réglages",
    Role.OWNER: "tout",
}
# What an operation of the API may ask for, in the order a trade works.
_SCOPES = (
    Permission.CUSTOMERS_READ, Permission.CUSTOMERS_WRITE, Permission.QUOTES_READ,
    Permission.QUOTES_WRITE, Permission.INVOICES_READ, Permission.INVOICES_ISSUE,
    Permission.INVOICES_CREDIT, Permission.PAYMENTS_READ, Permission.PAYMENTS_REQUEST,
    Permission.PAYMENTS_REFUND, Permission.EVENTS_READ,
)  # fmt: skip


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
    fields_of_codes = {"invalid": "addresses"}

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
        choices=[(scope.value, PERMISSION_WORDS[scope]) for scope in _SCOPES],
        widget=forms.CheckboxSelectMultiple(),
        error_messages={"required": "Choisissez au moins un droit."},
    )
    addresses = forms.CharField(
        label="Adresses d’où elle peut servir",
        required=False,
        max_length=2000,
        help_text="Une par ligne, comme 192.0.2.7, 192.0.2.0/24 ou 2001:db8::/48. Vide : de "
        "partout.",
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
    )


class ApiKeyRotationForm(PageForm):
    days = forms.TypedChoiceField(
        label="L’ancienne clé s’arrête",
        choices=[(0, "tout de suite"), (1, "demain"), (7, "dans 7 jours"), (30, "dans 30 jours")],
        coerce=int,
        initial=OVERLAP.days,
        widget=forms.RadioSelect(),
        help_text="D’ici là, les deux ouvrent : le temps de changer la clé dans votre logiciel.",
    )
