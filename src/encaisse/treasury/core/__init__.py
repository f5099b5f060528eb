"""Pure parts of the treasury."""
