"""Asking for money, following it, giving it back."""
