"""Figures of many populations at once, before comparison: arrays of one row a population."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plumbline.stats import calibration, classification, discrimination

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Words = NDArray[np.object_]

NONE = -1  # of a count: there is none


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A figure of each row before comparison: arrays of shape (rows,), NaN (of a count NONE) where there is none.

    `k` (of n) is set for shares; `p_value` where the figure has a test of its own; `lowest`, `highest` where outcomes
    exist after one decision alone.
    """

    value: Floats
    low: Floats
    high: Floats
    n: Ints
    events: Ints
    method: Words
    why_not: Words
    k: Floats
    variance: Floats
    p_value: Floats
    error_bound: Floats
    null_expectation: Floats
    lowest: Floats
    highest: Floats


Figures = Mapping[str, Made]


def objects(values: Sequence[Any]) -> Words:
    """As they are, one a row."""
    return np.array([*values, None], dtype=object)[:-1]


def words(value: Any, rows: int) -> Words:
    """The same object for every row."""
    found = np.empty(rows, dtype=object)
    found[:] = value
    return found


def made(value: ArrayLike, **given: Any) -> Made:
    """A figure, what is not given left empty; without a value it has no limits, no method and no test."""
    held = np.atleast_1d(np.asarray(value, dtype=np.float64))
    gone = np.isnan(held)
    numbers: dict[str, Any] = dict.fromkeys(("low", "high", "k", "variance", "error_bound", "p_value"), np.nan)
    numbers |= dict.fromkeys(("null_expectation", "lowest", "highest"), np.nan)
    numbers |= {"n": 0, "events": NONE, "method": "", "why_not": ""} | given
    for name, of in numbers.items():
        if name in ("n", "events"):
            numbers[name] = np.broadcast_to(np.asarray(of, dtype=np.int64), held.shape)
        elif name == "why_not":
            numbers[name] = np.where(gone, of, "").astype(object)
        elif name == "method":
            numbers[name] = np.where(gone, "", of).astype(object)
        elif of is np.nan:
            numbers[name] = np.full(held.shape, np.nan)
        else:
            numbers[name] = np.where(gone, np.nan, of)
    return Made(value=held, **numbers)


def absent(why: str | Words, n: Ints, events: Ints | int = NONE) -> Made:
    """A figure that cannot be made, with the reason in words."""
    return made(np.full(len(n), np.nan), why_not=why, n=n, events=events)


def of_rates(rates: classification.Rates, why: str, events: Ints | None = None) -> Made:
    """Shares or functions of shares; compared as two proportions where they are k of n."""
    gone = np.isnan(rates.value)
    limits = rates.interval
    hits = rates.k if events is None else events
    return made(
        rates.value,
        low=limits.low,
        high=limits.high,
        method=limits.method,
        n=np.where(gone, 0, rates.n),
        events=np.where(gone, NONE, hits),
        k=rates.k if isinstance(limits.method, str) and limits.method == "Wilson" else np.nan,
        variance=rates.variance,
        why_not=why,
    )


def of_figures(
    figures: calibration.Figures | discrimination.Separations,
    n: Ints,
    why: str | Words,
    *,
    events: Ints | int = NONE,
    p: Floats | float = np.nan,
) -> Made:
    """Means, sums or ratios of sums; figures of a ranking."""
    limits = figures.interval
    return made(
        figures.value,
        low=limits.low,
        high=limits.high,
        method=limits.method,
        n=n,
        events=events,
        variance=figures.variance,
        error_bound=figures.error_bound if isinstance(figures, discrimination.Separations) else np.nan,
        p_value=p,
        why_not=why,
    )


def as_gini(auc: Made) -> Made:
    """The same ranking on Gini's scale: 2 AUC - 1."""
    return replace(
        auc,
        value=2 * auc.value - 1,
        low=2 * auc.low - 1,
        high=2 * auc.high - 1,
        variance=4 * auc.variance,
        error_bound=2 * auc.error_bound,
        lowest=2 * auc.lowest - 1,
        highest=2 * auc.highest - 1,
    )


def joined(figures: Sequence[Made]) -> Made:
    """The rows of a figure one behind the other."""
    return Made(
        **{field.name: np.concatenate([getattr(each, field.name) for each in figures]) for field in fields(Made)}
    )


def chosen(figure: Made, rows: Any) -> Made:
    """Some rows of a figure."""
    return Made(**{field.name: getattr(figure, field.name)[rows] for field in fields(figure)})
