"""The firm itself: what it says of itself, its provider, its people, its keys, its journal."""
