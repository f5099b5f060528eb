"""What is copied from a bank's RIB, and the file a bank gives."""

from django import forms

from encaisse.web.forms import PageForm


class BankAccountForm(PageForm):
    fields_of_codes = {"iban_invalid": "iban"}

    iban = forms.CharField(
        label="IBAN",
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "wide": True}),
    )
    holder_name = forms.CharField(
        label="Titulaire, exactement comme l’écrit la banque",
        max_length=70,
        widget=forms.TextInput(attrs={"wide": True}),
        help_text=(
            "La banque de vos clients compare ce nom à celui du compte avant chaque virement. "
            "S’il diffère, elle les avertit d’un risque de fraude."
        ),
    )
    label = forms.CharField(label="Libellé", max_length=60, required=False)
    bank_name = forms.CharField(label="Banque", max_length=80, required=False)


class StatementForm(PageForm):
    fields_of_codes = {
        "statement_unreadable": "statement",
        "statement_entities_refused": "statement",
        "statement_other_account": "statement",
        "file_too_large": "statement",
    }

    statement = forms.FileField(
        label="Relevé au format camt.053",
        widget=forms.FileInput(attrs={"accept": ".xml,application/xml,text/xml"}),
        help_text="Dans votre espace bancaire : Télécharger, Relevé XML (camt.053). 10 Mo au plus.",
    )


class ExplainForm(PageForm):
    request = forms.UUIDField(label="Demande", required=False)
