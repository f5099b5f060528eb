"""Plug-in for the simulated provider of `encaisse_sandbox`."""
