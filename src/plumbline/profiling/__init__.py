"""Prediction logs in, profiles out: the only other DuckDB."""
