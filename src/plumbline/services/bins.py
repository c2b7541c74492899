"""Frozen bins in words and on an axis: what a profile's counts look like when they are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from plumbline.profiling.bins import Floats, NumericBins
from plumbline.services.views import figures


def midpoints(bins: NumericBins) -> Floats:
    """A value inside each fine bin, for drawing only. Shape (bins.size,)."""
    if bins.kind == "value":
        return _around_values(bins)
    index = np.arange(bins.size)
    cell = index - np.searchsorted(np.asarray(bins.starts), index, side="right")
    # Inverse of the softsign that the bins are cut by, at the middle of the cell.
    at = np.clip(bins.low + (cell + 0.5) / bins.per_unit, -0.999, 0.999)
    middle: Floats = np.clip(bins.centre + bins.scale * at / (1 - np.abs(at)), bins.minimum, bins.maximum)
    return middle


def _around_values(bins: NumericBins) -> Floats:
    cuts = np.asarray(bins.cuts, dtype=np.float64)
    middle = np.empty(bins.size)
    middle[1::2] = cuts
    if len(cuts):
        middle[2:-1:2] = (cuts[1:] + cuts[:-1]) / 2
        middle[0], middle[-1] = cuts[0], cuts[-1]
    return middle


def rebin(bins: NumericBins, counts: Sequence[int], edges: Floats) -> Floats:
    """Fine counts on coarser drawn bins; each fine bin goes where its middle lies. Shape (len(edges) - 1,)."""
    place = np.clip(np.searchsorted(edges, midpoints(bins), side="right") - 1, 0, len(edges) - 2)
    merged = np.zeros(len(edges) - 1)
    np.add.at(merged, place, np.asarray(counts, dtype=np.float64))
    return merged


def decile_labels(edges: Sequence[float]) -> tuple[str, ...]:
    """The bins of PSI in words; outer bins are open, a value equal to an edge belongs above it.

    >>> decile_labels((1.0, 2.5))
    ('under 1', '1 to 2.5', '2.5 and over')
    """
    if not edges:
        return ("all values",)
    named = [_edge(edge) for edge in edges]
    inner = [f"{low} to {high}" for low, high in pairwise(named)]
    return (f"under {named[0]}", *inner, f"{named[-1]} and over")


def _edge(value: float) -> str:
    if value == round(value) and abs(value) < 1e15:
        return f"{value:,.0f}".replace(",", figures.THIN).replace("-", "\u2212")
    text = f"{value:.4g}" if 1e-4 <= abs(value) < 1e4 else figures.significant(value)
    return text.replace("-", "\u2212")
