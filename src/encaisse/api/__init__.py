"""The public JSON API: translate only; services decide."""
