"""Writing the treasury: accounts, imports, matches."""
