"""Watching: what happened that somebody should know, told once, with the means to stop it."""
