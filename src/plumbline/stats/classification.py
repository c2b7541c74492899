"""Rates of a confusion matrix, always of decision = 1 and label = 1, each with its interval and its denominator."""

from __future__ import annotations

import math
from dataclasses import dataclass

from plumbline.stats.intervals import Interval, wilson
from plumbline.stats.special import CONFIDENCE, Z95


@dataclass(frozen=True, slots=True)
class Rate:
    """k of n as a figure; `variance` is for comparing two figures that are not plain shares."""

    value: float
    interval: Interval
    k: float
    n: int
    variance: float


@dataclass(frozen=True, slots=True)
class Confusion:
    """Rows by decision and outcome.

    >>> c = Confusion(tp=30, fp=10, fn=20, tn=40)
    >>> c.recall.value, c.precision.value, c.accuracy.value
    (0.6, 0.75, 0.7)
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
        return share(self.tp + self.tn, self.n)

    @property
    def precision(self) -> Rate | None:
        return share(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> Rate | None:
        return share(self.tp, self.tp + self.fn)

    @property
    def specificity(self) -> Rate | None:
        return share(self.tn, self.tn + self.fp)

    @property
    def false_positive_rate(self) -> Rate | None:
        return share(self.fp, self.tn + self.fp)

    @property
    def false_negative_rate(self) -> Rate | None:
        return share(self.fn, self.tp + self.fn)

    @property
    def f1(self) -> Rate | None:
        """2 tp / (2 tp + fp + fn): a rising function of the share tp / (tp + fp + fn), so Wilson carries over.

        >>> round(Confusion(tp=30, fp=10, fn=20, tn=40).f1.value, 4)
        0.6667
        """
        jaccard = share(self.tp, self.tp + self.fp + self.fn)
        if jaccard is None:
            return None
        value, low, high = (2 * j / (1 + j) for j in (jaccard.value, jaccard.interval.low, jaccard.interval.high))
        slope = 2 / (1 + jaccard.value) ** 2
        interval = Interval(low, high, CONFIDENCE, "Wilson of tp / (tp + fp + fn), transformed")
        return Rate(value, interval, self.tp, self.n, slope**2 * jaccard.variance)

    @property
    def balanced_accuracy(self) -> Rate | None:
        """Mean of recall and specificity; limits by squaring and adding the Wilson distances (MOVER, Zou 2008).

        >>> Confusion(tp=30, fp=10, fn=20, tn=40).balanced_accuracy.value
        0.7
        """
        recall, specificity = self.recall, self.specificity
        if recall is None or specificity is None:
            return None
        value = (recall.value + specificity.value) / 2
        below = math.hypot(recall.value - recall.interval.low, specificity.value - specificity.interval.low) / 2
        above = math.hypot(recall.interval.high - recall.value, specificity.interval.high - specificity.value) / 2
        interval = Interval(value - below, value + above, CONFIDENCE, "Wilson, squared and added")
        return Rate(value, interval, self.tp + self.tn, self.n, (recall.variance + specificity.variance) / 4)

    @property
    def mcc(self) -> Rate | None:
        """Matthews' correlation of decision and outcome, tau = (tp tn - fp fn) / root of the four margins' product.

        Variance of the phi coefficient of a multinomial table (Bishop, Fienberg and Holland 1975, 11.2), limits on
        Fisher's scale; without spread (no decision wrong, or none right) Wilson's of the share of right ones.

        >>> round(Confusion(tp=30, fp=10, fn=20, tn=40).mcc.value, 6)
        0.408248
        """
        decided, refused, events, others = self.tp + self.fp, self.fn + self.tn, self.tp + self.fn, self.fp + self.tn
        margins = math.sqrt(decided * refused) * math.sqrt(events * others)
        if margins == 0:
            return None
        phi = max(-1.0, min(1.0, (self.tp * self.tn - self.fp * self.fn) / margins))
        sides = (decided - refused) * (events - others) / margins
        lean = (decided - refused) ** 2 / (decided * refused) + (events - others) ** 2 / (events * others)
        variance = max(0.0, (1 - phi**2 + phi * (1 + phi**2 / 2) * sides - 0.75 * phi**2 * lean) / self.n)
        return Rate(phi, _correlated(phi, variance, self.tp + self.tn, self.n), self.tp + self.tn, self.n, variance)


def _correlated(phi: float, variance: float, right: int, n: int) -> Interval:
    if variance == 0 or abs(phi) == 1:
        limits = wilson(right, n)
        return Interval(2 * limits.low - 1, 2 * limits.high - 1, CONFIDENCE, "Wilson of the share of right decisions")
    half = Z95 * math.sqrt(variance) / (1 - phi**2)
    centre = math.atanh(phi)
    return Interval(math.tanh(centre - half), math.tanh(centre + half), CONFIDENCE, "Fisher's z, delta method")


def share(k: int, n: int) -> Rate | None:
    """k of n with Wilson's interval; None when n is 0.

    >>> share(1, 4).value
    0.25
    """
    return Rate(k / n, wilson(k, n), k, n, k / n * (1 - k / n) / n) if n else None
