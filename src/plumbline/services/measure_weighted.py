"""Figures by weight beside figures by row: the values of the one, the numbers of rows of the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plumbline.services.measure_figures import NONE, Flags

Fields = Mapping[str, NDArray[Any]]

WEIGHTLESS = "The rows behind this figure weigh nothing, or too little to measure it by."
EFFECTIVE = "; of effective rows by weight (Kish)"
_MEASURED = (
    "estimate",
    "low",
    "high",
    "reference",
    "effect",
    "p_value",
    "error_bound",
    "null_expectation",
    "lowest",
    "highest",
)
_WORDS = ("method", "why_not")
_OBJECTS = ("record",)
_ROWS_ONLY = ("row_count", "duplicate_rate", "business_value_total")
# Which group they are held against hangs on rates by weight, so these count their rows themselves.
_OF_GROUPS = (
    *("impact_ratio", "selection_rate_difference", "equal_opportunity_difference", "equalized_odds_difference"),
    *("predictive_parity_difference", "calibration_gap"),
)


def by_weight(rows: Fields, views: Fields) -> dict[str, NDArray[Any]]:
    """The fields of `rows` with what was measured on `views`, the same profiles weighed; numbers of rows stay.

    A figure that the rows have and their weights do not give is empty, and says so.
    """
    places = {key: at for at, key in enumerate(_keys(views))}
    at = np.array([places.get(key, NONE) for key in _keys(rows)], dtype=np.int64)
    weighed, there = ~_among(rows, _ROWS_ONLY), at != NONE
    found = dict(rows)
    lacking: tuple[tuple[tuple[str, ...], Any], ...] = ((_MEASURED, np.nan), (_WORDS, ""), (_OBJECTS, None))
    for names, nothing in lacking:
        for name in names:
            found[name] = np.where(weighed, np.where(there, views[name][at], nothing), rows[name])
    for name in ("n", "events", "n_reference"):
        found[name] = np.where(there & _among(rows, _OF_GROUPS), views[name][at], rows[name])
    lost = np.isnan(found["estimate"]) & ~np.isnan(rows["estimate"])
    found["why_not"] = np.where(lost, WEIGHTLESS, found["why_not"]).astype(object)
    said = weighed & (found["method"] != "")
    found["method"][said] = found["method"][said] + EFFECTIVE
    return found


def _keys(fields: Fields) -> list[tuple[Any, ...]]:
    names = ("window", "metric", "column", "segment_by", "segment")
    return list(zip(*(fields[name].tolist() for name in names), strict=True))


def _among(fields: Fields, metrics: tuple[str, ...]) -> Flags:
    return np.array([metric in metrics for metric in fields["metric"].tolist()], dtype=np.bool_)
