"""Statistics of a self-test: the rate of alarms over windows that share references, and the smallest shift seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plumbline.stats.elementwise import floats
from plumbline.stats.intervals import Interval, wilson_of

Floats = NDArray[np.float64]
POWER = 0.9
HALVINGS = 60


def clustered_rate(hits: ArrayLike, of: ArrayLike) -> Interval:
    """Wilson's interval of a share of windows of which those in one cluster (an unlucky reference) are alike.

    The windows count as so many as independent ones would give its variance between clusters (Korn and Graubard 1998),
    never as more than there are. Shapes (clusters,).

    >>> alike = clustered_rate([4, 0, 0, 0], [4, 4, 4, 4])
    >>> apart = clustered_rate([1, 1, 1, 1], [4, 4, 4, 4])
    >>> alike.high > apart.high, round(apart.high, 3)
    (True, 0.495)
    """
    k, n = floats(hits, of)
    total, clusters = float(n.sum()), len(n)
    share = float(k.sum()) / total
    between = float(((k - share * n) ** 2).sum()) * clusters / max(clusters - 1, 1) / total**2
    alone = share * (1 - share) / total
    effective = total * min(alone / between, 1.0) if between > 0 else total
    limits = wilson_of(*floats(share * effective, effective))
    return Interval(limits.at(0).low, limits.at(0).high, method=f"{limits.method}, rows alike by cluster")


def smallest(sizes: ArrayLike, seen: ArrayLike, of: ArrayLike, power: float = POWER) -> float | None:
    """The smallest size seen with that power: rising sizes' shares made to rise (pooled where they fall, as isotonic
    regression does, Ayer et al. 1955), then straight between sizes on the logarithm; None where none is.

    >>> smallest([0.1, 0.2, 0.4], [0, 40, 50], [50, 50, 50])
    0.28284271247461906
    >>> smallest([0.1, 0.2], [0, 10], [50, 50]) is None
    True
    """
    size, hits, total = floats(sizes, seen, of)
    rising = _rising(hits / total, total)
    reached = np.flatnonzero(rising >= power)
    if not len(reached):
        return None
    at = int(reached[0])
    if at == 0:
        return float(size[0])
    part = (power - rising[at - 1]) / (rising[at] - rising[at - 1])
    return float(np.exp(np.log(size[at - 1]) + part * (np.log(size[at]) - np.log(size[at - 1]))))


def _rising(shares: Floats, weights: Floats) -> Floats:
    """Pool adjacent violators."""
    blocks: list[tuple[float, float, int]] = []
    for share, weight in zip(shares.tolist(), weights.tolist(), strict=True):
        block = (share, weight, 1)
        while blocks and blocks[-1][0] > block[0]:
            last = blocks.pop()
            both = last[1] + block[1]
            block = ((last[0] * last[1] + block[0] * block[1]) / both, both, last[2] + block[2])
        blocks.append(block)
    return np.repeat([block[0] for block in blocks], [block[2] for block in blocks])


def tilted(shares: ArrayLike, psi: float) -> Floats:
    """Shares moved along an order of their own (exponential tilting) until PSI from them comes to `psi`.

    >>> before = np.array([0.5, 0.3, 0.2])
    >>> after = tilted(before, 0.1)
    >>> round(float(np.sum((after - before) * np.log(after / before))), 6), round(float(after.sum()), 12)
    (0.1, 1.0)
    """
    before = np.asarray(shares, dtype=np.float64) / np.sum(shares)
    # The largest level loses most: what it could gain from small ones may never come to so much.
    order = -np.cos(np.arange(len(before)) - int(np.argmax(before)))
    low, high = 0.0, 1.0
    while _index(before, _tilt(before, order, high)) < psi and high < 2**10:
        high *= 2
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _index(before, _tilt(before, order, middle)) < psi else (low, middle)
    return _tilt(before, order, high)


def _tilt(shares: Floats, order: Floats, by: float) -> Floats:
    found = shares * np.exp(by * (order - order.max()))
    return np.asarray(found / found.sum())


def _index(before: Floats, after: Floats) -> float:
    held = (before > 0) & (after > 0)
    return float(np.sum((after[held] - before[held]) * np.log(after[held] / before[held])))
