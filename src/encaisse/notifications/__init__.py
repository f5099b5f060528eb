"""Observers that tell people what happened, by mail."""
