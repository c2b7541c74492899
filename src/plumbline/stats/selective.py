"""What figures can be where outcomes exist after one decision alone: worst and best over the unseen outcomes.

Nothing is assumed of the unseen (Manski 1989, 2003): each bound is reached by some way in which they may have fallen.
Both are widened by sampling error, so that the truth over all rows lies between them with 95 % (Imbens and Manski
2004, whose limits hold here since the one bound never passes the other: Stoye 2009, lemma 3).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plumbline.stats.classification import Confusions, Rates
from plumbline.stats.discrimination import logit_intervals, rankings
from plumbline.stats.elementwise import ROOT2, Floats, each, floats
from plumbline.stats.special import CONFIDENCE

Ints = NDArray[np.int64]
Unseen = tuple[ArrayLike, ArrayLike, ArrayLike, ArrayLike]  # negatives, positives, unknown, exact
# Where the figure falls when decisions get better.
FALLING = ("false_positive_rate", "false_negative_rate")
_STEPS = 8  # Newton's steps to the last digit, from anywhere between the two ends


@dataclass(frozen=True, slots=True)
class Bounds:
    """The truth over all rows lies between with 95 %; arrays of shape (rows,), NaN where nothing can be said."""

    lowest: Floats
    highest: Floats


@dataclass(frozen=True, slots=True)
class Side:
    """A sharp bound of each population, the square of its standard error, and its limits at a critical value."""

    value: Floats
    variance: Floats
    limits: Callable[[Floats], tuple[Floats, Floats]]


def critical(width: ArrayLike, error: ArrayLike) -> Floats:
    """How many standard errors widen bounds that lie `width` apart: c of Phi(c + width / error) - Phi(-c) = 0.95.

    1.96 where the bounds meet, 1.64 where they are far apart: the truth can then be near one of them alone (Imbens
    and Manski 2004, 7).

    >>> critical([0.0, 0.01, 1.0], 0.01).round(3).tolist()
    [1.96, 1.681, 1.645]
    """
    apart, spread = np.broadcast_arrays(*floats(width, error))
    reach = np.divide(apart, spread, out=np.full(apart.shape, np.inf), where=spread > 0)
    c = np.full(apart.shape, 1.8)
    for _ in range(_STEPS):
        miss = _phi(c + reach) - _phi(-c) - CONFIDENCE
        c = c - miss * math.sqrt(math.tau) / (np.exp(-np.square(c + reach) / 2) + np.exp(-np.square(c) / 2))
    return c


def widened(worst: Side, best: Side, *, least: float = -np.inf, most: float = np.inf) -> Bounds:
    """Bounds with sampling error; where a side cannot be made, the end of the figure's range; none without an end."""
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(np.fmax(worst.variance, best.variance))
        c = critical(np.maximum(best.value - worst.value, 0.0), error)
        low, high = worst.limits(c)[0], best.limits(c)[1]
    low, high = np.where(np.isnan(low), least, low), np.where(np.isnan(high), most, high)
    held = np.isfinite(low) & np.isfinite(high)
    low, high = (np.where(held, np.clip(side, least, most), np.nan) for side in (low, high))
    return Bounds(low, high)


def around(value: Floats, variance: Floats) -> Side:
    """A bound that is a mean, or a function of means, with normal limits."""
    error = np.sqrt(variance)
    return Side(value, variance, lambda c: (value - c * error, value + c * error))


def of_table(table: Confusions, rate: str) -> Side:
    """A rate of a table of decisions by outcome that the unseen may have made."""
    found: Rates = getattr(table, rate)

    def limits(c: Floats) -> tuple[Floats, Floats]:
        interval = getattr(replace(table, z=c), rate).interval
        return interval.low, interval.high

    return Side(found.value, found.variance, limits)


