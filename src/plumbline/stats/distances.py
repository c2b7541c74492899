"""Distances between two distributions on shared bins; each name says its base, its root and its scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plumbline.stats.intervals import newcombe_of
from plumbline.stats.special import Z95

Floats = NDArray[np.float64]
LN2 = float(np.log(2.0))


@dataclass(frozen=True, slots=True)
class Distance:
    """A distance with its delta-method limits."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class DistanceBatch:
    """`Distance` for many pairs of rows; arrays of shape (pairs,)."""

    value: Floats
    low: Floats
    high: Floats

    def one(self, row: int) -> Distance:
        return Distance(float(self.value[row]), float(self.low[row]), float(self.high[row]))


def js_distance(reference: ArrayLike, current: ArrayLike) -> Distance:
    """Jensen-Shannon distance: root of the divergence, base 2, so between 0 and 1 (Lin 1991).

    >>> round(js_distance([1, 1], [1, 0]).value, 6), js_distance([1, 0], [0, 1]).value
    (0.557923, 1.0)
    """
    return js_batch(_table(reference), _table(current)).one(0)


def js_batch(reference: Floats, current: Floats) -> DistanceBatch:
    """Rows of two count tables. Limits: delta method on the divergence, widened by its spread without drift."""
    p, q = _shares(reference), _shares(current)
    middle = (p + q) / 2
    of_p, of_q = _log_ratio(p, middle), _log_ratio(q, middle)
    divergence = (p * of_p + q * of_q).sum(axis=-1) / 2 / LN2
    variance = _variance(p, of_p / 2 / LN2, reference) + _variance(q, of_q / 2 / LN2, current)
    return _root(divergence, variance, 1 / (8 * LN2), reference, current)


def hellinger(reference: ArrayLike, current: ArrayLike) -> Distance:
    """Hellinger distance: root of 1 - sum sqrt(p q), between 0 and 1.

    >>> round(hellinger([16, 18, 16, 14, 12, 12], [16, 16, 16, 16, 16, 8]).value, 5)
    0.06813
    """
    return hellinger_batch(_table(reference), _table(current)).one(0)


def hellinger_batch(reference: Floats, current: Floats) -> DistanceBatch:
    """Rows of two count tables; limits as for `js_batch`."""
    p, q = _shares(reference), _shares(current)
    # 1 - sum sqrt(p q) without the difference of two numbers that are all but equal.
    squared = ((np.sqrt(p) - np.sqrt(q)) ** 2).sum(axis=-1) / 2
    variance = _variance(p, -np.sqrt(_ratio(q, p)) / 2, reference) + _variance(q, -np.sqrt(_ratio(p, q)) / 2, current)
    return _root(squared, variance, 1 / 8, reference, current)


def total_variation(reference: ArrayLike, current: ArrayLike) -> Distance:
    """Half the sum of |p - q|: the largest difference in the probability of any event.

    >>> total_variation([1, 1], [1, 3]).value
    0.25
    """
    return total_variation_batch(_table(reference), _table(current)).one(0)


def total_variation_batch(reference: Floats, current: Floats) -> DistanceBatch:
    """Rows of two count tables; limits by the delta method."""
    p, q = _shares(reference), _shares(current)
    value = np.abs(p - q).sum(axis=-1) / 2
    side = np.sign(p - q) / 2
    half = Z95 * np.sqrt(_variance(p, side, reference) + _variance(q, side, current))
    return DistanceBatch(value, np.maximum(value - half, 0.0), np.minimum(value + half, 1.0))


def l_infinity(reference: ArrayLike, current: ArrayLike) -> Distance:
    """Largest |p - q| of one bin; limits are Newcombe's of that bin's share.

    >>> round(l_infinity([2, 2, 2, 0], [2, 2, 2, 1]).value, 4)
    0.1429
    """
    return l_infinity_batch(_table(reference), _table(current)).one(0)


def l_infinity_batch(reference: Floats, current: Floats) -> DistanceBatch:
    """Rows of two count tables."""
    gaps = _shares(current) - _shares(reference)
    row, at = np.arange(len(gaps)), np.abs(gaps).argmax(axis=-1)
    gap, k, other = gaps[row, at], current[row, at], reference[row, at]
    limits = newcombe_of(k, current.sum(axis=-1), other, reference.sum(axis=-1))
    low, high = np.where(gap >= 0, [limits.low, limits.high], [-limits.high, -limits.low])
    return DistanceBatch(np.abs(gap), np.maximum(low, 0.0), high)


def _root(squared: Floats, variance: Floats, null: float, reference: Floats, current: Floats) -> DistanceBatch:
    """Distance from its square; without drift the square times n is about chi-square, scaled by `null`."""
    rate = 1 / reference.sum(axis=-1) + 1 / current.sum(axis=-1)
    dof = np.maximum(((reference + current) > 0).sum(axis=-1) - 1, 0)
    half = Z95 * np.sqrt(variance + 2 * dof * (rate * null) ** 2)
    value = np.clip(squared, 0.0, 1.0)
    return DistanceBatch(np.sqrt(value), np.sqrt(np.maximum(value - half, 0.0)), np.sqrt(np.minimum(value + half, 1.0)))


def _table(counts: ArrayLike) -> Floats:
    return np.asarray(counts, dtype=np.float64)[None, :]


def _shares(counts: Floats) -> Floats:
    result: Floats = counts / counts.sum(axis=-1, keepdims=True)
    return result


def _log_ratio(share: Floats, other: Floats) -> Floats:
    # Of two shares that are nearly equal the logarithm of their ratio would lose most digits.
    return np.log1p(np.divide(share - other, other, out=np.zeros_like(share), where=share > 0))


def _ratio(top: Floats, bottom: Floats) -> Floats:
    return np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)


def _variance(share: Floats, gradient: Floats, counts: Floats) -> Floats:
    first, second = (share * gradient).sum(axis=-1), (share * gradient**2).sum(axis=-1)
    result: Floats = np.maximum(second - first**2, 0.0) / counts.sum(axis=-1)
    return result
