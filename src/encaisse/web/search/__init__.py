"""Finding, and going anywhere, from one field."""
