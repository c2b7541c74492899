"""Since when a figure has left its reference, and how, in one sentence: CUSUM, Page-Hinkley and EWMA on its windows."""

from __future__ import annotations

import math

from plumbline.services.views.by_window import Maturity, Point, Trend
from plumbline.services.views.figures import window_words
from plumbline.stats.change import Change, Manner, change
from plumbline.stats.special import Z95

FEWEST = 4  # windows under which a chart of change says nothing
_HOW = {Manner.SUDDEN: "suddenly", Manner.GRADUAL: "gradually"}


def change_sentence(trend: Trend) -> str:
    """When the figure left its reference; empty where too few windows are known, or they have no spread.

    Each mature window counts by its distance from the reference in standard errors of both.
    """
    known = [point for point in trend.points if point.maturity is Maturity.MATURE and point.estimate is not None]
    error = _error(trend.reference)
    errors = [_error(point) for point in known]
    if len(known) < FEWEST or trend.reference is None or trend.reference.estimate is None or not error or 0 in errors:
        return ""
    middle = trend.reference.estimate
    distances = [
        ((point.estimate or 0.0) - middle) / math.hypot(own, error) for point, own in zip(known, errors, strict=True)
    ]
    shared = sum(error**2 / (own**2 + error**2) for own in errors) / len(errors)
    found = change(distances, shared)
    if found is None:
        return f"{trend.metric.title} has not left its reference in {len(known)} windows (CUSUM)."
    return f"{trend.metric.title} {_left(found, known)} (CUSUM)."


def _left(found: Change, known: list[Point]) -> str:
    since = window_words(known[found.start].window)
    if found.manner is Manner.FROM_THE_START:
        said = f"has stood off its reference since the first window, {since}"
        return said if found.back is None else f"{said}, and came back in {window_words(known[found.back].window)}"
    said = f"left its reference in {since}, {_HOW[found.manner]}, and"
    if found.back is None:
        return f"{said} has not come back"
    return f"{said} came back in {window_words(known[found.back].window)}"


def _error(point: Point | None) -> float:
    """Standard error behind a 95 % interval; 0 where there is none."""
    if point is None or point.low is None or point.high is None:
        return 0.0
    return (point.high - point.low) / (2 * Z95)
