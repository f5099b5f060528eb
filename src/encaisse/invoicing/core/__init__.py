"""Pure parts of invoicing: amounts, states, what a document says."""
