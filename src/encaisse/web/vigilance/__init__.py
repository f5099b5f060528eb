"""Payments that do not look like the others: reviewed, explained, listed, weighed."""
