"""Whether predicted probabilities come true: exact sums or ten bands in, figures with intervals out.

`..._of` works on arrays, one row a population, NaN where a figure cannot be made; its name without it on one case.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from plumbline.stats import elementwise
from plumbline.stats.elementwise import Floats, floats
from plumbline.stats.intervals import Interval, Intervals, around_of, mean_variance, wilson_of
from plumbline.stats.special import Z90, Z95


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure, its interval, and the variance by which two of them are compared."""

    value: float
    interval: Interval
    variance: float


@dataclass(frozen=True, slots=True)
class Figures:
    """`Figure` for many populations; arrays of shape (rows,), NaN where it cannot be made."""

    value: Floats
    interval: Intervals
    variance: Floats

    def one(self) -> Figure | None:
        value = float(self.value[0])
        return None if math.isnan(value) else Figure(value, self.interval.one(), float(self.variance[0]))


def stacked(figures: Sequence[Figure | None]) -> Figures:
    """Single figures as one of many rows."""
    nothing = (np.nan,) * 4
    numbers = [
        nothing if each is None else (each.value, each.interval.low, each.interval.high, each.variance)
        for each in figures
    ]
    value, low, high, variance = np.array(numbers, dtype=np.float64).reshape(-1, 4).T
    method = np.array([*("" if each is None else each.interval.method for each in figures), None], dtype=object)[:-1]
    return Figures(value, Intervals(low, high, method), variance)


def mean(total: float, total_sq: float, n: int) -> Figure | None:
    """Mean of a loss (Brier, log loss) or a score from exact sums; None when n is 0.

    >>> f = mean(0.15, 0.0099, 4)
    >>> round(f.value, 4)
    0.0375
    """
    return mean_of(*floats(total, total_sq, n)).one()


def mean_of(total: Floats, total_sq: Floats, n: Floats) -> Figures:
    with np.errstate(divide="ignore", invalid="ignore"):
        value, variance = np.where(n > 0, total / n, np.nan), mean_variance(total, total_sq, n)
    return Figures(value, around_of(value, variance, "normal, from exact sums"), variance)


def brier(total: float, total_sq: float, n: int) -> Figure | None:
    """Brier score: mean of (p - y)^2, the binary half scale (not Brier's own two-class sum).

    Args: sums of (p - y)^2 and of its square, rows with a known outcome.

    >>> round(brier(0.15, 0.0099, 4).value, 4)
    0.0375
    """
    return mean(total, total_sq, n)


def log_loss(total: float, total_sq: float, n: int) -> Figure | None:
    """Mean of -ln(probability given to what happened), natural logarithm.

    >>> round(log_loss(0.86466, 0.2, 4).value, 5)
    0.21616
    """
    return mean(total, total_sq, n)


def ece(rows: ArrayLike, scores: ArrayLike, events: ArrayLike) -> Figure | None:
    """Expected calibration error: sum over bands of n_b / n times |mean score - event rate| (Naeini 2015).

    Args: by band, rows with a known outcome, their sum of scores, their events; shapes (bands,).

    >>> round(ece([10, 10], [1.0, 8.0], [2, 7]).value, 4)
    0.1
    """
    return ece_of(*(part[None, :] for part in floats(rows, scores, events))).one()


def ece_of(rows: Floats, scores: Floats, events: Floats) -> Figures:
    """Shapes (rows, bands)."""
    total = rows.sum(axis=-1)
    rate = np.divide(events, rows, out=np.zeros_like(events), where=rows > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.abs(scores - events).sum(axis=-1) / total
        variance = (rows * rate * (1 - rate)).sum(axis=-1) / total**2
        # Where a band's rate is as predicted, its distance is that of a normal from 0: less wide, but away from 0.
        # Half a row more of either outcome, or a band without events would know no chance.
        rate = (events + 0.5) / (rows + 1)
        spread = np.sqrt(rows * rate * (1 - rate)).sum(axis=-1) / total
    half = Z95 * np.sqrt(variance)
    below = np.maximum(half, np.sqrt(2 / np.pi) * spread + np.sqrt(1 - 2 / np.pi) * half)
    # The figure is on the large side, so that its upper limit is one of 95 % by itself.
    high = value + half * Z90 / Z95
    method = "normal, binomial by band, less what chance adds"
    return Figures(value, Intervals(np.maximum(value - below, 0.0), high, method), variance)


def observed_expected(events: int, expected: float, n: int) -> Figure | None:
    """Observed events over the sum of predicted probabilities; the event rate's Wilson limits over the mean prediction.

    >>> f = observed_expected(5, 4.0, 100)
    >>> f.value, round(f.interval.low, 3), round(f.interval.high, 3)
    (1.25, 0.539, 2.794)
    """
    return observed_expected_of(*floats(events, expected, n)).one()


def observed_expected_of(events: Floats, expected: Floats, n: Floats) -> Figures:
    limits = wilson_of(events, n)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate, scale = events / n, np.where(expected > 0, expected / n, np.nan)
        interval = Intervals(limits.low / scale, limits.high / scale, "Wilson over the mean prediction")
        return Figures(rate / scale, interval, rate * (1 - rate) / n / scale**2)


def miscalibration(events: int, expected: float, variance: float) -> float:
    """Two-sided p-value of observed = expected, given each row's own probability (z of Spiegelhalter's kind).

    Args: `variance` = sum of p (1 - p) over the rows.

    >>> round(miscalibration(60, 50.0, 25.0), 4)
    0.0455
    """
    return float(miscalibration_of(*floats(events, expected, variance))[0])


def miscalibration_of(events: Floats, expected: Floats, variance: Floats) -> Floats:
    close = np.abs(events - expected) <= 1e-9 * np.maximum(np.abs(events), np.abs(expected))
    z = np.divide(events - expected, np.sqrt(variance), out=np.where(close, 0.0, np.inf), where=variance > 0)
    return elementwise.two_sided(z)
