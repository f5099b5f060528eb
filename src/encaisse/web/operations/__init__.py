"""Pages of what is done only once signed."""
