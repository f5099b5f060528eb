from encaisse.kernel.errors import DomainError


class QuoteNotEditable(DomainError):
    """A quote that was sent no longer changes."""

    code = "quote_not_editable"
    status = 409
    french = "Ce devis est déjà envoyé : il ne change plus. Faites-en un nouveau."


class QuoteNotOpen(DomainError):
    """The quote cannot be answered: it is {state}."""

    code = "quote_not_open"
    status = 409
    french = "Ce devis n’attend plus de réponse."


class QuoteChanged(DomainError):
    """The document shown is not the one on record."""

    code = "quote_changed"
    status = 409
    french = "Le document affiché n’est plus celui qui est enregistré. Rechargez la page."


class WithdrawalTooLate(DomainError):
    """The contract can no longer be renounced online."""

    code = "withdrawal_too_late"
    status = 409
    french = "Le délai pour renoncer en ligne est passé, ou ce contrat n’y ouvre pas droit."


class QuoteNotInvoiceable(DomainError):
    """Only an accepted quote can be invoiced, once."""

    code = "quote_not_invoiceable"
    status = 409
    french = "Seul un devis accepté, pas encore facturé, peut être facturé."


class InvoiceAlreadyCredited(DomainError):
    """The invoice is already cancelled by a credit note."""

    code = "invoice_already_credited"
    status = 409
    french = "Cette facture est déjà annulée par un avoir."


class DepositTakenOff(DomainError):
    """The deposit was taken off invoice {number}, which is to be cancelled first."""

    code = "deposit_taken_off"
    status = 409
    french = (
        "Cet acompte est déduit de la facture {number} : annulez d’abord cette facture, ou "
        "remboursez l’acompte."
    )


class DocumentWithoutLines(DomainError):
    """A document has at least one line."""

    code = "document_without_lines"
    status = 422
    french = "Ajoutez au moins une ligne."


class VatNotApplicable(DomainError):
    """The firm is under the VAT franchise: its documents bear no VAT."""

    code = "vat_not_applicable"
    status = 422
    french = (
        "Votre entreprise est en franchise de TVA : le seul taux possible est 0 %. Corrigez les "
        "lignes, ou le régime de l’entreprise s’il a changé."
    )
