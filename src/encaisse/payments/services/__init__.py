"""Writing payments, one file per use case family."""
