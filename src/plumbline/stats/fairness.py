"""How one group fares against another: ratio and difference of favourable rates, and whether chance explains it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from plumbline.stats.elementwise import Floats, floats, two_sided
from plumbline.stats.intervals import Interval, Intervals, Words, newcombe_of, ratio_log_of, two_proportions_of
from plumbline.stats.special import Z975

Sides = tuple[Floats, Floats, Floats, Floats]  # k and n of the groups, k and n of their reference groups


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


def worst_gap_of(one: Sides, two: Sides) -> Comparisons:
    """The larger of two absolute differences of rates (equalised odds: of true and of false positive rates).

    The upper limit is the further of the two Newcombe limits; the lower one the further of two at 97.5 %, since
    either of them may mislead: together they miss in at most 5 %. The p-value is twice the smaller (Holm's first).

    >>> rates = floats(30, 50, 45, 60), floats(20, 100, 30, 150)
    >>> found = worst_gap_of(*rates)
    >>> found.value.round(4).tolist(), found.interval.low.round(3).tolist(), found.interval.high.round(3).tolist()
    ([0.15], [0.0], [0.316])
    """
    p_value = np.minimum(2 * np.minimum(equal_rates_of(*one)[0], equal_rates_of(*two)[0]), 1.0)
    gap, nearest, furthest = (np.maximum(*sides) for sides in zip(_apart(*one), _apart(*two), strict=True))
    interval = Intervals(nearest, furthest, "Newcombe on the larger gap")
    return Comparisons(gap, interval, p_value, _words("two tests of equal rates, Holm", gap))


def _apart(k: Floats, n: Floats, k_reference: Floats, n_reference: Floats) -> tuple[Floats, Floats, Floats]:
    """(size of the difference, the least it may be, the most)."""
    wide = newcombe_of(k, n, k_reference, n_reference, Z975)
    limits = newcombe_of(k, n, k_reference, n_reference)
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = np.abs(k / n - k_reference / n_reference)
    least = np.maximum(np.maximum(wide.low, -wide.high), np.where(np.isnan(wide.low), np.nan, 0.0))
    return gap, least, np.maximum(np.abs(limits.low), np.abs(limits.high))


def calibration_ratio_of(observed: Sides, expected: Floats, expected_reference: Floats) -> Comparisons:
    """Observed over expected events of a group over the same of its reference group; 1: predictions mean the same.

    Args: events and labelled rows of both (`observed`), sums of probabilities. Limits on the log scale as of a ratio
    of two rates, predictions taken as given; NaN where either expects nothing or the reference group saw no event.

    >>> sides = floats(30, 200, 20, 200)
    >>> found = calibration_ratio_of(sides, *floats(20.0, 20.0))
    >>> found.value.round(9).tolist(), found.p_value.round(3).tolist()
    ([1.5], [0.138])
    """
    k, n, k_reference, n_reference = observed
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(expected > 0, expected, np.nan) / n
        scale /= np.where(expected_reference > 0, expected_reference, np.nan) / n_reference
        value = np.where(k_reference > 0, (k / n) / (k_reference / n_reference), np.nan) / scale
        limits = ratio_log_of(*observed)
        spread = np.sqrt(1 / (k + 0.5) - 1 / (n + 1) + 1 / (k_reference + 0.5) - 1 / (n_reference + 1))
        # One half more of either outcome, so that a group without events has a logarithm.
        p_value = two_sided(np.log((k + 0.5) / (n + 1) * (n_reference + 1) / (k_reference + 0.5) / scale) / spread)
    interval = Intervals(limits.low / scale, limits.high / scale, limits.method)
    return Comparisons(value, interval, p_value, _words("z test of the logarithm", value))


def _words(said: str, like: Floats) -> Words:
    found = np.empty(len(like), dtype=object)
    found[:] = said
    return found


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
