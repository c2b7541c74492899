"""How well scores part the two outcomes, from counts of outcomes by ascending score bin."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plumbline.stats.elementwise import Floats, each, floats
from plumbline.stats.intervals import Interval, Intervals, newcombe_of, wilson_of
from plumbline.stats.special import CONFIDENCE, Z95, Z975, kolmogorov_tail

Table = tuple[ArrayLike, ArrayLike, ArrayLike]  # negatives, positives, exact


@dataclass(frozen=True, slots=True)
class Separation:
    """A figure from binned scores with its interval and what binning may cost; `variance` is for comparing two."""

    value: float
    interval: Interval
    variance: float
    error_bound: float


@dataclass(frozen=True, slots=True)
class Separations:
    """`Separation` for many populations; arrays of shape (rows,), NaN where an outcome is absent."""

    value: Floats
    interval: Intervals
    variance: Floats
    error_bound: Floats

    def at(self, row: int) -> Separation | None:
        value, interval = float(self.value[row]), self.interval.at(row)
        if math.isnan(value):
            return None
        return Separation(value, interval, float(self.variance[row]), float(self.error_bound[row]))


@dataclass(frozen=True, slots=True)
class Rankings:
    """The three figures of many rankings; they share their running sums."""

    roc_auc: Separations
    ks_separation: Separations
    average_precision: Separations


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
    event: float  # rows that one event counts for, at least


def rankings(tables: Iterable[Table]) -> Rankings:
    """`roc_auc`, `ks_separation` and `average_precision` of many populations.

    >>> found = rankings([([1, 0, 1, 0], [0, 1, 0, 1], False), ([3, 4], [0, 0], False)])
    >>> found.roc_auc.value, found.ks_separation.value, found.average_precision.value.round(4)
    (array([0.75,  nan]), array([0.5, nan]), array([0.8333,    nan]))
    """
    # One by one: a population's bins stay in the processor's cache, all of them together do not.
    lines = [_sums(*table) for table in tables]
    n, p, area, spread, area_bound, gap, reach, neg, pos, precision, precision_bound, variance = (
        np.array(lines, dtype=np.float64).reshape(-1, _SUMS).T
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        limits, wide = newcombe_of(neg, n, pos, p), newcombe_of(neg, n, pos, p, Z975)
        low, high = np.where(gap >= 0, [wide.low, limits.high], [-wide.high, -limits.low])
        a, b = neg / n, pos / p
        # The largest gap of two alike samples is none: what Kolmogorov's test does not tell from 0 may be 0.
        proven = kolmogorov_tail(np.abs(gap) * np.sqrt(n * p / (n + p))) < 1 - CONFIDENCE
        low = np.where(np.isnan(gap), np.nan, np.where(proven, np.maximum(low, 0.0), 0.0))
        interval = Intervals(low, high, "Newcombe at the largest gap, from 0 unless tested")
        spread_of_gap, over = a * (1 - a) / n + b * (1 - b) / p, np.maximum(reach - np.abs(gap), 0.0)
        of_area = logit_intervals(area, spread, np.minimum(n, p), "DeLong, logit scale")
        of_precision = logit_intervals(precision, variance, p, "delta method, logit scale, lower at 97.5 %", lower=Z975)
    return Rankings(
        Separations(area, of_area, spread, area_bound),
        Separations(np.abs(gap), interval, spread_of_gap, over),
        Separations(precision, of_precision, variance, precision_bound),
    )


def roc_auc(negatives: ArrayLike, positives: ArrayLike, *, exact: ArrayLike = False) -> Separation | None:
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
    return rankings([(negatives, positives, exact)]).roc_auc.at(0)


def ks_separation(negatives: ArrayLike, positives: ArrayLike, *, exact: ArrayLike = False) -> Separation | None:
    """Largest gap of the two outcomes' score distributions; limits are Newcombe's at that score, the lower one at
    97.5 %, for the largest of many gaps is on the large side; 0 where Kolmogorov's test does not tell it from 0.

    The exact gap lies in [value, value + error_bound]: within a bin either outcome may come first.

    >>> round(ks_separation([4, 3, 2, 1], [1, 2, 3, 4]).value, 6)
    0.4
    """
    return rankings([(negatives, positives, exact)]).ks_separation.at(0)


def average_precision(negatives: ArrayLike, positives: ArrayLike, *, exact: ArrayLike = False) -> Separation | None:
    """Average precision: sum of recall steps times precision, no interpolation, as scikit-learn.

    Limits on the logit scale (Boyd, Eng and Page 2013), with the variance by the delta method over rows: what one row
    more of either outcome does to the precision at and under it. The lower one at 97.5 %: the precision at an event
    counts that event, and so is on the large side.

    `exact` as in `roc_auc`. In any other bin (T events and F others in it and above, t and f of them inside) the i-th
    event from the top has a precision of at least (T - t + i) / (T - t + i + F), when all others come first and no two
    tie, and of at most T / (T + F - f), when its events tie and come first. The former rises ever more slowly with i,
    so its sum is at least t times the mean of its first and last term. Counts given as floats may be of parts of rows:
    the first event then counts next to nothing.

    >>> round(average_precision([1, 0, 1, 0], [0, 1, 0, 1]).value, 4)
    0.8333
    """
    return rankings([(negatives, positives, exact)]).average_precision.at(0)


def logit_interval(value: float, variance: float, smaller: float, method: str) -> Interval:
    """Limits of a share-like figure on the logit scale; without spread Wilson's on the `smaller` outcome's rows.

    >>> round(logit_interval(0.75, 0.01, 30, "delta").low, 4)
    0.5133
    """
    of_value, of_variance, of_smaller = floats(value, variance, smaller)
    return logit_intervals(of_value, of_variance, of_smaller, method).one()


def gini(auc: float) -> float:
    """Gini = 2 AUC - 1 (accuracy ratio, Somers' D).

    >>> gini(0.75)
    0.5
    """
    return 2 * auc - 1


_SUMS = 12
_NEXT_TO_NOTHING = 2.0**-60


def _sums(negatives: ArrayLike, positives: ArrayLike, exact: ArrayLike) -> tuple[float, ...]:
    of = _outcomes(negatives, positives, exact)
    return (of.n, of.p, *_area(of), *_gap(of), *_precision(of)) if of else (np.nan,) * _SUMS


def _outcomes(negatives: ArrayLike, positives: ArrayLike, exact: ArrayLike) -> _Outcomes | None:
    neg, pos = (np.ascontiguousarray(side, dtype=np.float64) for side in (negatives, positives))
    event = _NEXT_TO_NOTHING if np.asarray(positives).dtype.kind == "f" else 1.0
    held, opened = neg + pos > 0, ~np.asarray(exact, dtype=np.bool_)
    if not held.all():
        neg, pos, opened = neg[held], pos[held], opened[held] if opened.ndim else opened
    below_neg, below_pos = np.cumsum(neg), np.cumsum(pos)
    if not len(neg) or not below_neg[-1] or not below_pos[-1]:
        return None
    where = bool(opened) if not opened.ndim else True if opened.all() else opened
    return _Outcomes(neg, pos, below_neg, below_pos, where, float(below_neg[-1]), float(below_pos[-1]), event)


# Tens of thousands of bins a time: arrays are written over where they are no longer needed.
def _area(of: _Outcomes) -> tuple[float, float, float]:
    """(area, its variance, its bound)."""
    # A row's placement among the other outcome: the rows it beats, ties one half.
    beaten, beaten_by = of.neg / 2, of.p - of.below_pos
    np.subtract(of.below_neg, beaten, out=beaten)
    beaten_by += of.pos / 2
    pairs = of.n * of.p
    value = _dot(of.pos, beaten) / pairs
    variance = _spread(of.pos, beaten, of.n, of.p, value) / of.p + _spread(of.neg, beaten_by, of.p, of.n, value) / of.n
    return value, variance, _dot(_where_open(of.neg, of.open), of.pos) / (2 * pairs)


def _gap(of: _Outcomes) -> tuple[float, float, float, float]:
    """(largest gap with its sign, the largest possible one, rows of either outcome up to there)."""
    gap = of.below_neg / of.n
    gap -= of.below_pos / of.p
    at = int(np.abs(gap).argmax())
    signed = float(gap[at])
    # With this bin's rows of one outcome in and those of the other not yet.
    one, two = of.pos / of.p, of.neg / of.n
    one += gap
    two -= gap
    reach = max(float(_where_open(side, of.open).max()) for side in (one, two))
    return signed, reach, float(of.below_neg[at]), float(of.below_pos[at])


def _precision(of: _Outcomes) -> tuple[float, float, float]:
    """(average precision, its bound, its variance)."""
    of = _chosen(of, of.pos > 0)
    true, false = of.p - of.below_pos, of.n - of.below_neg
    true += of.pos
    false += of.neg
    whole = true + false
    precision = true / whole
    value = _dot(of.pos, precision) / of.p
    variance = _spread_of_precision(of, true, false, whole, precision)
    best = np.divide(true, np.subtract(whole, of.neg, out=whole), out=whole)
    best -= precision
    first = np.subtract(true, of.pos, out=true)
    first += of.event
    false += first
    worst = np.divide(first, false, out=first)
    worst += precision
    worst /= 2
    np.subtract(precision, worst, out=worst)
    weight = _where_open(of.pos, of.open) / of.p
    return value, max(_dot(weight, best), _dot(weight, worst)), variance


def _spread_of_precision(of: _Outcomes, true: Floats, false: Floats, whole: Floats, precision: Floats) -> float:
    """Variance of the average precision; `true`, `false`: rows at or above each bin with an event."""
    slope = of.pos / whole
    slope /= whole
    gained, lost = np.cumsum(slope * false), np.cumsum(slope * true)
    gained += precision
    # Rows without the event under the lowest one with it change nothing.
    between = false.copy()
    between[:-1] -= false[1:]
    mean, mean_lost = _dot(of.pos, gained) / of.p, _dot(between, lost) / of.n
    over_events = _dot(of.pos, np.square(gained - mean))
    over_others = _dot(between, np.square(lost - mean_lost)) + (of.n - float(false[0])) * mean_lost**2
    # As of any mean of few rows, one row less of either outcome.
    return (over_events * of.p / max(of.p - 1, 1.0) + over_others * of.n / max(of.n - 1, 1.0)) / of.p**2


def _chosen(of: _Outcomes, held: NDArray[np.bool_]) -> _Outcomes:
    if held.all():
        return of
    bins = np.flatnonzero(held)
    neg, pos, below_neg, below_pos = (side[bins] for side in (of.neg, of.pos, of.below_neg, of.below_pos))
    return _Outcomes(
        neg, pos, below_neg, below_pos, of.open if isinstance(of.open, bool) else of.open[bins], of.n, of.p, of.event
    )


def _where_open(values: Floats, opened: NDArray[np.bool_] | bool) -> Floats:
    return values if opened is True else values * opened


def _dot(one: Floats, two: Floats) -> float:
    # Not `@`: on a busy machine the threads of the linear algebra library wait for each other, fifty times as long.
    return float(np.einsum("i,i->", one, two))


def _spread(counts: Floats, placement: Floats, others: float, n: float, mean: float) -> float:
    """Sample variance (ddof 1) of the placement values, told in rows of `others`; 0 for a single row."""
    placement /= others
    placement -= mean
    np.square(placement, out=placement)
    return _dot(counts, placement) / (n - 1) if n > 1 else 0.0


def logit_intervals(
    value: Floats,
    variance: Floats,
    smaller: Floats,
    method: str,
    z: Floats | float = Z95,
    *,
    lower: Floats | float | None = None,
) -> Intervals:
    """Limits of areas on the logit scale, `z` standard errors off (`lower` downwards, where that is another number).

    `smaller`: rows of the rarer outcome.
    """
    # A perfect or single-row sample has no DeLong spread; the smaller outcome's rows bound what was seen.
    flat = (variance <= 0) | ~((value > 0) & (value < 1))
    limits = wilson_of(value * smaller, smaller, z)
    held, spread = np.where(flat, 0.5, value), np.where(flat, 0.0, variance)
    centre, unit = each(math.log, held / (1 - held)), np.sqrt(spread) / (held * (1 - held))
    low, high = (1 / (1 + each(math.exp, -(centre + side * unit))) for side in (-(z if lower is None else lower), z))
    words = np.where(flat, "Wilson on the rarer outcome (no spread to estimate)", method).astype(object)
    return Intervals(np.where(flat, limits.low, low), np.where(flat, limits.high, high), words)
