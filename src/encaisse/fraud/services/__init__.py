"""What is written: decisions, the memory of who tried what, cases to review, lists."""
