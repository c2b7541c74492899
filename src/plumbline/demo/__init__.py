"""The sample estate: thirteen models of a bank, an insurer and a hospital, built by issuing real commands."""
