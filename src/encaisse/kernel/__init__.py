"""Pure values shared by every package: money, identifiers, errors, who acts."""
