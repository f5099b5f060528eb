"""People and programs one lets in."""

from django import forms

from encaisse.kernel.errors import DomainError
from encaisse.organizations.core import Permission, Role
from encaisse.web.forms import PageForm

ROLES = {
    Role.OWNER: "Propriétaire",
    Role.MANAGER: "Gestionnaire",
    Role.COLLECTOR: "Encaissement",
    Role.ACCOUNTANT: "Comptable",
    Role.AUDITOR: "Auditeur",
}
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


class NoSuchAccount(DomainError):
    """No account uses this address."""

    code = "no_such_account"
    status = 422
    french = (
        "Aucun compte à cette adresse. Demandez d’abord à cette personne de créer le sien, puis "
        "ajoutez-la."
    )


class AlreadyMember(DomainError):
    """This person already belongs to the organization."""

    code = "already_member"
    status = 409
    french = "Cette personne fait déjà partie de l’équipe."


class MemberForm(PageForm):
    fields_of_codes = {"no_such_account": "email", "already_member": "email"}

    email = forms.EmailField(
        label="Adresse électronique",
        max_length=254,
        help_text="Celle du compte que cette personne a déjà créé sur Encaisse.",
    )
    role = forms.ChoiceField(
        label="Rôle",
        choices=[(role.value, f"{ROLES[role]} : {_ROLE_HELP[role]}") for role in _ROLE_HELP],
        initial=Role.COLLECTOR,
    )


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
