"""Views in, printable documents out."""
