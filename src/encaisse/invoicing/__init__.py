"""Quotes, invoices, credit notes: legal documents, VAT, numbers without gaps."""
