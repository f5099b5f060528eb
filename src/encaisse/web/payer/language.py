"""Whoever acts on their page in a language is written to in that language."""

from encaisse.counterparties.services import remember_language
from encaisse.invoicing.queries import quote
from encaisse.kit.tenancy import acting_for
from encaisse.payments.queries import request
from encaisse.web.payer.door import Visit


def remember_payer(visit: Visit) -> None:
    """Remember the language of the page a request is being paid from."""
    with acting_for(visit.organization_id):
        row = request(organization_id=visit.organization_id, request_id=visit.target_id)
        if row.counterparty_id is not None:
            remember_language(
                organization_id=visit.organization_id,
                customer_id=row.counterparty_id,
                language=visit.words.language,
            )


def remember_reader(visit: Visit) -> None:
    """Remember the language of the page a quote is being answered from."""
    with acting_for(visit.organization_id):
        row = quote(organization_id=visit.organization_id, quote_id=visit.target_id)
        remember_language(
            organization_id=visit.organization_id,
            customer_id=row.customer_id,
            language=visit.words.language,
        )
