"""Figures of a model with several classes, and of each class against the others.

Confusions are tables of the class that was chosen (first) by the one that came, shape (..., classes, classes).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plumbline.stats.calibration import Figure
from plumbline.stats.classification import Confusions, Rate, Rates, shares
from plumbline.stats.discrimination import Separation
from plumbline.stats.elementwise import Floats, each
from plumbline.stats.intervals import Interval, Intervals
from plumbline.stats.special import CONFIDENCE, Z95

MACRO = "Wilson by class, squared and added as the classes depend on each other"


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
    return _dependent(value, spread)


def weighted_auc(by_class: Sequence[Separation | None], came: Sequence[float]) -> Figure | None:
    """`macro_auc` where each class counts by the rows that it came in; None when such a class has no others.

    >>> from plumbline.stats.discrimination import roc_auc
    >>> round(weighted_auc([roc_auc([3, 1], [1, 3]), roc_auc([2, 1], [1, 2])], [4, 3]).value, 4)
    0.7143
    """
    held = [(area, rows) for area, rows in zip(by_class, came, strict=True) if rows]
    total = sum(rows for _, rows in held)
    areas = [(area, rows / total) for area, rows in held if area is not None]
    if not areas or len(areas) < len(held):
        return None
    value = sum(area.value * share for area, share in areas)
    spread = sum(math.sqrt(area.variance) * share for area, share in areas)
    return _dependent(value, spread)


def _dependent(value: float, spread: float) -> Figure:
    low, high = max(value - Z95 * spread, 0.0), min(value + Z95 * spread, 1.0)
    return Figure(value, Interval(low, high, CONFIDENCE, "DeLong by class, taken as dependent"), spread**2)


def plain_mean(rates: Rates, stretch: Floats | float = 1.0) -> Rates:
    """Mean of rates of shape (rows, classes); limits by MOVER (Zou 2008), `stretch` times as wide as for rates that
    rest on rows of their own.

    >>> of = plain_mean(shares(np.array([[8, 9]]), np.array([[10, 10]])))
    >>> round(float(of.value[0]), 3), round(float(of.interval.low[0]), 3), round(float(of.interval.high[0]), 3)
    (0.85, 0.633, 0.933)
    """
    classes, limits = rates.value.shape[-1], rates.interval
    value = rates.value.mean(axis=-1)
    sides = (rates.value - limits.low, limits.high - rates.value)
    below, above = (stretch * np.sqrt((side**2).sum(axis=-1)) / classes for side in sides)
    interval = Intervals(np.maximum(value - below, 0.0), np.minimum(value + above, 1.0), MACRO)
    variance = stretch**2 * rates.variance.mean(axis=-1) / classes
    return Rates(value, interval, rates.k.sum(axis=-1), rates.n.sum(axis=-1), variance)


def plain_mean_of_f1(hits: Floats, chosen: Floats, came: Floats) -> Rates:
    """Macro F1 of expected rows by class, of shape (rows, classes); which class a mistake belongs to nobody knows.

    Mistakes count against two classes at once. How much that stretches the limits is taken from tables in which each
    class's mistakes spread over the others as those came unfound.

    >>> of = plain_mean_of_f1(np.array([[8.0, 9.0]]), np.array([[9.0, 11.0]]), np.array([[10.0, 10.0]]))
    >>> round(float(of.value[0]), 4), round(float(of.interval.low[0]), 3), round(float(of.interval.high[0]), 3)
    (0.8496, 0.637, 0.944)
    """
    lost = came - hits
    others = lost[:, None, :] * (1 - np.eye(hits.shape[-1]))
    within = others.sum(axis=-1, keepdims=True)
    spread = np.divide(others, within, out=np.zeros_like(others), where=within > 0)
    tables = hits[:, :, None] * np.eye(hits.shape[-1]) + (chosen - hits)[:, :, None] * spread
    alone = plain_mean(one_by_one(tables).f1).variance
    ratio = np.divide(Averages(tables).f1.variance, alone, out=np.ones_like(alone), where=alone > 0)
    # Expected rows are no whole numbers.
    of = Confusions(tp=hits, fp=chosen - hits, fn=lost, tn=np.zeros_like(hits))  # type: ignore[arg-type]
    return plain_mean(of.f1, np.sqrt(ratio))


def one_by_one(confusions: NDArray[Any]) -> Confusions:
    """Each class against all others. Shape (rows, classes)."""
    right, chosen, came = _margins(confusions)
    n = confusions.sum(axis=(-2, -1))[..., None]
    return Confusions(tp=right, fp=chosen - right, fn=came - right, tn=n - chosen - came + right)


@dataclass(frozen=True, slots=True)
class Averages:
    """Rates of the classes, averaged: each counts once (macro), or by the rows that it came in (weighted).

    As scikit-learn's `average="macro"` and `"weighted"`, but not made up where a class that counts has no rate: NaN.
    Limits: squared and added distances of the classes' own Wilson limits (MOVER, Zou 2008), stretched by what the delta
    method says of the classes' dependence (Takahashi and others 2022). Confusions of shape (rows, classes, classes).

    >>> of = Averages(np.array([[[8, 1], [2, 9]]]))
    >>> [round(float(each.value[0]), 4) for each in (of.precision, of.recall, of.f1, of.weighted_f1)]
    [0.8535, 0.85, 0.8496, 0.8496]
    """

    confusions: NDArray[Any]

    @property
    def precision(self) -> Rates:
        return self._precision(weighted=False)

    @property
    def weighted_precision(self) -> Rates:
        return self._precision(weighted=True)

    @property
    def recall(self) -> Rates:
        """Balanced accuracy, as some call it. By the rows that came it would be the accuracy."""
        _, _, came = _margins(self.confusions)
        rates = one_by_one(self.confusions).recall
        return self._averaged(rates, 1 / came, 0.0 * rates.value, -rates.value / came, weighted=False)

    @property
    def f1(self) -> Rates:
        return self._f1(weighted=False)

    @property
    def weighted_f1(self) -> Rates:
        return self._f1(weighted=True)

    @property
    def mcc(self) -> Rates:
        """Gorodkin's R_K (2004): the correlation of the class chosen with the class that came.

        Limits by the delta method on Fisher's scale, of the tables with two rows more, spread over all cells.
        """
        value, variance = _correlation(self.confusions.astype(np.float64))
        middle, spread = _correlation(self.confusions + 2 / self.confusions.shape[-1] ** 2)
        half, centre = Z95 * np.sqrt(spread) / (1 - middle**2), each(math.atanh, middle)
        low, high = np.minimum(each(math.tanh, centre - half), value), np.maximum(each(math.tanh, centre + half), value)
        return self._rates(value, Intervals(low, high, "Fisher's z, delta method, two rows added"), variance)

    def _precision(self, *, weighted: bool) -> Rates:
        _, chosen, _ = _margins(self.confusions)
        rates = one_by_one(self.confusions).precision
        return self._averaged(rates, 1 / chosen, -rates.value / chosen, 0.0 * rates.value, weighted=weighted)

    def _f1(self, *, weighted: bool) -> Rates:
        _, chosen, came = _margins(self.confusions)
        rates, both = one_by_one(self.confusions).f1, chosen + came
        return self._averaged(rates, 2 / both, -rates.value / both, -rates.value / both, weighted=weighted)

    def _averaged(self, rates: Rates, right: Floats, chosen: Floats, came: Floats, *, weighted: bool) -> Rates:
        """`right`, `chosen`, `came`: how a class's rate moves with one row more of the kind. Shape (rows, classes)."""
        shares = self._weights(weighted=weighted)
        held = shares > 0
        of, *slopes = (np.where(held, side, 0.0) for side in (rates.value, right, chosen, came))
        value = (shares * of).sum(axis=-1)
        right, chosen, came = (shares * slope for slope in slopes)
        if weighted:
            came = came + (of - value[:, None]) / self.confusions.sum(axis=(-2, -1))[:, None]
        moved = chosen[:, :, None] + came[:, None, :] + right[:, :, None] * np.eye(right.shape[-1])
        variance = (self.confusions * moved**2).sum(axis=(-2, -1))
        alone = (np.where(held, shares**2 * rates.variance, 0.0)).sum(axis=-1)
        stretch = np.sqrt(np.where(alone > 0, variance / np.where(alone > 0, alone, 1.0), 1.0))
        sides = (of - rates.interval.low, rates.interval.high - of)
        below, above = (stretch * np.sqrt((np.where(held, shares * side, 0.0) ** 2).sum(axis=-1)) for side in sides)
        limits = Intervals(np.maximum(value - below, 0.0), np.minimum(value + above, 1.0), MACRO)
        return self._rates(value, limits, variance)

    def _weights(self, *, weighted: bool) -> Floats:
        """What each class counts, adding up to 1. Shape (rows, classes)."""
        _, _, came = _margins(self.confusions)
        counts = came if weighted else np.ones_like(came)
        result: Floats = counts / counts.sum(axis=-1, keepdims=True)
        return result

    def _rates(self, value: Floats, limits: Intervals, variance: Floats) -> Rates:
        right, rows = (np.asarray(each, np.float64) for each in (_margins(self.confusions)[0], self.confusions))
        return Rates(value, limits, right.sum(axis=-1), rows.sum(axis=(-2, -1)), variance)


