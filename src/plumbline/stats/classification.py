"""Rates of a confusion matrix, always of decision = 1 and label = 1, each with its interval and its denominator."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plumbline.stats.elementwise import Floats, each, floats
from plumbline.stats.intervals import Interval, Intervals, wilson_of
from plumbline.stats.special import Z95

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rate:
    """k of n as a figure; `variance` is for comparing two figures that are not plain shares."""

    value: float
    interval: Interval
    k: float
    n: int
    variance: float


@dataclass(frozen=True, slots=True)
class Rates:
    """`Rate` for many populations; arrays of one shape, NaN where a rate has no rows to stand on."""

    value: Floats
    interval: Intervals
    k: Floats
    n: Floats
    variance: Floats

    def one(self) -> Rate | None:
        value = float(self.value[0])
        if math.isnan(value):
            return None
        return Rate(value, self.interval.one(), float(self.k[0]), int(self.n[0]), float(self.variance[0]))


@dataclass(frozen=True, slots=True)
class Confusions:
    """Rows by decision and outcome of many populations, arrays of one shape; limits stand `z` standard errors off."""

    tp: Ints
    fp: Ints
    fn: Ints
    tn: Ints
    z: Floats | float = Z95

    @property
    def n(self) -> Ints:
        return self.tp + self.fp + self.fn + self.tn

    @property
    def accuracy(self) -> Rates:
        return shares(self.tp + self.tn, self.n, self.z)

    @property
    def precision(self) -> Rates:
        return shares(self.tp, self.tp + self.fp, self.z)

    @property
    def recall(self) -> Rates:
        return shares(self.tp, self.tp + self.fn, self.z)

    @property
    def specificity(self) -> Rates:
        return shares(self.tn, self.tn + self.fp, self.z)

    @property
    def false_positive_rate(self) -> Rates:
        return shares(self.fp, self.tn + self.fp, self.z)

    @property
    def false_negative_rate(self) -> Rates:
        return shares(self.fn, self.tp + self.fn, self.z)

    @property
    def f1(self) -> Rates:
        """2 tp / (2 tp + fp + fn): a rising function of the share tp / (tp + fp + fn), so Wilson carries over."""
        jaccard = shares(self.tp, self.tp + self.fp + self.fn, self.z)
        value, low, high = (2 * j / (1 + j) for j in (jaccard.value, jaccard.interval.low, jaccard.interval.high))
        slope = 2 / (1 + jaccard.value) ** 2
        interval = Intervals(low, high, "Wilson of tp / (tp + fp + fn), transformed")
        k, n = floats(self.tp, self.n)
        return Rates(value, interval, k, n, slope**2 * jaccard.variance)

    @property
    def balanced_accuracy(self) -> Rates:
        """Mean of recall and specificity; limits by squaring and adding the Wilson distances (MOVER, Zou 2008)."""
        one, two = self.recall, self.specificity
        value = (one.value + two.value) / 2
        below = each(math.hypot, one.value - one.interval.low, two.value - two.interval.low) / 2
        above = each(math.hypot, one.interval.high - one.value, two.interval.high - two.value) / 2
        interval = Intervals(value - below, value + above, "Wilson, squared and added")
        k, n = floats(self.tp + self.tn, self.n)
        return Rates(value, interval, k, n, (one.variance + two.variance) / 4)

    @property
    def mcc(self) -> Rates:
        """Matthews' correlation of decision and outcome, tau = (tp tn - fp fn) / root of the four margins' product.

        Variance of the phi coefficient of a multinomial table (Bishop, Fienberg and Holland 1975, 11.2), limits on
        Fisher's scale, of the table with half a row more in each cell: without, few events make them too narrow.
        """
        cells = floats(self.tp, self.fp, self.fn, self.tn)
        phi, variance = _phi(*cells)
        middle, spread = _phi(*(cell + 0.5 for cell in cells))
        half, centre = self.z * np.sqrt(spread) / (1 - middle**2), each(math.atanh, middle)
        low = np.minimum(each(math.tanh, centre - half), phi)
        high = np.maximum(each(math.tanh, centre + half), phi)
        right, n = floats(self.tp + self.tn, self.n)
        return Rates(phi, Intervals(low, high, "Fisher's z, delta method, one half added"), right, n, variance)


@dataclass(frozen=True, slots=True)
class Confusion:
    """Rows by decision and outcome of one population; a rate is None where it has no rows to stand on.

    >>> c = Confusion(tp=30, fp=10, fn=20, tn=40)
    >>> c.recall.value, c.precision.value, c.accuracy.value, c.balanced_accuracy.value
    (0.6, 0.75, 0.7, 0.7)
    >>> round(c.f1.value, 4), round(c.mcc.value, 6)
    (0.6667, 0.408248)
    """

    tp: int
    fp: int
    fn: int
    tn: int

    @property
    def n(self) -> int:
        return self.tp + self.fp + self.fn + self.tn

    @property
    def accuracy(self) -> Rate | None:
        return self._many.accuracy.one()

    @property
    def precision(self) -> Rate | None:
        return self._many.precision.one()

    @property
    def recall(self) -> Rate | None:
        return self._many.recall.one()

    @property
    def specificity(self) -> Rate | None:
        return self._many.specificity.one()

    @property
    def false_positive_rate(self) -> Rate | None:
        return self._many.false_positive_rate.one()

    @property
    def false_negative_rate(self) -> Rate | None:
        return self._many.false_negative_rate.one()

    @property
    def f1(self) -> Rate | None:
        return self._many.f1.one()

    @property
    def balanced_accuracy(self) -> Rate | None:
        return self._many.balanced_accuracy.one()

    @property
    def mcc(self) -> Rate | None:
        return self._many.mcc.one()

    @property
    def _many(self) -> Confusions:
        return Confusions(*(np.array([rows]) for rows in (self.tp, self.fp, self.fn, self.tn)))


def _phi(tp: Floats, fp: Floats, fn: Floats, tn: Floats) -> tuple[Floats, Floats]:
    """(phi coefficient, its variance), NaN where a margin is empty."""
    decided, refused, events, others = tp + fp, fn + tn, tp + fn, fp + tn
    margins = np.sqrt(decided * refused) * np.sqrt(events * others)
    with np.errstate(divide="ignore", invalid="ignore"):
        phi = np.clip((tp * tn - fp * fn) / margins, -1.0, 1.0)
        sides = (decided - refused) * (events - others) / margins
        lean = (decided - refused) ** 2 / (decided * refused) + (events - others) ** 2 / (events * others)
        spread = 1 - phi**2 + phi * (1 + phi**2 / 2) * sides - 0.75 * phi**2 * lean
        return phi, np.maximum(0.0, spread / (decided + refused))


def share(k: int, n: int) -> Rate | None:
    """k of n with Wilson's interval; None when n is 0.

    >>> share(1, 4).value
    0.25
    """
    return shares(np.array([k]), np.array([n])).one()


def shares(k: Ints | Floats, n: Ints | Floats, z: Floats | float = Z95) -> Rates:
    """`share` for arrays of one shape."""
    hits, rows = floats(k, n)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = hits / rows
        return Rates(value, wilson_of(hits, rows, z), hits, rows, value * (1 - value) / rows)
