"""What signing up asks beside an address and a password."""

from django import forms
from django.http import HttpRequest

from encaisse.identity.models import User


class SignupDetails(forms.Form):
    """allauth's sign-up form is built on this one."""

    full_name = forms.CharField(
        label="Votre nom",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True}),
    )
    field_order = ["full_name", "email", "password1"]

    def signup(self, _request: HttpRequest, user: User) -> None:
        user.full_name = self.cleaned_data["full_name"]
        user.save(update_fields=["full_name"])
