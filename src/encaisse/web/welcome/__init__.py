"""First steps: the firm, its provider, its bank account."""
