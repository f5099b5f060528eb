"""Finding anything of a firm's from one line of text."""
