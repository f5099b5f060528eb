"""Models trained, judged and compared on files: no database, no server, no Django."""
