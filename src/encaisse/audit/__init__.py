"""What was done, by whom: append-only, chained per organization."""
