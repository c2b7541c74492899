"""Values a reference never held: how many chance alone brings, for ranges and for levels.

A reference has, by construction, nothing outside its own range and no level it did not see; to compare with that
nothing as with a measured share would call the next few rows a change, always.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plumbline.stats.elementwise import each, floats
from plumbline.stats.special import beta_cdf

Floats = NDArray[np.float64]


def expected_beyond(m: ArrayLike) -> Floats:
    """The share of rows outside the range of `m` earlier ones of the same distribution: 2 / (m + 1), at most 1.

    >>> expected_beyond(99).tolist()
    [0.02]
    """
    (earlier,) = floats(m)
    return np.minimum(2 / (earlier + 1), 1.0)


def beyond_tail(k: ArrayLike, n: ArrayLike, m: ArrayLike) -> Floats:
    """P(at least `k` of `n` rows lie outside the range of `m` earlier ones), whatever their distribution; exact
    without ties, with them an upper bound.

    The range of m rows covers a share that is Beta(m - 1, 2) (Wilks, Determination of sample sizes for setting
    tolerance limits, 1941); summed over it, the tail is R (1 + k m / (n + m - k)) with R the chance that all of k
    given rows come beyond one end. Arrays of one shape; whole numbers, m from 1 on, k from 0 to n. To six digits at
    1e8 rows.

    >>> beyond_tail([0, 1, 2], [1, 1, 2], [9, 9, 9]).round(12).tolist()
    [1.0, 0.2, 0.054545454545]
    """
    return each(_beyond, *np.broadcast_arrays(*floats(k, n, m)))


def _beyond(k: float, n: float, m: float) -> float:
    all_out = math.lgamma(n + 1) - math.lgamma(n - k + 1) + math.lgamma(n + m - k + 1) - math.lgamma(n + m + 1)
    return min(math.exp(all_out) * (1 + k * m / (n + m - k)), 1.0)


def expected_unseen(counts: ArrayLike) -> float:
    """The share of rows with a level that the counted ones lack, by those seen once (Good, The population frequencies
    of species and the estimation of population parameters, 1953).

    >>> expected_unseen([5, 3, 1, 1])
    0.2
    """
    once, _, total = _rare(np.asarray(counts, dtype=np.float64))
    return once / total if total else 0.0


def unseen_tail(k: ArrayLike, n: ArrayLike, counts: ArrayLike) -> Floats:
    """P(at least `k` of `n` rows have a level that the reference, with these `counts` of its levels, lacks).

    The unseen share is taken as gamma distributed with Good's mean, one row added for what none was seen of, and the
    variance of its error, (f1 + 2 f2) / m^2 (Esty, A normal limit law for a nonparametric estimator of the coverage
    of a random sample, 1983): rows of one rare level come together. So `k` is negative binomial.

    >>> unseen_tail([0, 1, 5], [100, 100, 100], [50, 40, 9, 1]).round(4).tolist()
    [1.0, 0.75, 0.1094]
    """
    seen, rows = floats(np.rint(k), n)  # counts by weight need not be whole
    once, twice, total = _rare(np.asarray(counts, dtype=np.float64))
    mean, variance = once + 1, once + 2 * twice + 1
    shape = max(math.floor(2 * mean**2 / variance), 1) / 2  # halves are what the beta tail takes; rounded to caution
    many = rows / max(total, 1.0) * mean / shape
    return np.where(seen > 0, beta_cdf(np.maximum(seen, 1), np.full_like(rows, shape), many / (1 + many)), 1.0)


def _rare(counts: Floats) -> tuple[float, float, float]:
    """Levels with one row, levels with two, all rows."""
    near = np.rint(counts)
    return float((near == 1).sum()), float((near == 2).sum()), float(counts.sum())
