"""Corrections for looking at many figures at once; adjusted p-values come back in the order they went in."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def benjamini_hochberg(p_values: ArrayLike) -> Floats:
    """Adjusted p-values that hold the false discovery rate (Benjamini and Hochberg 1995, step-up).

    >>> benjamini_hochberg([0.01, 0.04, 0.03]).round(4).tolist()
    [0.03, 0.04, 0.04]
    """
    return by_family(p_values, np.zeros(np.size(p_values), dtype=np.int64), np.zeros(1, dtype=np.bool_))


def holm(p_values: ArrayLike) -> Floats:
    """Adjusted p-values that hold the family-wise error rate (Holm 1979, step-down).

    >>> holm([0.01, 0.04, 0.03]).round(4).tolist()
    [0.03, 0.06, 0.06]
    """
    return by_family(p_values, np.zeros(np.size(p_values), dtype=np.int64), np.ones(1, dtype=np.bool_))


def by_family(p_values: ArrayLike, family: Ints, step_down: NDArray[np.bool_]) -> Floats:
    """Many families at once: `family` of each p-value, from 0; `step_down` by family: Holm, else Benjamini-Hochberg.

    >>> by_family([0.01, 0.3, 0.04], np.array([0, 1, 0]), np.array([True, False])).tolist()
    [0.02, 0.3, 0.04]
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.lexsort((p, family))
    row = family[order]
    sizes = np.bincount(family, minlength=len(step_down))
    rank = np.arange(len(p)) - (np.cumsum(sizes) - sizes)[row]
    size, holm_s = sizes[row], step_down[row]
    scaled = np.where(holm_s, p[order] * (size - rank), p[order] * size / (rank + 1))
    # One line a family, its end filled with what changes no running extreme.
    table = np.full((len(step_down), int(sizes.max(initial=0))), np.inf)
    table[row, rank] = scaled
    up = np.minimum.accumulate(table[:, ::-1], axis=-1)[:, ::-1]
    down = np.maximum.accumulate(table, axis=-1)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.where(holm_s, down[row, rank], up[row, rank]), 1.0)
    return adjusted
