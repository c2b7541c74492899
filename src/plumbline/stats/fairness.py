"""How one group fares against another: ratio and difference of favourable rates, and whether chance explains it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from plumbline.stats.intervals import Interval, newcombe, ratio_log, two_proportions


@dataclass(frozen=True, slots=True)
class Comparison:
    """A group's rate against the reference group's; `p_value` is of equal rates, `test` names how."""

    value: float
    interval: Interval
    p_value: float
    test: str


def impact_ratio(favoured: int, n: int, favoured_reference: int, n_reference: int) -> Comparison | None:
    """Rate of the group over the rate of the reference group (29 CFR 1607.4(D)), limits on the log scale.

    None when either group is empty or nobody of the reference group was favoured. Ratios above 1 are not folded.

    >>> c = impact_ratio(12, 40, 48, 80)
    >>> c.value, round(c.p_value, 5)
    (0.5, 0.00195)
    """
    if min(n, n_reference, favoured_reference) == 0:
        return None
    value = (favoured / n) / (favoured_reference / n_reference)
    p_value, test = equal_rates(favoured, n, favoured_reference, n_reference)
    return Comparison(value, ratio_log(favoured, n, favoured_reference, n_reference), p_value, test)


def rate_difference(k: int, n: int, k_reference: int, n_reference: int) -> Comparison | None:
    """Rate of the group less the rate of the reference group, Newcombe's limits; None when either is empty.

    >>> rate_difference(12, 40, 48, 80).value
    -0.3
    """
    if min(n, n_reference) == 0:
        return None
    p_value, test = equal_rates(k, n, k_reference, n_reference)
    return Comparison(k / n - k_reference / n_reference, newcombe(k, n, k_reference, n_reference), p_value, test)


def equal_rates(k1: int, n1: int, k2: int, n2: int) -> tuple[float, str]:
    """p-value of two equal rates: the z test, or Fisher's exact one where an expected count is under 5.

    >>> equal_rates(6, 6, 3, 6)[1]
    "Fisher's exact test, two-sided"
    """
    total, hits = n1 + n2, k1 + k2
    smallest = min(n1, n2) * min(hits, total - hits) / total
    if smallest < 5:
        return fisher_exact(k1, n1, k2, n2), "Fisher's exact test, two-sided"
    return two_proportions(k1, n1, k2, n2), "two-proportion z test"


def fisher_exact(k1: int, n1: int, k2: int, n2: int) -> float:
    """Fisher's exact test of k1 of n1 against k2 of n2: tables no likelier than the one seen (two-sided).

    >>> round(fisher_exact(6, 6, 3, 6), 4)
    0.1818
    """
    hits = k1 + k2
    k = np.arange(max(0, hits - n2), min(n1, hits) + 1)
    log_p = _log_choose(n1, k) + _log_choose(n2, hits - k)
    weights = np.exp(log_p - log_p.max())
    seen = weights[int(np.flatnonzero(k == k1)[0])]
    # Equal tables differ in the last digits of their logarithms; ties belong to the tail.
    return float(min(weights[weights <= seen * (1 + 1e-7)].sum() / weights.sum(), 1.0))


def _log_choose(n: int, k: np.ndarray[tuple[int], np.dtype[np.int64]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    result: np.ndarray[tuple[int], np.dtype[np.float64]] = (
        special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)
    )
    return result
