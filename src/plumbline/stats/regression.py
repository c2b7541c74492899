"""How far predicted values fall from what happened, from exact sums alone."""

from __future__ import annotations

import math

from plumbline.stats.calibration import Figure, mean
from plumbline.stats.intervals import Interval, around, mean_variance
from plumbline.stats.special import CONFIDENCE, Z95


def mae(absolute: float, absolute_sq: float, n: int) -> Figure | None:
    """Mean absolute error.

    >>> mae(6.0, 14.0, 3).value
    2.0
    """
    return mean(absolute, absolute_sq, n)


def mean_error(error: float, error_sq: float, n: int) -> Figure | None:
    """Mean of predicted minus actual: above zero = the model predicts too much.

    >>> mean_error(-3.0, 5.0, 3).value
    -1.0
    """
    return mean(error, error_sq, n)


def rmse(squared: float, squared_sq: float, n: int) -> Figure | None:
    """Root of the mean squared error; limits are the roots of the mean's normal limits.

    Args: sums of e^2 and of e^4.

    >>> rmse(12.0, 60.0, 3).value
    2.0
    """
    inner = mean(squared, squared_sq, n)
    if inner is None:
        return None
    value = math.sqrt(inner.value)
    low, high = (math.sqrt(max(limit, 0.0)) for limit in (inner.interval.low, inner.interval.high))
    variance = inner.variance / (4 * inner.value) if inner.value > 0 else 0.0
    return Figure(value, Interval(low, high, CONFIDENCE, "root of normal limits of the mean square"), variance)


def r2(squared: float, actual: float, actual_sq: float, n: int) -> Figure | None:
    """1 - sum of squared errors / sum of squares about the mean; None for a constant outcome.

    Spread by Olkin and Finn (1995), 4 R2 (1 - R2)^2 / n; where R2 is not positive that of R2 = 0, 2 / n.

    >>> round(r2(2.0, 6.0, 20.0, 3).value, 4)
    0.75
    """
    about_mean = actual_sq - actual * actual / n if n else 0.0
    if n < 3 or about_mean <= 0:
        return None
    value = 1 - squared / about_mean
    variance = 4 * value * (1 - value) ** 2 / n if value > 0 else 2 * (1 - value) ** 2 / n
    limits = around(value, variance, "normal (Olkin and Finn)")
    return Figure(value, Interval(limits.low, min(limits.high, 1.0), CONFIDENCE, limits.method), variance)


def actual_expected(actual: float, expected: float, error: float, error_sq: float, n: int) -> Figure | None:
    """Sum of what happened over sum of what was predicted; limits by the delta method on the row errors.

    >>> f = actual_expected(110.0, 100.0, -10.0, 9.0, 400)
    >>> f.value, f.interval.low < 1.1 < f.interval.high
    (1.1, True)
    """
    if n == 0 or expected <= 0:
        return None
    variance = mean_variance(error, error_sq, n) * n * n / expected**2
    value, half = actual / expected, Z95 * math.sqrt(variance)
    return Figure(value, Interval(value - half, value + half, CONFIDENCE, "delta method on row errors"), variance)


def ratio_of_sums(x: float, y: float, xx: float, yy: float, xy: float, n: int) -> Figure | None:
    """One column's sum over another's, with the delta method for paired sums (Cochran 1977, 6.4).

    >>> ratio_of_sums(20.0, 10.0, 220.0, 52.0, 104.0, 2).value
    2.0
    """
    if n == 0 or y == 0:
        return None
    value = x / y
    residual_sq = xx - 2 * value * xy + value * value * yy
    variance = mean_variance(0.0, max(residual_sq, 0.0), n) * n * n / (y * y)
    return Figure(value, around(value, variance, "delta method for a ratio of sums"), variance)
