"""All that help says, as pure tables: no page, no database, no firm."""
