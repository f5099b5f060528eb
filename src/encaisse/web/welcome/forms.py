"""The provider's key."""

from django import forms

from encaisse.web.forms import PageForm


class ProviderForm(PageForm):
    fields_of_codes = {"provider_key_invalid": "api_key"}

    api_key = forms.CharField(
        label="Clé secrète de votre compte",
        max_length=200,
        help_text="Chez le prestataire : Réglages, puis Clés. Nous la gardons chiffrée.",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
