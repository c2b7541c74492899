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


@dataclass(frozen=True, slots=True)
class Separation:
    """A figure from binned scores with its interval and what binning may cost; `variance` is for comparing two."""

    value: float
    interval: Interval
    variance: float
    error_bound: float


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
    neg, pos = _counts(negatives), _counts(positives)
    n, p = float(neg.sum()), float(pos.sum())
    if n == 0 or p == 0:
        return None
    of_positives = (np.cumsum(neg) - neg / 2) / n
    of_negatives = (p - np.cumsum(pos) + pos / 2) / p
    value = float((pos * of_positives).sum() / p)
    variance = _spread(pos, of_positives, value) / p + _spread(neg, of_negatives, value) / n
    interval = _logit_interval(value, variance, min(n, p))
    bound = float((neg * pos * _open(exact)).sum() / (2 * n * p))
    return Auc(value, interval.low, interval.high, variance, int(n), int(p), bound, interval.method)


def gini(auc: float) -> float:
    """Gini = 2 AUC - 1 (accuracy ratio, Somers' D).

    >>> gini(0.75)
    0.5
    """
    return 2 * auc - 1


def ks_separation(negatives: ArrayLike, positives: ArrayLike, *, exact: ArrayLike = False) -> Separation | None:
    """Largest gap of the two outcomes' score distributions; limits are Newcombe's at that score.

    The exact gap lies in [value, value + error_bound]: within a bin either outcome may come first.

    >>> round(ks_separation([4, 3, 2, 1], [1, 2, 3, 4]).value, 6)
    0.4
    """
    neg, pos = _counts(negatives), _counts(positives)
    n, p = float(neg.sum()), float(pos.sum())
    if n == 0 or p == 0:
        return None
    below_neg, below_pos = np.cumsum(neg), np.cumsum(pos)
    gap = below_neg / n - below_pos / p
    at = int(np.abs(gap).argmax())
    value = float(abs(gap[at]))
    a, b = float(below_neg[at] / n), float(below_pos[at] / p)
    before = gap - neg / n + pos / p
    reach = (np.maximum(np.abs(before + neg / n), np.abs(before - pos / p)) * _open(exact)).max()
    limits = newcombe(below_neg[at], n, below_pos[at], p)
    low, high = (limits.low, limits.high) if gap[at] >= 0 else (-limits.high, -limits.low)
    interval = Interval(max(low, 0.0), high, CONFIDENCE, "Newcombe at the largest gap")
    bound = max(float(reach) - value, 0.0)
    return Separation(value, interval, a * (1 - a) / n + b * (1 - b) / p, bound)


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
    neg, pos = _counts(negatives)[::-1], _counts(positives)[::-1]
    p = float(pos.sum())
    if p == 0 or neg.sum() == 0:
        return None
    true, false = np.cumsum(pos), np.cumsum(neg)
    precision = _share(true, true + false)
    value = float(((pos / p) * precision).sum())
    best = _share(true, true + false - neg)
    first = true - pos + (pos > 0)
    worst = (_share(first, first + false) + precision) / 2
    weight = pos / p * np.broadcast_to(_open(exact), pos.shape)[::-1]
    bound = max(float((weight * (best - precision)).sum()), float((weight * (precision - worst)).sum()))
    variance = value * (1 - value) / p
    interval = _logit_interval(value, variance, p, "logit scale (Boyd)")
    return Separation(value, interval, variance, bound)


def _open(exact: ArrayLike) -> NDArray[np.bool_]:
    """The bins whose rows may stand in any order."""
    return ~np.asarray(exact, dtype=np.bool_)


def _counts(values: ArrayLike) -> Floats:
    return np.asarray(values, dtype=np.float64)


def _share(top: Floats, bottom: Floats) -> Floats:
    return np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)


def _spread(counts: Floats, placement: Floats, mean: float) -> float:
    """Sample variance (ddof 1) of the placement values; 0 for a single row."""
    n = float(counts.sum())
    return float((counts * (placement - mean) ** 2).sum()) / (n - 1) if n > 1 else 0.0


def _logit_interval(value: float, variance: float, smaller: float, method: str = "DeLong, logit scale") -> Interval:
    if variance <= 0 or not 0 < value < 1:
        # A perfect or single-row sample has no DeLong spread; the smaller outcome's rows bound what was seen.
        limits = wilson(value * smaller, smaller)
        return Interval(limits.low, limits.high, CONFIDENCE, "Wilson on the rarer outcome (no spread to estimate)")
    centre, half = math.log(value / (1 - value)), Z95 * math.sqrt(variance) / (value * (1 - value))
    low, high = (1 / (1 + math.exp(-(centre + side))) for side in (-half, half))
    return Interval(low, high, CONFIDENCE, method)
