"""Whether predicted probabilities come true: exact sums or ten bands in, figures with intervals out."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from plumbline.stats.intervals import Interval, around, mean_normal, mean_variance, wilson
from plumbline.stats.special import CONFIDENCE, two_sided


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure, its interval, and the variance by which two of them are compared."""

    value: float
    interval: Interval
    variance: float


def mean(total: float, total_sq: float, n: int) -> Figure | None:
    """Mean of a loss (Brier, log loss) or a score from exact sums; None when n is 0.

    >>> f = mean(0.15, 0.0099, 4)
    >>> round(f.value, 4)
    0.0375
    """
    if n == 0:
        return None
    return Figure(total / n, mean_normal(total, total_sq, n), mean_variance(total, total_sq, n))


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
    n, s, e = (np.asarray(each, dtype=np.float64) for each in (rows, scores, events))
    total = float(n.sum())
    if total == 0:
        return None
    value = float(np.abs(s - e).sum() / total)
    rate = np.divide(e, n, out=np.zeros_like(e), where=n > 0)
    variance = float((n * rate * (1 - rate)).sum()) / total**2
    limits = around(value, variance, "normal, binomial by band")
    return Figure(value, Interval(max(limits.low, 0.0), limits.high, CONFIDENCE, limits.method), variance)


def observed_expected(events: int, expected: float, n: int) -> Figure | None:
    """Observed events over the sum of predicted probabilities; the event rate's Wilson limits over the mean prediction.

    >>> f = observed_expected(5, 4.0, 100)
    >>> f.value, round(f.interval.low, 3), round(f.interval.high, 3)
    (1.25, 0.539, 2.794)
    """
    if n == 0 or expected <= 0:
        return None
    limits, rate, scale = wilson(events, n), events / n, expected / n
    interval = Interval(limits.low / scale, limits.high / scale, CONFIDENCE, "Wilson over the mean prediction")
    return Figure(rate / scale, interval, rate * (1 - rate) / n / scale**2)


def miscalibration(events: int, expected: float, variance: float) -> float:
    """Two-sided p-value of observed = expected, given each row's own probability (z of Spiegelhalter's kind).

    Args: `variance` = sum of p (1 - p) over the rows.

    >>> round(miscalibration(60, 50.0, 25.0), 4)
    0.0455
    """
    if variance <= 0:
        return 1.0 if math.isclose(events, expected) else 0.0
    return two_sided((events - expected) / math.sqrt(variance))
