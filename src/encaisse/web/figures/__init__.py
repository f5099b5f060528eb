"""The dashboard: a period in figures, beside the one before."""
