"""Concept shift: does the event come as often as before at the same score?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plumbline.stats.special import Z95, chi_square_tail

Floats = NDArray[np.float64]
Band = tuple[float, float, float]  # rows, events, expected events
NOTHING: Band = (0.0, 0.0, 0.0)
LEAST = 5.0  # expected rows of either outcome, on either side, that a band is pooled to


@dataclass(frozen=True, slots=True)
class Bands:
    """Rows with a known outcome by band of score, ascending: how many, their events, the events that their exact
    scores lead one to expect (on any one scale); shapes (bands,).
    """

    rows: Floats
    events: Floats
    expected: Floats

    @classmethod
    def of(cls, rows: ArrayLike, events: ArrayLike, expected: ArrayLike) -> Bands:
        return cls(*(np.asarray(each, dtype=np.float64) for each in (rows, events, expected)))


@dataclass(frozen=True, slots=True)
class Shift:
    """`value` is the mean change of the event rate at equal score, up or down; `signed` lets them cancel.

    `groups` are the first bands of those that were pooled; `rate`, `before` the event rates of each, now and as the
    reference would have it at these very scores; `spread` the standard error of their difference.
    """

    value: float
    signed: float
    low: float
    high: float
    statistic: float
    null_expectation: float
    groups: tuple[int, ...]
    share: Floats
    rate: Floats
    before: Floats
    spread: Floats

    @property
    def freedom(self) -> int:
        return len(self.groups)

    @property
    def p_value(self) -> float:
        return float(chi_square_tail(self.freedom, self.statistic))


def concept_shift(reference: Bands, current: Bands) -> Shift | None:
    """Sum over bands of the share of current rows times |event rate - the reference's rate at the same scores|.

    The reference's rate of a band is its own, moved by what the exact scores within the band have come to: direct
    standardisation to the current scores, so that a base rate that the scores foretell is no shift. The test is the
    sum of squared differences in units of their pooled variance, chi-square with a degree for each band; where nothing
    changed the value is about the root of 2 / pi times the spreads. None where no band can be compared.

    >>> reference = Bands.of([1000, 1000], [100, 300], [100, 300])
    >>> moved = concept_shift(reference, Bands.of([200, 1800], [20, 540], [20, 540]))
    >>> round(moved.value, 9), round(moved.p_value, 9)
    (0.0, 1.0)
    >>> shifted = concept_shift(reference, Bands.of([1000, 1000], [200, 300], [100, 300]))
    >>> round(shifted.value, 4), round(shifted.signed, 4), shifted.p_value < 1e-6
    (0.05, 0.05, True)
    """
    groups = _pooled(reference, current)
    if not groups:
        return None
    n, was, should = (np.add.reduceat(each, groups) for each in (reference.rows, reference.events, reference.expected))
    m, events, expected = (np.add.reduceat(each, groups) for each in (current.rows, current.events, current.expected))
    rate = events / m
    before = np.minimum(expected / m * (was / should), 1.0)
    pooled = (events + before * n) / (m + n)
    variance = pooled * (1 - pooled) * (1 / m + 1 / n)
    share, gap, spread = m / m.sum(), rate - before, np.sqrt(variance)
    value, half = float((share * np.abs(gap)).sum()), Z95 * math.sqrt(float((share**2 * variance).sum()))
    null = float((share * spread).sum()) * math.sqrt(2 / math.pi)
    return Shift(
        value=value,
        signed=float((share * gap).sum()),
        low=max(value - null - half, 0.0),
        high=min(value + half, 1.0),
        # Where nothing varies both rates are 0, or both 1.
        statistic=float(np.divide(gap**2, variance, out=np.zeros_like(gap), where=variance > 0).sum()),
        null_expectation=null,
        groups=tuple(groups),
        share=share,
        rate=rate,
        before=before,
        spread=spread,
    )


def _pooled(reference: Bands, current: Bands) -> list[int]:
    """First bands of neighbours pooled until either outcome is expected often enough on either side; rest joins."""
    starts, first, before, now = list[int](), 0, NOTHING, NOTHING
    sides = (
        zip(of.rows.tolist(), of.events.tolist(), of.expected.tolist(), strict=True) for of in (reference, current)
    )
    for end, (past, here) in enumerate(zip(*sides, strict=True), start=1):
        before, now = _sum(before, past), _sum(now, here)
        if _enough(before, now):
            starts.append(first)
            first, before, now = end, NOTHING, NOTHING
    return starts


def _sum(one: Band, two: Band) -> Band:
    return one[0] + two[0], one[1] + two[1], one[2] + two[2]


def _enough(before: Band, now: Band) -> bool:
    rows, events = before[0] + now[0], before[1] + now[1]
    if not (before[0] and now[0] and before[2] and now[2]):
        return False
    return min(before[0], now[0]) * min(events, rows - events) / rows >= LEAST
