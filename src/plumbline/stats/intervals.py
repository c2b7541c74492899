"""Intervals for rates, differences, ratios and means; every one is finite at zero and at all.

`..._of` works on arrays of one shape and has NaN where nothing can be said; the same name without it on one case.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plumbline.stats.elementwise import Floats, each, floats, two_sided
from plumbline.stats.special import CONFIDENCE, Z95

Words = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Interval:
    """Limits of a figure, the confidence they hold at, and how they were made."""

    low: float
    high: float
    confidence: float = CONFIDENCE
    method: str = ""


@dataclass(frozen=True, slots=True)
class Intervals:
    """`Interval` for many figures; arrays of one shape, NaN where there is none."""

    low: Floats
    high: Floats
    method: str | Words

    def at(self, row: int) -> Interval:
        method = self.method if isinstance(self.method, str) else str(self.method[row])
        return Interval(float(self.low[row]), float(self.high[row]), CONFIDENCE, method)

    def one(self) -> Interval:
        return self.at(0)


def wilson(k: float, n: float) -> Interval:
    """Wilson score interval of k of n, without continuity correction (Wilson 1927; Newcombe 1998, method 3).

    >>> i = wilson(0, 20)
    >>> round(i.low, 4), round(i.high, 4)
    (0.0, 0.1611)
    """
    hits, rows = floats(k, n)
    return wilson_of(hits, rows).one()


def wilson_of(k: Floats, n: Floats, z: Floats | float = Z95) -> Intervals:
    with np.errstate(divide="ignore", invalid="ignore"):
        share, z2 = k / n, z * z
        centre = (share + z2 / (2 * n)) / (1 + z2 / n)
        half = z / (1 + z2 / n) * np.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    # At the ends the algebra gives 0 and 1 exactly; floats do not.
    low = np.where((k == 0) & (n > 0), 0.0, np.maximum(0.0, centre - half))
    high = np.where((k == n) & (n > 0), 1.0, np.minimum(1.0, centre + half))
    return Intervals(low, high, "Wilson")


def newcombe(k1: float, n1: float, k2: float, n2: float) -> Interval:
    """Interval of k1/n1 - k2/n2: hybrid Wilson score (Newcombe 1998, method 10).

    >>> i = newcombe(56, 70, 48, 80)
    >>> round(i.low, 4), round(i.high, 4)
    (0.0524, 0.3339)
    """
    one, all_one, two, all_two = floats(k1, n1, k2, n2)
    return newcombe_of(one, all_one, two, all_two).one()


def newcombe_of(k1: Floats, n1: Floats, k2: Floats, n2: Floats, z: float = Z95) -> Intervals:
    one, two = wilson_of(k1, n1, z), wilson_of(k2, n2, z)
    with np.errstate(divide="ignore", invalid="ignore"):
        p1, p2 = k1 / n1, k2 / n2
    below = each(math.hypot, p1 - one.low, two.high - p2)
    above = each(math.hypot, one.high - p1, p2 - two.low)
    return Intervals(p1 - p2 - below, p1 - p2 + above, "Newcombe")


def ratio_log(k1: float, n1: float, k2: float, n2: float) -> Interval:
    """Interval of (k1/n1) / (k2/n2) on the log scale: the wider of Katz's limits (1978) and of Wilson's for either
    rate, squared and added (MOVER, Donner and Zou 2012).

    Katz's are too narrow where nearly every row is a hit, Wilson's where few are. With no hit of the first the lower
    limit is 0; one half is then added to both counts for the upper one, as it is with no hit of the second.

    >>> i = ratio_log(12, 40, 48, 80)
    >>> round(i.low, 3), round(i.high, 3)
    (0.294, 0.829)
    """
    return ratio_log_of(*floats(k1, n1, k2, n2)).one()


def ratio_log_of(k1: Floats, n1: Floats, k2: Floats, n2: Floats) -> Intervals:
    nobody, none = k1 == 0, np.minimum(k1, k2) == 0
    halves = np.where(none, 0.5, 0.0)
    one, two = wilson_of(k1, n1), wilson_of(k2, n2)
    with np.errstate(divide="ignore", invalid="ignore"):
        k1, n1, k2, n2 = k1 + halves, n1 + halves, k2 + halves, n2 + halves
        ratio = (k1 / n1) / (k2 / n2)
        katz = Z95 * np.sqrt(np.maximum(0.0, 1 / k1 - 1 / n1 + 1 / k2 - 1 / n2))
        below = each(math.hypot, _log(k1 / n1 / one.low), _log(two.high / (k2 / n2)))
        above = each(math.hypot, _log(one.high / (k1 / n1)), _log(k2 / n2 / two.low))
    down, up = (np.where(none, katz, np.fmax(katz, side)) for side in (below, above))
    low = np.where(nobody, 0.0, ratio * each(math.exp, -down))
    method = np.where(none, "log ratio (Katz, one half added)", "log ratio (Katz, Wilson)").astype(object)
    return Intervals(low, ratio * each(math.exp, up), method)


def _log(values: Floats) -> Floats:
    return each(math.log, np.where((values > 0) & np.isfinite(values), values, np.nan))


def mean_variance(total: ArrayLike, total_sq: ArrayLike, n: ArrayLike) -> Floats:
    """Squared standard errors of means from their exact sums; 0 for n < 2 and for a constant.

    >>> mean_variance(6.0, 14.0, 3).tolist()
    [0.3333333333333333]
    """
    total, total_sq, n = floats(total, total_sq, n)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (total_sq - total * total / n) / (n - 1) / n
    return np.where(n > 1, np.maximum(0.0, found), 0.0)


def around(value: float, variance: float, method: str) -> Interval:
    """Normal interval around a value with that variance.

    >>> around(0.0, 1.0, "normal").high
    1.959963984540054
    """
    return around_of(np.array([value]), np.array([variance]), method).one()


def around_of(value: Floats, variance: Floats, method: str) -> Intervals:
    half = Z95 * np.sqrt(variance)
    return Intervals(value - half, value + half, method)


def mean_normal(total: float, total_sq: float, n: float) -> Interval:
    """Normal interval of a mean from the exact sum and sum of squares.

    >>> i = mean_normal(6.0, 14.0, 3)
    >>> round(i.low, 4), round(i.high, 4)
    (0.8684, 3.1316)
    """
    return around(total / n, float(mean_variance(total, total_sq, n)[0]), "normal, from exact sums")


def two_proportions(k1: float, n1: float, k2: float, n2: float) -> float:
    """Two-sided p-value of the two-proportion z test, variance pooled, no continuity correction.

    >>> round(two_proportions(1, 4, 3, 4), 3)
    0.157
    """
    return float(two_proportions_of(*floats(k1, n1, k2, n2))[0])


def two_proportions_of(k1: Floats, n1: Floats, k2: Floats, n2: Floats) -> Floats:
    pooled = (k1 + k2) / (n1 + n2)
    variance = pooled * (1 - pooled) * (1 / n1 + 1 / n2)
    z = np.divide(k1 / n1 - k2 / n2, np.sqrt(variance), out=np.zeros_like(variance), where=variance > 0)
    return two_sided(z)


def two_values(value: float, variance: float, other: float, other_variance: float) -> float:
    """Two-sided normal p-value of the difference of two independent figures; 1 when neither has spread and they agree.

    >>> round(two_values(0.70, 0.01**2, 0.75, 0.01**2), 5)
    0.00041
    """
    return float(two_values_of(*floats(value, variance, other, other_variance))[0])


def two_values_of(value: Floats, variance: Floats, other: Floats, other_variance: Floats) -> Floats:
    spread = np.sqrt(variance + other_variance)
    z = np.divide(value - other, spread, out=np.where(value == other, 0.0, np.inf), where=spread > 0)
    return two_sided(z)
