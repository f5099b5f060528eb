"""Choosing a customer in a form: from a list, narrowed by a name when the list is long."""

from uuid import UUID

from django import forms

from encaisse.counterparties.models import Counterparty
from encaisse.counterparties.queries import customers
from encaisse.web.forms import PageForm

LARGEST_LIST = 200


class CustomerChoiceForm(PageForm):
    """
    A form about a customer.

    Its button named "find" sends the form as it is, to be shown again with fewer customers; what
    was typed elsewhere stays.
    """

    no_customer = "Choisir…"

    customer_search = forms.CharField(
        label="Chercher un client",
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    customer = forms.UUIDField(
        label="Client",
        widget=forms.Select(),
        error_messages={"required": "Choisissez un client."},
    )

    def offer_customers(self, organization_id: UUID) -> None:
        """Fill the list; whoever has few customers is not asked to search."""
        everyone = customers(organization_id=organization_id)
        if everyone.count() <= LARGEST_LIST:
            del self.fields["customer_search"]
            self._list(list(everyone))
            return
        text = str(self["customer_search"].value() or "").strip()
        found = list(customers(organization_id=organization_id, text=text)[: LARGEST_LIST + 1])
        self.fields["customer"].help_text = _said(text, len(found))
        self._list([*self._chosen(organization_id, found), *found[:LARGEST_LIST]])

    def _chosen(self, organization_id: UUID, found: list[Counterparty]) -> list[Counterparty]:
        """Return the customer chosen already, who stays in the list whatever is searched."""
        wanted = str(self["customer"].value() or "")
        if wanted in {str(row.id) for row in found[:LARGEST_LIST]}:
            return []
        try:
            identifier = UUID(wanted)
        except ValueError:
            return []
        return list(customers(organization_id=organization_id).filter(id=identifier))

    def _list(self, rows: list[Counterparty]) -> None:
        choices = [(str(row.id), f"{row.name} ({row.code})") for row in rows]
        widget = self.fields["customer"].widget
        widget.choices = [("", self.no_customer), *choices]


def _said(text: str, count: int) -> str:
    if not count:
        return f"Aucun client au nom de « {text} »."
    if count > LARGEST_LIST:
        return f"Les {LARGEST_LIST} premiers noms ; cherchez pour trouver les autres."
    return ""
