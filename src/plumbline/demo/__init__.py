"""The sample estate, built by issuing real commands."""
