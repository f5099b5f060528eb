"""The demonstration's past: fourteen months of a plumber's life, lived through the services."""
