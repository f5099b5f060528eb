"""What a customer sees: the quote, the ways to pay, what happened. No JavaScript at all."""
