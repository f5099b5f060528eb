"""Tenants: organizations, their members and roles, their face, their API keys, their handles."""
