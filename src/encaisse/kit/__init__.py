"""Django glue without business words: tenancy, jobs, events, idempotency, http, crypto, files."""
