"""How well scores part the two outcomes, from counts of outcomes by ascending score bin."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plumbline.stats.intervals import Interval, newcombe, wilson
from plumbline.stats.special import CONFIDENCE, Z95

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Auc:
    """Area under the ROC curve; `variance` is DeLong's, the exact area lies within value +- error_bound."""

    value: float
    low: float
    high: float
    variance: float
    n_negative: int
    n_positive: int
    error_bound: float
    method: str

    @property
    def interval(self) -> Interval:
        return Interval(self.low, self.high, CONFIDENCE, self.method)


@dataclass(frozen=True, slots=True)
class Separation:
    """A figure from binned scores with its interval and what binning may cost; `variance` is for comparing two."""

    value: float
    interval: Interval
    variance: float
    error_bound: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """The three figures of one ranking; they share its running sums."""

    roc_auc: Auc
    ks_separation: Separation
    average_precision: Separation


@dataclass(frozen=True, slots=True)
class _Outcomes:
    """Occupied bins, ascending: rows by outcome, those at or below the bin, and where rows may stand in any order."""

    neg: Floats
    pos: Floats
    below_neg: Floats
    below_pos: Floats
    open: NDArray[np.bool_] | bool
    n: float
    p: float


def ranking(negatives: ArrayLike, positives: ArrayLike, *, exact: ArrayLike = False) -> Ranking | None:
    """`roc_auc`, `ks_separation` and `average_precision` at once; None when one of the outcomes is absent.

    >>> found = ranking([1, 0, 1, 0], [0, 1, 0, 1])
    >>> found.roc_auc.value, found.ks_separation.value, round(found.average_precision.value, 4)
    (0.75, 0.5, 0.8333)
    """
    found = _outcomes(negatives, positives, exact)
    return Ranking(_area(found), _gap(found), _precision(found)) if found else None


def roc_auc(negatives: ArrayLike, positives: ArrayLike, *, exact: ArrayLike = False) -> Auc | None:
    """Area under the ROC curve, ties one half, with DeLong's variance (DeLong 1988) and limits on the logit scale.

    Args: rows by ascending score bin, shapes (bins,); `exact` (one for all, or one a bin) where a bin is one score, so
    that rows in it are true ties. None when one of the outcomes is absent. In any other bin a pair of outcomes counts
    one half and may really count 0 or 1: the bound is half the share of pairs that meet in one.

    >>> auc = roc_auc([1, 0, 1, 0], [0, 1, 0, 1])
    >>> auc.value, auc.error_bound
    (0.75, 0.0)
    >>> roc_auc([3, 4], [0, 0]) is None
    True
    """
    found = _outcomes(negatives, positives, exact)
    return _area(found) if found else None


def ks_separation(negatives: ArrayLike, positives: ArrayLike, *, exact: ArrayLike = False) -> Separation | None:
    """Largest gap of the two outcomes' score distributions; limits are Newcombe's at that score.

    The exact gap lies in [value, value + error_bound]: within a bin either outcome may come first.

    >>> round(ks_separation([4, 3, 2, 1], [1, 2, 3, 4]).value, 6)
    0.4
    """
    found = _outcomes(negatives, positives, exact)
    return _gap(found) if found else None


def average_precision(negatives: ArrayLike, positives: ArrayLike, *, exact: ArrayLike = False) -> Separation | None:
    """Average precision: sum of recall steps times precision, no interpolation, as scikit-learn.

    Limits on the logit scale with variance ap (1 - ap) / positives (Boyd, Eng and Page 2013).

    `exact` as in `roc_auc`. In any other bin (T events and F others in it and above, t and f of them inside) the i-th
    event from the top has a precision of at least (T - t + i) / (T - t + i + F), when all others come first and no two
    tie, and of at most T / (T + F - f), when its events tie and come first. The former rises ever more slowly with i,
    so its sum is at least t times the mean of its first and last term.

    >>> round(average_precision([1, 0, 1, 0], [0, 1, 0, 1]).value, 4)
    0.8333
    """
    found = _outcomes(negatives, positives, exact)
    return _precision(found) if found else None


def gini(auc: float) -> float:
    """Gini = 2 AUC - 1 (accuracy ratio, Somers' D).

    >>> gini(0.75)
    0.5
    """
    return 2 * auc - 1


