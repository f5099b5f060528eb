"""Writing documents: quotes, invoices, credit notes, and what receipts change in them."""