def _margins(confusions: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """(right, chosen, came) by class. Shape (rows, classes)."""
    right = np.diagonal(confusions, axis1=-2, axis2=-1)
    return right, confusions.sum(axis=-1), confusions.sum(axis=-2)


def _correlation(tables: Floats) -> tuple[Floats, Floats]:
    """(R_K, its variance), NaN where one class alone was chosen, or came."""
    chosen, came, n = tables.sum(axis=-1), tables.sum(axis=-2), tables.sum(axis=(-2, -1))
    right = np.trace(tables, axis1=-2, axis2=-1)
    spread = n**2 - (chosen**2).sum(axis=-1), n**2 - (came**2).sum(axis=-1)
    root = np.sqrt(spread[0]) * np.sqrt(spread[1])
    value = np.clip((right * n - (chosen * came).sum(axis=-1)) / root, -1.0, 1.0)
    # One row more in a cell moves numerator, both spreads and so the ratio; the function is homogeneous of degree 0.
    top = n[:, None, None] * np.eye(tables.shape[-1]) + right[:, None, None] - came[:, :, None] - chosen[:, None, :]
    lean = (n[:, None] - chosen) / spread[0][:, None], (n[:, None] - came) / spread[1][:, None]
    slope = top / root[:, None, None] - value[:, None, None] * (lean[0][:, :, None] + lean[1][:, None, :])
    return value, (tables * slope**2).sum(axis=(-2, -1))
