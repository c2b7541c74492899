"""Figures of a model with several classes."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plumbline.stats.calibration import Figure
from plumbline.stats.classification import Rate, Rates, shares
from plumbline.stats.discrimination import Separation
from plumbline.stats.intervals import Interval
from plumbline.stats.special import CONFIDENCE, Z95


def accuracy(confusion: ArrayLike) -> Rate | None:
    """Share of rows whose largest score is the class that came. Shape (classes, classes).

    >>> accuracy([[8, 1], [2, 9]]).value
    0.85
    """
    return accuracies(np.asarray(confusion, dtype=np.int64)[None, :, :]).one()


def accuracies(confusions: NDArray[np.int64]) -> Rates:
    """`accuracy` of many populations; shape (rows, classes, classes)."""
    return shares(np.trace(confusions, axis1=-2, axis2=-1), confusions.sum(axis=(-2, -1)))


def macro_auc(by_class: Sequence[Separation | None]) -> Figure | None:
    """Unweighted mean of the one-vs-rest areas; None when a class has no rows or no others.

    The classes share their rows, so the spread takes them as fully dependent: wider, never narrower.

    >>> from plumbline.stats.discrimination import roc_auc
    >>> round(macro_auc([roc_auc([3, 1], [1, 3]), roc_auc([2, 1], [1, 2])]).value, 4)
    0.7083
    """
    areas = [area for area in by_class if area is not None]
    if not areas or len(areas) < len(by_class):
        return None
    value = sum(area.value for area in areas) / len(areas)
    spread = sum(math.sqrt(area.variance) for area in areas) / len(areas)
    low, high = max(value - Z95 * spread, 0.0), min(value + Z95 * spread, 1.0)
    return Figure(value, Interval(low, high, CONFIDENCE, "DeLong by class, taken as dependent"), spread**2)
