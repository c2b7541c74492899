"""How well predictions order amounts: the Lorenz curve of outcomes by rising prediction."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from plumbline.stats.calibration import Figures
from plumbline.stats.elementwise import Floats, each
from plumbline.stats.intervals import Intervals
from plumbline.stats.special import Z95


@dataclass(frozen=True, slots=True)
class Ordered:
    """The Gini of many populations, and how far within bands the order of rows may take it; shape (rows,)."""

    figures: Figures
    error_bound: Floats


def gini_lorenz_of(rows: Floats, actual: Floats, actual_sq: Floats) -> Ordered:
    """1 - 2 x area under the Lorenz curve of outcomes, rows in order of their prediction; 0 is no order at all.

    Args: by band of rising prediction, rows and their outcomes, none negative, shapes (populations, bands); the
    outcomes' sum of squares, shape (populations,). Within a band the curve is straight: the exact one lies within
    `error_bound`. Variance by the delta method (Frees, Meyers and Cummings 2011), outcomes of a band spread about
    their mean in proportion to it, so that all squares add up; limits on Fisher's scale.

    >>> found = gini_lorenz_of(np.array([[50.0, 50.0]]), np.array([[10.0, 30.0]]), np.array([60.0]))
    >>> found.figures.value.round(9).tolist(), found.error_bound.tolist()
    ([0.25], [0.5])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        n, total = rows.sum(axis=-1, keepdims=True), actual.sum(axis=-1, keepdims=True)
        share, mean = rows / n, total / np.where(n > 0, n, np.nan)
        lean = 2 * (np.cumsum(share, axis=-1) - share / 2) - 1
        of_band = np.divide(actual, rows, out=np.zeros_like(actual), where=rows > 0)
        value = np.where(total > 0, (share * of_band * lean).sum(axis=-1, keepdims=True) / mean, np.nan)
        spread = np.maximum(actual_sq[:, None] - (actual * of_band).sum(axis=-1, keepdims=True), 0.0) / total
        above = total - np.cumsum(actual, axis=-1) + actual / 2
        pull, push = lean - value, 2 * above / n - mean - value * mean
        square = (of_band * pull + push) ** 2 + spread * of_band * pull**2
        variance = ((share * square).sum(axis=-1, keepdims=True) / mean**2 / n)[:, 0]
        bound = (share * actual / total).sum(axis=-1)
    return Ordered(Figures(value[:, 0], _on_fishers_scale(value[:, 0], variance), variance), bound)


def _on_fishers_scale(value: Floats, variance: Floats) -> Intervals:
    held = np.clip(value, -1 + 1e-12, 1 - 1e-12)
    half = Z95 * np.sqrt(variance) / (1 - held**2)
    low, high = (each(math.tanh, each(math.atanh, held) + side) for side in (-half, half))
    return Intervals(np.minimum(low, value), np.maximum(high, value), "delta method, Fisher's scale")
