"""The `encaisse` command: a thin door, like web and api."""