def _outcomes(negatives: ArrayLike, positives: ArrayLike, exact: ArrayLike) -> _Outcomes | None:
    neg, pos = np.asarray(negatives), np.asarray(positives)
    held = neg + pos > 0
    opened = ~np.asarray(exact, dtype=np.bool_)
    neg, pos = (side[held].astype(np.float64) for side in (neg, pos))
    below_neg, below_pos = np.cumsum(neg), np.cumsum(pos)
    if not len(neg) or not below_neg[-1] or not below_pos[-1]:
        return None
    where = opened[held] if opened.ndim else bool(opened)
    return _Outcomes(neg, pos, below_neg, below_pos, where, float(below_neg[-1]), float(below_pos[-1]))


def _area(of: _Outcomes) -> Auc:
    # A row's placement among the other outcome: the rows it beats, ties one half.
    beaten, beaten_by = of.below_neg - of.neg / 2, of.p - of.below_pos + of.pos / 2
    pairs = of.n * of.p
    value = _dot(of.pos, beaten) / pairs
    variance = (
        _spread(of.pos, beaten / of.n, of.p, value) / of.p + _spread(of.neg, beaten_by / of.p, of.n, value) / of.n
    )
    interval = _logit_interval(value, variance, min(of.n, of.p))
    bound = _dot(of.neg * of.open, of.pos) / (2 * pairs)
    return Auc(value, interval.low, interval.high, variance, int(of.n), int(of.p), bound, interval.method)


def _gap(of: _Outcomes) -> Separation:
    neg, pos = of.neg / of.n, of.pos / of.p
    gap = of.below_neg / of.n - of.below_pos / of.p
    at = int(np.abs(gap).argmax())
    value = float(abs(gap[at]))
    # With this bin's rows of one outcome in and those of the other not yet.
    reach = float((np.maximum(gap + pos, neg - gap) * of.open).max())
    below = float(of.below_neg[at]), float(of.below_pos[at])
    limits = newcombe(below[0], of.n, below[1], of.p)
    low, high = (limits.low, limits.high) if gap[at] >= 0 else (-limits.high, -limits.low)
    interval = Interval(max(low, 0.0), high, CONFIDENCE, "Newcombe at the largest gap")
    a, b = below[0] / of.n, below[1] / of.p
    return Separation(value, interval, a * (1 - a) / of.n + b * (1 - b) / of.p, max(reach - value, 0.0))


def _precision(of: _Outcomes) -> Separation:
    events = of.pos > 0
    pos, neg = of.pos[events], of.neg[events]
    true, false = of.p - of.below_pos[events] + pos, of.n - of.below_neg[events] + neg
    precision = true / (true + false)
    value = _dot(pos, precision) / of.p
    first = true - pos + 1
    best, worst = true / (true + false - neg), (first / (first + false) + precision) / 2
    weight = pos * (of.open if isinstance(of.open, bool) else of.open[events]) / of.p
    bound = max(_dot(weight, best - precision), _dot(weight, precision - worst))
    variance = value * (1 - value) / of.p
    return Separation(value, _logit_interval(value, variance, of.p, "logit scale (Boyd)"), variance, bound)


def _dot(one: Floats, two: Floats) -> float:
    # Not `@`: on a busy machine the threads of the linear algebra library wait for each other, fifty times as long.
    return float(np.einsum("i,i->", one, two))


def _spread(counts: Floats, placement: Floats, n: float, mean: float) -> float:
    """Sample variance (ddof 1) of the placement values; 0 for a single row."""
    return _dot(counts, (placement - mean) ** 2) / (n - 1) if n > 1 else 0.0


def _logit_interval(value: float, variance: float, smaller: float, method: str = "DeLong, logit scale") -> Interval:
    if variance <= 0 or not 0 < value < 1:
        # A perfect or single-row sample has no DeLong spread; the smaller outcome's rows bound what was seen.
        limits = wilson(value * smaller, smaller)
        return Interval(limits.low, limits.high, CONFIDENCE, "Wilson on the rarer outcome (no spread to estimate)")
    centre, half = math.log(value / (1 - value)), Z95 * math.sqrt(variance) / (value * (1 - value))
    low, high = (1 / (1 + math.exp(-(centre + side))) for side in (-half, half))
    return Interval(low, high, CONFIDENCE, method)
