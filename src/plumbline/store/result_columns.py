"""Many results side by side, by the names of their columns: what a run writes, and what its hash is made over."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from plumbline.domain.results import Result

MEASURED = (
    *("metric", "column", "segment_by", "segment", "estimate", "low", "high", "confidence", "method", "n", "events"),
    *("n_reference", "label_share", "reference", "effect", "p_value", "p_adjusted", "error_bound", "why_not"),
    *("lowest", "highest", "population"),
)
# Part of a result -> column -> attribute.
_PLACES = {
    "window": {"window": "label", "window_start": "start", "window_end": "end"},
    "measurement": {name: name for name in MEASURED},
    "verdict": {"verdict": "level", "reason": "reason", "rule": "rule", "policy": "policy"},
}


def side_by_side(results: Sequence[Result]) -> dict[str, list[Any]]:
    """Each column's values, in the order of the results."""
    found: dict[str, list[Any]] = {}
    for part, columns in _PLACES.items():
        parts = list(map(attrgetter(part), results))
        found |= {column: list(map(attrgetter(name), parts)) for column, name in columns.items()}
    return found
