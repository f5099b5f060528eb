"""What is worth knowing today, and what is worth doing."""
