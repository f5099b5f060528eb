"""A small Django application: one page and two jobs, to see supervisor and worker at work."""
