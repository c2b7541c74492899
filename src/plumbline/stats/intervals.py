"""Intervals for rates, differences, ratios and means; every one is finite at zero and at all."""

from __future__ import annotations

import math
from dataclasses import dataclass

from plumbline.stats.special import CONFIDENCE, Z95, two_sided


@dataclass(frozen=True, slots=True)
class Interval:
    """Limits of a figure, the confidence they hold at, and how they were made."""

    low: float
    high: float
    confidence: float = CONFIDENCE
    method: str = ""


def wilson(k: float, n: float) -> Interval:
    """Wilson score interval of k of n, without continuity correction (Wilson 1927; Newcombe 1998, method 3).

    >>> i = wilson(0, 20)
    >>> round(i.low, 4), round(i.high, 4)
    (0.0, 0.1611)
    """
    share, z2 = k / n, Z95 * Z95
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    # At the ends the algebra gives 0 and 1 exactly; floats do not.
    low = 0.0 if k == 0 else max(0.0, centre - half)
    high = 1.0 if k == n else min(1.0, centre + half)
    return Interval(low, high, CONFIDENCE, "Wilson")


def newcombe(k1: float, n1: float, k2: float, n2: float) -> Interval:
    """Interval of k1/n1 - k2/n2: hybrid Wilson score (Newcombe 1998, method 10).

    >>> i = newcombe(56, 70, 48, 80)
    >>> round(i.low, 4), round(i.high, 4)
    (0.0524, 0.3339)
    """
    one, two = wilson(k1, n1), wilson(k2, n2)
    p1, p2 = k1 / n1, k2 / n2
    below = math.hypot(p1 - one.low, two.high - p2)
    above = math.hypot(one.high - p1, p2 - two.low)
    return Interval(p1 - p2 - below, p1 - p2 + above, CONFIDENCE, "Newcombe")


def ratio_log(k1: float, n1: float, k2: float, n2: float) -> Interval:
    """Interval of (k1/n1) / (k2/n2) on the log scale (Katz 1978); one half is added to each count when one is zero.

    >>> i = ratio_log(12, 40, 48, 80)
    >>> round(i.low, 3), round(i.high, 3)
    (0.301, 0.829)
    """
    method = "log ratio (Katz)"
    if min(k1, k2) == 0:
        k1, n1, k2, n2, method = k1 + 0.5, n1 + 0.5, k2 + 0.5, n2 + 0.5, "log ratio (Katz, one half added)"
    spread = math.sqrt(max(0.0, 1 / k1 - 1 / n1 + 1 / k2 - 1 / n2))
    ratio = (k1 / n1) / (k2 / n2)
    return Interval(ratio * math.exp(-Z95 * spread), ratio * math.exp(Z95 * spread), CONFIDENCE, method)


def mean_variance(total: float, total_sq: float, n: float) -> float:
    """Squared standard error of a mean from its exact sums; 0 for n < 2 and for a constant.

    >>> mean_variance(6.0, 14.0, 3)
    0.3333333333333333
    """
    return max(0.0, (total_sq - total * total / n) / (n - 1) / n) if n > 1 else 0.0


def around(value: float, variance: float, method: str) -> Interval:
    """Normal interval around a value with that variance.

    >>> around(0.0, 1.0, "normal").high
    1.959963984540054
    """
    half = Z95 * math.sqrt(variance)
    return Interval(value - half, value + half, CONFIDENCE, method)


def mean_normal(total: float, total_sq: float, n: float) -> Interval:
    """Normal interval of a mean from the exact sum and sum of squares.

    >>> i = mean_normal(6.0, 14.0, 3)
    >>> round(i.low, 4), round(i.high, 4)
    (0.8684, 3.1316)
    """
    return around(total / n, mean_variance(total, total_sq, n), "normal, from exact sums")


def two_proportions(k1: float, n1: float, k2: float, n2: float) -> float:
    """Two-sided p-value of the two-proportion z test, variance pooled, no continuity correction.

    >>> round(two_proportions(1, 4, 3, 4), 3)
    0.157
    """
    pooled = (k1 + k2) / (n1 + n2)
    variance = pooled * (1 - pooled) * (1 / n1 + 1 / n2)
    return two_sided((k1 / n1 - k2 / n2) / math.sqrt(variance)) if variance > 0 else 1.0


def two_values(value: float, variance: float, other: float, other_variance: float) -> float:
    """Two-sided normal p-value of the difference of two independent figures; 1 when neither has spread and they agree.

    >>> round(two_values(0.70, 0.01**2, 0.75, 0.01**2), 5)
    0.00041
    """
    spread = math.sqrt(variance + other_variance)
    if spread > 0:
        return two_sided((value - other) / spread)
    return 1.0 if value == other else 0.0
