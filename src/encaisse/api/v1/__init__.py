"""Version 1 of the resources."""
