"""Pages: the back office and what payers see. Translate only; services decide."""
