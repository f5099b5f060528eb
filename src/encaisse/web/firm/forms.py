"""What an owner types about the firm."""

from typing import Any

from django import forms

from encaisse.invoicing.core.notes import NO_VAT
from encaisse.kernel.money import Money
from encaisse.kernel.trades import TRADE_WORDS, Trade
from encaisse.organizations.models import Profile
from encaisse.organizations.services import ProfileDraft
from encaisse.web.firm.logo import clean_logo
from encaisse.web.forms import MoneyField, PageForm

_LEGAL_FORMS = ["Entreprise individuelle", "EURL", "SARL", "SASU", "SAS", "SA", "Autre"]
_LARGEST_LOGO_MESSAGE = "PNG, JPEG ou WebP, 2 Mo au plus."


def _text(label: str, largest: int, help_text: str = "", **attrs: object) -> forms.CharField:
    is_required = bool(attrs.pop("required", False))
    widget = forms.TextInput(attrs=dict(attrs))
    return forms.CharField(
        label=label, max_length=largest, help_text=help_text, required=is_required, widget=widget
    )


class FirmForm(PageForm):
    fields_of_codes = {"siren_invalid": "siren"}

    trade = forms.TypedChoiceField(
        label="Votre métier",
        coerce=Trade,
        empty_value=Trade.UNSAID,
        choices=[("", "Choisissez"), *((one.value, word) for one, word in TRADE_WORDS.items())],
        help_text="Il donne des lignes de devis, leur TVA et des règles contre la fraude.",
        widget=forms.Select(attrs={"wide": True}),
    )

    name = _text(
        "Nom que connaissent vos clients", 80, required=True, wide=True, autocomplete="organization"
    )
    siren = _text(
        "Numéro SIREN", 40, "Neuf chiffres, sur vos factures ou votre extrait Kbis.",
        required=True, inputmode="numeric",
    )  # fmt: skip
    legal_form = forms.ChoiceField(
        label="Forme juridique", choices=[("", "—")] + [(form, form) for form in _LEGAL_FORMS],
        required=False,
    )  # fmt: skip
    street = _text("Adresse", 120, required=True, wide=True, autocomplete="street-address")
    postal_code = _text("Code postal", 10, required=True, autocomplete="postal-code")
    city = _text("Ville", 60, required=True, autocomplete="address-level2")
    email = forms.EmailField(
        label="Adresse électronique", max_length=254, help_text="Imprimée sur vos documents."
    )
    phone = _text("Téléphone", 20, autocomplete="tel", inputmode="tel")
    is_vat_franchise = forms.BooleanField(
        label="Mon entreprise est en franchise de TVA",
        required=False,
        help_text=(
            "Une micro-entreprise l’est souvent : aucune TVA sur vos documents, et la mention "
            f"« {NO_VAT} »."
        ),
        widget=forms.CheckboxInput(attrs={"wide": True}),
    )
    colour = forms.CharField(
        label="Couleur de vos pages de paiement",
        max_length=7,
        initial="#0b6e4f",
        widget=forms.TextInput(attrs={"type": "color"}),
        help_text="Éclaircie ou assombrie si elle ne se lit pas.",
    )
    logo = forms.FileField(
        label="Logo",
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        help_text=_LARGEST_LOGO_MESSAGE,
    )

    def clean_logo(self) -> bytes | None:
        uploaded = self.cleaned_data["logo"]
        return clean_logo(uploaded) if uploaded else None


class FullFirmForm(FirmForm):
    """The same with what documents also print; a firm of before trades were asked may say none."""

    legal_name = _text("Dénomination sociale", 120, "Si elle diffère du nom connu.", wide=True)
    capital = MoneyField(label="Capital social", required=False)
    trade_register_city = _text("Ville du RCS ou du RM", 60)
    website = forms.URLField(label="Site", max_length=200, required=False, assume_scheme="https")
    insurance = _text(
        "Assurance professionnelle", 240,
        "Assureur, contrat et territoire couvert ; obligatoire sur les devis du bâtiment.",
        wide=True,
    )  # fmt: skip
    mediator = _text(
        "Médiateur de la consommation", 240,
        "Nom et adresse ; à indiquer aux particuliers (Code de la consommation, art. L616-1).",
        wide=True,
    )  # fmt: skip
    is_vat_on_debits = forms.BooleanField(
        label="J’ai opté pour la TVA d’après les débits", required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["trade"].required = False


def draft_from(values: dict[str, Any]) -> ProfileDraft:
    """Translate either form into what the service takes."""
    capital = values.get("capital")
    kept = {name: value for name, value in values.items() if name not in {"capital", "logo"}}
    return ProfileDraft(**kept, capital_minor=capital.minor if capital else None)


def initial_of(profile: Profile) -> dict[str, Any]:
    names = [name for name in FullFirmForm.base_fields if name not in {"capital", "logo"}]
    values = {name: getattr(profile, name) for name in names}
    if profile.capital_minor is not None:
        values["capital"] = Money(profile.capital_minor)
    return values
