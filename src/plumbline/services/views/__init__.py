"""What the pages show: frozen dataclasses, one file a feature."""
