"""How many examples a law is tried on where each of them counts a log or writes a store."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, settings

GROWTH = settings().max_examples / 25  # what the tier that runs tries of any other law


def costly(few: int, deadline: timedelta | None = None) -> settings:
    """`few` examples in `make test`, as many more in the long tier as of other laws; fixtures serve all of them.

    >>> costly(8).max_examples >= 8
    True
    """
    shared = [HealthCheck.function_scoped_fixture]
    return settings(max_examples=round(few * GROWTH), deadline=deadline, suppress_health_check=shared)
