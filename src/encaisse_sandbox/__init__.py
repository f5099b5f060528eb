"""The outside world, simulated: a payment provider, banks, a mailbox and a telephone."""
