"""Use cases: handle a command, run monitoring, answer a query with a view."""
