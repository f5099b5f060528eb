"""Encaisse: get paid safely and keep the money in order."""
