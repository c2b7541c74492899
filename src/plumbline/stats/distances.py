"""Distances between two distributions on shared bins; each name says its base, its root and its scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from plumbline.stats.special import Z95

Floats = NDArray[np.float64]
LN2 = float(np.log(2.0))


@dataclass(frozen=True, slots=True)
class Distance:
    """A distance with its delta-method limits."""

    value: float
    low: float
    high: float


def js_distance(reference: ArrayLike, current: ArrayLike) -> Distance:
    """Jensen-Shannon distance: root of the divergence, base 2, so between 0 and 1 (Lin 1991).

    Limits: delta method on the divergence, widened by the spread it has when nothing drifts.

    >>> round(js_distance([1, 1], [1, 0]).value, 6), js_distance([1, 0], [0, 1]).value
    (0.557923, 1.0)
    """
    ref, cur, p, q = _shares(reference, current)
    middle = (p + q) / 2
    divergence = float((special.rel_entr(p, middle) + special.rel_entr(q, middle)).sum()) / 2 / LN2
    divergence = min(max(divergence, 0.0), 1.0)
    variance = sum(
        _multinomial_variance(share, _log_ratio(share, middle) / 2 / LN2, float(counts.sum()))
        for share, counts in ((p, ref), (q, cur))
    )
    rate = 1 / float(ref.sum()) + 1 / float(cur.sum())
    dof = max(int((middle > 0).sum()) - 1, 0)
    half = Z95 * float(np.sqrt(variance + 2 * dof * (rate / (8 * LN2)) ** 2))
    root = np.sqrt([divergence, max(divergence - half, 0.0), min(divergence + half, 1.0)])
    return Distance(float(root[0]), float(root[1]), float(root[2]))


def hellinger(reference: ArrayLike, current: ArrayLike) -> Distance:
    """Hellinger distance: root of 1 - sum sqrt(p q), between 0 and 1.

    >>> round(hellinger([16, 18, 16, 14, 12, 12], [16, 16, 16, 16, 16, 8]).value, 5)
    0.06813
    """
    ref, cur, p, q = _shares(reference, current)
    squared = float(np.clip(1 - np.sqrt(p * q).sum(), 0.0, 1.0))
    variance = sum(
        _multinomial_variance(share, -np.sqrt(_ratio(other, share)) / 2, float(counts.sum()))
        for share, other, counts in ((p, q, ref), (q, p, cur))
    )
    rate = 1 / float(ref.sum()) + 1 / float(cur.sum())
    dof = max(int(((p + q) > 0).sum()) - 1, 0)
    half = Z95 * float(np.sqrt(variance + 2 * dof * (rate / 8) ** 2))
    root = np.sqrt([squared, max(squared - half, 0.0), min(squared + half, 1.0)])
    return Distance(float(root[0]), float(root[1]), float(root[2]))


def total_variation(reference: ArrayLike, current: ArrayLike) -> float:
    """Half the sum of |p - q|: the largest difference in the probability of any event.

    >>> total_variation([1, 1], [1, 3])
    0.25
    """
    _, _, p, q = _shares(reference, current)
    return float(np.abs(p - q).sum() / 2)


def l_infinity(reference: ArrayLike, current: ArrayLike) -> float:
    """Largest |p - q| of one bin.

    >>> round(l_infinity([2, 2, 2, 0], [2, 2, 2, 1]), 4)
    0.1429
    """
    _, _, p, q = _shares(reference, current)
    return float(np.abs(p - q).max())


def _shares(reference: ArrayLike, current: ArrayLike) -> tuple[Floats, Floats, Floats, Floats]:
    ref, cur = np.asarray(reference, dtype=np.float64), np.asarray(current, dtype=np.float64)
    return ref, cur, ref / ref.sum(), cur / cur.sum()


def _log_ratio(share: Floats, other: Floats) -> Floats:
    seen = share > 0
    return np.log(np.divide(share, other, out=np.ones_like(share), where=seen))


def _ratio(top: Floats, bottom: Floats) -> Floats:
    return np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)


def _multinomial_variance(share: Floats, gradient: Floats, n: float) -> float:
    first, second = float((share * gradient).sum()), float((share * gradient**2).sum())
    return max(second - first**2, 0.0) / n