def decisions(known: Confusions, unknown: tuple[Ints, Ints], rate: str, *, least: float = 0.0) -> Bounds:
    """Bounds of a rate of decisions; `unknown`: rows decided 0, decided 1, whose outcome nobody knows.

    Every rate of the table moves one way with each unseen outcome: it is best when all that were decided 1 are events
    and none of those decided 0 is, and worst the other way round. (Of Matthews' correlation r with a share q of rows
    decided 1 and p of events: an event more among the former changes ln r by (1 - q) / cov - (1 / p - 1 / (1 - p)) / 2
    with cov at most p (1 - q) and at least -(1 - p)(1 - q), so its sign is that of r, and r rises.)

    >>> known = Confusions(*(np.array([k]) for k in (0, 0, 20, 80)))
    >>> found = decisions(known, (np.array([0]), np.array([50])), "recall")
    >>> found.lowest.round(3).tolist(), found.highest.round(3).tolist()
    ([0.0], [0.794])
    """
    refused, decided = unknown
    worst = replace(known, fp=known.fp + decided, fn=known.fn + refused)
    best = replace(known, tp=known.tp + decided, tn=known.tn + refused)
    if rate in FALLING:
        worst, best = best, worst
    return widened(of_table(worst, rate), of_table(best, rate), least=least, most=1.0)


def areas(tables: Sequence[Unseen]) -> Bounds:
    """Bounds of the area under the ROC curve of many populations; `exact` as in `discrimination.roc_auc`.

    Swapping the outcomes of an unseen event and of an unseen non-event above it wins pairs and loses none: for however
    many events among the unseen, the area is greatest when they are those with the highest scores. Their number is then
    tried at every bin, and within a bin, where the area is a ratio of two quadratics, at its turning points. Pairs that
    meet in a bin of several scores count in full for the best and not at all for the worst.

    Its error is DeLong's for the outcomes so filled in: where the cut lies changes the greatest area by less than any
    first-order term (Danskin 1967).
    """
    best = [_best(*table) for table in tables]
    worst = [_best(*(_turned(part) for part in table)) for table in tables]
    low, high = _areas(worst), _areas(best)
    turned = Side(1 - low.value, low.variance, lambda c: (1 - low.limits(c)[1], 1 - low.limits(c)[0]))
    return widened(turned, high, least=0.0, most=1.0)


def greatest_area(negatives: ArrayLike, positives: ArrayLike, unknown: ArrayLike, exact: ArrayLike = True) -> float:
    """The greatest area under the ROC curve that these outcomes, by ascending score bin, may turn out to have; NaN
    where both outcomes cannot be. The least is 1 less that of the bins turned round.

    >>> greatest_area([1, 1, 0], [1, 0, 1], [0, 1, 1])
    0.75
    """
    return _best(negatives, positives, unknown, exact)[0]


def losses(known: Floats, known_sq: Floats, unknown: Sequence[tuple[Floats, Floats, Floats]], rows: Floats) -> Bounds:
    """Bounds of the Brier score of all `rows`; `known`, `known_sq`: sums over rows with an outcome.

    `unknown`, by population: (rows without an outcome, least and greatest score) of each bin. Such a row loses the
    lesser or the greater of p^2 and (1 - p)^2.
    """
    least = [_losses(count, np.minimum(low**2, (1 - high) ** 2)) for count, low, high in unknown]
    most = [_losses(count, np.maximum(high**2, (1 - low) ** 2)) for count, low, high in unknown]
    sides = [_mean(known, known_sq, np.array(side).reshape(-1, 2).T, rows) for side in (least, most)]
    return widened(*sides, least=0.0, most=1.0)


def _mean(known: Floats, known_sq: Floats, unknown: Floats, rows: Floats) -> Side:
    with np.errstate(divide="ignore", invalid="ignore"):
        value = (known + unknown[0]) / rows
        variance = np.maximum((known_sq + unknown[1]) / rows - np.square(value), 0.0) / rows
    return around(value, variance)


def _losses(count: Floats, loss: Floats) -> tuple[float, float]:
    return float((count * loss).sum()), float((count * loss**2).sum())


def _areas(found: Sequence[tuple[float, Floats, Floats]]) -> Side:
    value = np.array([each[0] for each in found], dtype=np.float64)
    of = rankings((negatives, positives, True) for _, negatives, positives in found).roc_auc
    smaller = np.array([min(negatives.sum(), positives.sum()) for _, negatives, positives in found], dtype=np.float64)

    def limits(c: Floats) -> tuple[Floats, Floats]:
        interval = logit_intervals(value, of.variance, smaller, "", c)
        return interval.low, interval.high

    return Side(value, of.variance, limits)


