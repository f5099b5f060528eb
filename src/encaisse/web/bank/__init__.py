"""Bank accounts, statements, and what explains each line."""
