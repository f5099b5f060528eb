"""Getting paid: requests, intents, attempts, refunds, disputes, payouts. Knows no invoice."""