def _turned(part: ArrayLike) -> NDArray[np.generic]:
    return np.atleast_1d(np.asarray(part))[::-1]


def _best(
    negatives: ArrayLike, positives: ArrayLike, unknown: ArrayLike, exact: ArrayLike
) -> tuple[float, Floats, Floats]:
    """(greatest area, rows without and with the event by bin where it is reached)."""
    neg, pos, open_ = (np.asarray(side, dtype=np.float64) for side in (negatives, positives, unknown))
    cuts = _cuts(neg, pos, open_, np.where(np.asarray(exact, dtype=np.bool_), 0.5, 1.0))
    tried = _turning(cuts, open_, whole=np.asarray(unknown).dtype.kind != "f")
    events, others = cuts.events + tried, cuts.others - tried
    possible = (events > 0) & (others > 0)
    area = np.divide(cuts.pairs(tried), events * others, out=np.full(tried.shape, -1.0), where=possible)
    if not possible.any():
        return math.nan, neg, pos
    at, bin_ = np.unravel_index(int(area.argmax()), area.shape)
    chosen = np.where(np.arange(len(open_)) > bin_, open_, 0.0)
    chosen[bin_] = tried[at, bin_]
    return float(area[at, bin_]), neg + open_ - chosen, pos + chosen


@dataclass(frozen=True, slots=True)
class _Cuts:
    """Pairs won when the unseen above a bin are events, those below it are not, and x of those in it: by bin,
    `won` + `slope` x - `tied` x^2, of (`events` + x)(`others` - x) pairs.
    """

    won: Floats
    slope: Floats
    tied: Floats
    events: Floats
    others: Floats

    def pairs(self, x: Floats) -> Floats:
        return self.won + self.slope * x - self.tied * np.square(x)


def _cuts(neg: Floats, pos: Floats, open_: Floats, tied: Floats) -> _Cuts:
    low, high = neg + open_, pos + open_  # rows of each outcome in a bin below the cut, and above it
    below, above = _before(low), _after(high)
    among_low = _before(pos * (below + tied * low))
    among_high = _after(high * (_before(neg) + tied * neg)) - np.cumsum(neg) * above
    return _Cuts(
        won=among_low + among_high + pos * below + above * (below + low) + tied * pos * low,
        slope=below - above + tied * (low - pos),
        tied=tied,
        events=_before(pos) + pos + above,
        others=below + low + _after(neg),
    )


def _turning(cuts: _Cuts, open_: Floats, *, whole: bool) -> Floats:
    """How many of a bin's unseen may be events where the area is greatest: none, all (or all but one, where there must
    be both), or at a turning point; shape (tries, bins). The derivative of a ratio of two quadratics is a quadratic
    over a square.
    """
    product, lean = cuts.events * cuts.others, cuts.others - cuts.events
    square = cuts.slope - cuts.tied * lean
    line = 2 * (cuts.won - cuts.tied * product)
    rest = cuts.slope * product - cuts.won * lean
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.sqrt(np.maximum(line**2 - 4 * square * rest, 0.0))
        half = -(line + np.copysign(root, line)) / 2
        turns = [half / square, rest / half]
    within = [np.ones_like(open_), open_ - 1] if whole else [open_ / 2]
    found = [edge(turn) for turn in turns for edge in (np.floor, np.ceil)] if whole else turns
    held = np.nan_to_num(np.array([0 * open_, open_, *within, *found]), nan=0.0, posinf=0.0, neginf=0.0)
    return np.asarray(np.clip(held, 0.0, open_), dtype=np.float64)


def _before(values: Floats) -> Floats:
    """The sum of all earlier ones."""
    return np.cumsum(values) - values


def _after(values: Floats) -> Floats:
    return np.asarray(values.sum() - np.cumsum(values))


def _phi(z: Floats) -> Floats:
    return each(math.erfc, -z / ROOT2) / 2
