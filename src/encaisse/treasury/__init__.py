"""The firm's bank: accounts, statements, reconciliation, the three-way report."""
