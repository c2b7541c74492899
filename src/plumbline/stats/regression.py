"""How far predicted values fall from what happened, from exact sums alone.

`..._of` works on arrays, one row a population, NaN where a figure cannot be made; its name without it on one case.
"""

from __future__ import annotations

import math

import numpy as np

from plumbline.stats.calibration import Figure, Figures, mean, mean_of
from plumbline.stats.elementwise import Floats, each, floats
from plumbline.stats.intervals import Intervals, around_of, mean_variance
from plumbline.stats.special import Z95


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
    """Root of the mean squared error; limits are normal ones of the mean square's reciprocal, for squares are skewed.

    The upper one to the second order, which is finite however few rows there are.

    Args: sums of e^2 and of e^4.

    >>> rmse(12.0, 60.0, 3).value
    2.0
    """
    return rmse_of(*floats(squared, squared_sq, n)).one()


def rmse_of(squared: Floats, squared_sq: Floats, n: Floats) -> Figures:
    inner = mean_of(squared, squared_sq, n)
    return root_of(inner.value, inner.variance)


def root_of(square: Floats, variance: Floats, z: float = Z95) -> Figures:
    """`rmse` from mean squares and the variances of those; limits at `z` standard errors."""
    value, some = np.sqrt(square), square > 0
    half = z * np.divide(np.sqrt(variance), square, out=np.zeros_like(value), where=some)
    high = value * each(math.exp, half / 2 + half**2 / 4)
    interval = Intervals(value / np.sqrt(1 + half), high, "normal, reciprocal of the mean square")
    return Figures(value, interval, np.divide(variance, 4 * square, out=np.zeros_like(value), where=some))


def r2(squared: float, actual: float, actual_sq: float, n: int) -> Figure | None:
    """1 - sum of squared errors / sum of squares about the mean; None for a constant outcome.

    Spread by Olkin and Finn (1995), 4 R2 (1 - R2)^2 / n; where R2 is not positive that of R2 = 0, 2 / n.

    >>> round(r2(2.0, 6.0, 20.0, 3).value, 4)
    0.75
    """
    return r2_of(*floats(squared, actual, actual_sq, n)).one()


def r2_of(squared: Floats, actual: Floats, actual_sq: Floats, n: Floats) -> Figures:
    with np.errstate(divide="ignore", invalid="ignore"):
        about_mean = actual_sq - actual * actual / n
        value = 1 - squared / np.where((n >= 3) & (about_mean > 0), about_mean, np.nan)
        variance = np.where(value > 0, 4 * value * (1 - value) ** 2 / n, 2 * (1 - value) ** 2 / n)
    limits = around_of(value, variance, "normal (Olkin and Finn)")
    return Figures(value, Intervals(limits.low, np.minimum(limits.high, 1.0), limits.method), variance)


def actual_expected(actual: float, expected: float, error: float, error_sq: float, n: int) -> Figure | None:
    """Sum of what happened over sum of what was predicted; limits by the delta method on the row errors.

    >>> f = actual_expected(110.0, 100.0, -10.0, 9.0, 400)
    >>> f.value, f.interval.low < 1.1 < f.interval.high
    (1.1, True)
    """
    return actual_expected_of(*floats(actual, expected, error, error_sq, n)).one()


def actual_expected_of(actual: Floats, expected: Floats, error: Floats, error_sq: Floats, n: Floats) -> Figures:
    below = np.where((n > 0) & (expected > 0), expected, np.nan)
    value, variance = actual / below, mean_variance(error, error_sq, n) * n * n / below**2
    return Figures(value, around_of(value, variance, "delta method on row errors"), variance)


def poisson_deviance(deviance: float, deviance_sq: float, n: int) -> Figure | None:
    """Mean of 2 (y ln(y / mu) - (y - mu)), y ln y taken as 0 at y = 0 (McCullagh and Nelder 1989).

    >>> rows = [2 * 0.5, 2 * (np.log(1 / 0.5) - 0.5)]
    >>> round(poisson_deviance(sum(rows), sum(each**2 for each in rows), 2).value, 6)
    0.693147
    """
    return mean(deviance, deviance_sq, n)


def ratio_of_sums(x: float, y: float, xx: float, yy: float, xy: float, n: int) -> Figure | None:
    """One column's sum over another's, with the delta method for paired sums (Cochran 1977, 6.4).

    >>> ratio_of_sums(20.0, 10.0, 220.0, 52.0, 104.0, 2).value
    2.0
    """
    return ratio_of_sums_of(*floats(x, y, xx, yy, xy, n)).one()


def ratio_of_sums_of(x: Floats, y: Floats, xx: Floats, yy: Floats, xy: Floats, n: Floats) -> Figures:
    below = np.where((n > 0) & (y != 0), y, np.nan)
    value = x / below
    residual_sq = xx - 2 * value * xy + value * value * yy
    variance = mean_variance(np.zeros_like(x), np.maximum(residual_sq, 0.0), n) * n * n / (below * below)
    return Figures(value, around_of(value, variance, "delta method for a ratio of sums"), variance)
