"""The PDF of a quote, an invoice or a credit note."""

from encaisse.invoicing.rendering.document import PaymentBlock
from encaisse.invoicing.rendering.pdf import render_document

__all__ = ["PaymentBlock", "render_document"]
