"""Quotes and invoices: what is written, what was issued."""
