"""Pure values shared by every package: money, identifiers, errors, who acts. No Django, no clock, no I/O."""
