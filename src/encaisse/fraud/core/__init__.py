"""Pure: facts of a payment, policies, what a verdict leads to. No Django, clock or database."""
