"""What happened to each sample model, month by month, up to 31 October 2026."""
