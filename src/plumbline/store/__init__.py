"""The governance store: the only SQL over the DuckDB file."""
