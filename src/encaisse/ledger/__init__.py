"""The journal: double entry with the French chart of accounts, append-only, never unbalanced."""
