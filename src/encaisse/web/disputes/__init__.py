"""Contested payments: what the bank says, what to answer, and the answer given once."""
