"""Where each figure leads: the rows it was counted from, for whoever may read them."""

from dataclasses import dataclass, fields, replace

from django.urls import reverse

from encaisse.organizations.core import Permission, Role, allows
from encaisse.reporting.core import Period
from encaisse.web.figures.periods import query_of

_P = Permission


@dataclass(frozen=True, slots=True)
class Proofs:
    """Addresses; empty where the person may not read what is there."""

    captured: str = ""
    refused: str = ""
    refunded: str = ""
    disputed: str = ""
    bank: str = ""
    three_way: str = ""
    paid_invoices: str = ""
    open_invoices: str = ""
    late_invoices: str = ""
    to_allocate: str = ""

    def cause(self, reason: str) -> str:
        """Return the payments that one cause stopped."""
        return f"{self.refused}&cause={reason}" if self.refused else ""


def proofs_of(period: Period, role: Role) -> Proofs:
    days = query_of(period)
    payments, invoices, bank = reverse("payments"), reverse("invoices"), reverse("transactions")
    every = Proofs(
        captured=f"{payments}{days}&etat=captured",
        refused=f"{payments}{days}&etat=refuses",
        refunded=f"{payments}{days}&etat=rembourses",
        disputed=reverse("disputes"),
        bank=f"{bank}{days}",
        three_way=reverse("three_way"),
        paid_invoices=f"{invoices}?etat=paid",
        open_invoices=f"{invoices}?etat=issued",
        late_invoices=f"{invoices}?etat=en-retard",
        to_allocate=f"{payments}?etat=a-affecter",
    )
    hidden = {field.name: "" for field in fields(every) if not allows(role, _RIGHTS[field.name])}
    return replace(every, **hidden)


_RIGHTS = {
    "captured": _P.PAYMENTS_READ,
    "refused": _P.PAYMENTS_READ,
    "refunded": _P.PAYMENTS_READ,
    "disputed": _P.PAYMENTS_READ,
    "bank": _P.BANK_READ,
    "three_way": _P.BANK_READ,
    "paid_invoices": _P.INVOICES_READ,
    "open_invoices": _P.INVOICES_READ,
    "late_invoices": _P.INVOICES_READ,
    "to_allocate": _P.PAYMENTS_READ,
}
