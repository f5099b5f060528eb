"""Gateways to mailboxes and telephones."""
