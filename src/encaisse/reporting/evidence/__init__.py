"""What proves a contested payment, gathered from our rows, as one PDF for the payer's bank."""
