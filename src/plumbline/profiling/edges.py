"""Where the values of a fine bin can lie: what a figure made from counts may be wrong by follows from it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from plumbline.profiling.bins import Floats, Ints, NumericBins


@lru_cache(maxsize=1_024)
def edges(bins: NumericBins) -> Floats:
    """Ascending edges; every value of bin b lies in [edges[b], edges[b + 1]]. Shape (bins.size + 1,).

    The outer edges are infinite, a bin of one value has two equal edges. Cell edges invert
    t = (x - centre) / (scale + |x - centre|), so x = centre + scale t / (1 - |t|); DuckDB's own rounding of t may
    put a row into the next cell when it lies within a billionth of a cell (or a few units in the last place) of it.
    """
    if bins.kind == "value":
        found = np.concatenate([[-np.inf], np.repeat(np.asarray(bins.cuts, dtype=np.float64), 2), [np.inf]])
    else:
        found = _softsign(bins)
    found.setflags(write=False)  # the cache hands the same array to everyone
    return found


def single(bins: NumericBins, index: Ints) -> NDArray[np.bool_]:
    """Whether each bin holds one value alone, so that its rows are true ties."""
    if bins.kind == "softsign":
        return np.zeros(len(index), dtype=np.bool_)
    return (index & 1).astype(np.bool_)


def _softsign(bins: NumericBins) -> Floats:
    places = np.arange(1, bins.size)
    passed = np.searchsorted(np.asarray(bins.starts), places, side="right")
    t = np.clip(bins.low + (places - passed) / bins.per_unit, -1.0, 1.0)
    with np.errstate(divide="ignore"):
        inner = bins.centre + bins.scale * (t / (1 - np.abs(t)))
    # A bin that starts at a split starts exactly there.
    inner[np.asarray(bins.starts, dtype=np.int64) - 1] = bins.splits
    return np.maximum.accumulate(np.concatenate([[-np.inf], inner, [np.inf]]))
