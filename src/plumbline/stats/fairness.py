"""How one group fares against another: ratio and difference of favourable rates, and whether chance explains it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from plumbline.stats.elementwise import Floats, floats
from plumbline.stats.intervals import Interval, Intervals, Words, newcombe_of, ratio_log_of, two_proportions_of


@dataclass(frozen=True, slots=True)
class Comparison:
    """A group's rate against the reference group's; `p_value` is of equal rates, `test` names how."""

    value: float
    interval: Interval
    p_value: float
    test: str


@dataclass(frozen=True, slots=True)
class Comparisons:
    """`Comparison` for many groups; arrays of shape (groups,), NaN where a group cannot be compared."""

    value: Floats
    interval: Intervals
    p_value: Floats
    test: Words

    def one(self) -> Comparison | None:
        value = float(self.value[0])
        if math.isnan(value):
            return None
        return Comparison(value, self.interval.one(), float(self.p_value[0]), str(self.test[0]))


def impact_ratio(favoured: int, n: int, favoured_reference: int, n_reference: int) -> Comparison | None:
    """Rate of the group over the rate of the reference group (29 CFR 1607.4(D)), limits on the log scale.

    None when either group is empty or nobody of the reference group was favoured. Ratios above 1 are not folded.

    >>> c = impact_ratio(12, 40, 48, 80)
    >>> c.value, round(c.p_value, 5)
    (0.5, 0.00195)
    """
    return against(*floats(favoured, n, favoured_reference, n_reference))[0].one()


def rate_difference(k: int, n: int, k_reference: int, n_reference: int) -> Comparison | None:
    """Rate of the group less the rate of the reference group, Newcombe's limits; None when either is empty.

    >>> rate_difference(12, 40, 48, 80).value
    -0.3
    """
    return against(*floats(k, n, k_reference, n_reference))[1].one()


def against(k: Floats, n: Floats, k_reference: Floats, n_reference: Floats) -> tuple[Comparisons, Comparisons]:
    """(`impact_ratio`, `rate_difference`) of many groups, each against a reference group of its own."""
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where((n > 0) & (n_reference > 0), k / n, np.nan)
        other = k_reference / n_reference
        ratio = np.where(k_reference > 0, rate / other, np.nan)
        limits = ratio_log_of(k, n, k_reference, n_reference)
        p_value, test = equal_rates_of(k, n, k_reference, n_reference)
    apart = newcombe_of(k, n, k_reference, n_reference)
    return Comparisons(ratio, limits, p_value, test), Comparisons(rate - other, apart, p_value, test)


def equal_rates(k1: int, n1: int, k2: int, n2: int) -> tuple[float, str]:
    """p-value of two equal rates: the z test, or Fisher's exact one where an expected count is under 5.

    >>> equal_rates(6, 6, 3, 6)[1]
    "Fisher's exact test, two-sided"
    """
    p_value, test = equal_rates_of(*floats(k1, n1, k2, n2))
    return float(p_value[0]), str(test[0])


def equal_rates_of(k1: Floats, n1: Floats, k2: Floats, n2: Floats) -> tuple[Floats, Words]:
    total, hits = n1 + n2, k1 + k2
    few = np.minimum(n1, n2) * np.minimum(hits, total - hits) / total < 5
    p_value = two_proportions_of(k1, n1, k2, n2)
    for row in np.flatnonzero(few & (n1 > 0) & (n2 > 0)).tolist():
        p_value[row] = fisher_exact(*(round(float(each[row])) for each in (k1, n1, k2, n2)))
    test = np.where(few, "Fisher's exact test, two-sided", "two-proportion z test").astype(object)
    return p_value, test


def fisher_exact(k1: int, n1: int, k2: int, n2: int) -> float:
    """Fisher's exact test of k1 of n1 against k2 of n2: tables no likelier than the one seen (two-sided).

    >>> round(fisher_exact(6, 6, 3, 6), 4)
    0.1818
    """
    hits = k1 + k2
    k = np.arange(max(0, hits - n2), min(n1, hits) + 1)
    # From one table to the next by their ratio: logarithms of factorials would cancel.
    before = k[:-1]
    steps = (n1 - before) * (hits - before) / ((before + 1.0) * (n2 - hits + before + 1))
    log_p = np.concatenate([[0.0], np.cumsum(np.log(steps))])
    weights = np.exp(log_p - log_p.max())
    seen = weights[int(np.flatnonzero(k == k1)[0])]
    # Equal tables differ in the last digits of their logarithms; ties belong to the tail.
    return float(min(weights[weights <= seen * (1 + 1e-7)].sum() / weights.sum(), 1.0))
