"""Random draws that the populations are made of: categories with moving shares, outcomes of a wanted rate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_GRID = np.linspace(-4.0, 4.0, 161)
_WEIGHTS = np.exp(-(_GRID**2) / 2) / np.exp(-(_GRID**2) / 2).sum()


def sigmoid(margin: Floats) -> Floats:
    """The logistic function.

    >>> sigmoid(np.array([0.0])).tolist()
    [0.5]
    """
    chance: Floats = 1.0 / (1.0 + np.exp(-margin))
    return chance


def standardise(values: Floats) -> Floats:
    """To mean 0 and standard deviation 1."""
    scaled: Floats = (values - values.mean()) / values.std()
    return scaled


def category(
    rng: np.random.Generator, rows: int, levels: Sequence[str], shares: Floats | Sequence[float]
) -> NDArray[np.object_]:
    """One level a row; `shares` is one list for all rows, or an array with a list for each row."""
    shares = np.atleast_2d(np.asarray(shares, float))
    edges = np.cumsum(shares / shares.sum(axis=1, keepdims=True), axis=1)[:, :-1]
    draws = rng.random(rows)
    chosen: NDArray[np.object_] = np.asarray(levels, dtype=object)[(draws[:, None] > edges).sum(axis=1)]
    return chosen


def bernoulli(rng: np.random.Generator, probability: Floats) -> NDArray[np.int64]:
    """1 with each row's probability, else 0."""
    return (rng.random(probability.size) < probability).astype(np.int64)


def intercepts(rate: Floats, strength: Floats) -> Floats:
    """The margin's offset at which a standard normal signal of this strength gives this mean rate.

    Bisection on the mean of sigmoid(offset + strength z); monotone in the offset, so 40 halvings are exact enough.

    >>> abs(intercepts(np.array([0.5]), np.array([1.0]))[0]) < 1e-6
    np.True_
    """
    low, high = np.full(rate.shape, -12.0), np.full(rate.shape, 12.0)
    for _ in range(40):
        middle = (low + high) / 2
        mean = sigmoid(middle[..., None] + strength[..., None] * _GRID) @ _WEIGHTS
        low, high = np.where(mean < rate, middle, low), np.where(mean < rate, high, middle)
    offsets: Floats = (low + high) / 2
    return offsets


def outcome(
    rng: np.random.Generator, signal: Floats, rate: Floats | float, strength: Floats | float
) -> NDArray[np.int64]:
    """Outcomes whose mean is `rate`; a standard normal `signal` ranks them the better, the greater `strength` is."""
    pairs = np.stack(np.broadcast_arrays(np.asarray(rate, float), np.asarray(strength, float), signal)[:2], axis=1)
    distinct, where = np.unique(pairs, axis=0, return_inverse=True)
    offsets = intercepts(distinct[:, 0], distinct[:, 1])[where.ravel()]
    return bernoulli(rng, sigmoid(offsets + pairs[:, 1] * signal))
