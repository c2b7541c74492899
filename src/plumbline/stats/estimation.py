"""Performance without labels: how often the event comes at each score, learnt where outcomes are known.

Confidence-based performance estimation (CBPE; NannyML 2022): a row whose calibrated probability is p counts as p of an
event and 1 - p of none, and every figure is computed from these expected counts as from known ones. It holds as long
as the event comes as often at each score as it did on the reference: no concept shift. Of several classes each is an
event of its own against all others, calibrated by its own score alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plumbline.stats.classification import Rates, shares
from plumbline.stats.intervals import wilson_of
from plumbline.stats.recalibration import fitted, logistic

Floats = NDArray[np.float64]
LEAST_SPREAD = 0.25  # the most that one row can vary: half a row, squared
LINE = 2  # parameters of a logistic curve
LEAST = float(np.finfo(np.float64).eps)  # a probability's least distance from 0 and 1


@dataclass(frozen=True, slots=True)
class Calibrated:
    """Probability of the event by score bin, of all bins; `first` and `last` are the outermost ones that it rests on.

    `isotonic` is False where they follow a logistic curve.
    """

    rates: Floats
    first: int
    last: int
    isotonic: bool


def isotonic(negatives: ArrayLike, positives: ArrayLike) -> Floats:
    """Event rates by ascending score, held to rise: the most likely ones (pool adjacent violators, Ayer 1955).

    Args: rows by bin, shapes (bins,), each bin with at least one row.

    >>> isotonic([1, 0, 1, 0], [0, 1, 0, 1]).tolist()
    [0.0, 0.5, 0.5, 1.0]
    """
    blocks: list[tuple[float, float, int]] = []
    sides = (np.asarray(side, dtype=np.float64).tolist() for side in (negatives, positives))
    for without, events in zip(*sides, strict=True):
        rows, bins = without + events, 1
        while blocks and blocks[-1][1] * rows >= events * blocks[-1][0]:
            more, hits, width = blocks.pop()
            rows, events, bins = rows + more, events + hits, bins + width
        blocks.append((rows, events, bins))
    rates = [events / rows for rows, events, _ in blocks]
    return np.repeat(np.asarray(rates, dtype=np.float64), [bins for *_, bins in blocks])


def calibrate(index: ArrayLike, negatives: ArrayLike, positives: ArrayLike, scores: ArrayLike) -> Calibrated | None:
    """How often the event comes at each score: along a logistic curve of the score's logit, or by isotonic steps.

    The curve costs two parameters and corrects what scores are mostly wrong by, their level and their sureness; steps
    cost one for each distinct rate, and look more able to rank than they are. So steps are taken where Akaike's
    criterion (1974) prefers them, or where no curve exists. Args: occupied bins (ascending) and their rows, shapes
    (k,); `scores`, a score of every bin, shape (bins,). None for a single outcome.

    >>> scores = np.array([0.1, 0.3, 0.5, 0.7])
    >>> calibrate([0, 1, 3], [90, 70, 30], [10, 30, 70], scores).rates.round(9).tolist()
    [0.1, 0.3, 0.5, 0.7]
    >>> calibrate([0, 1, 3], [990, 500, 500], [10, 500, 500], scores).rates.round(9).tolist()
    [0.01, 0.5, 0.5, 0.5]
    """
    without, events = (np.asarray(side, dtype=np.float64) for side in (negatives, positives))
    given = np.asarray(scores, dtype=np.float64)
    steps = by_score(index, without, events, len(given))
    if steps is None or not without.sum() or not events.sum():
        return None
    at = np.asarray(index)
    line = fitted(without, events, given[at])
    if line is None:
        return steps
    curve = logistic(given, *line)
    gain = _log_likelihood(without, events, steps.rates[at]) - _log_likelihood(without, events, curve[at])
    distinct = 1 + np.count_nonzero(np.diff(steps.rates[at[without + events > 0]]))
    return steps if gain > distinct - LINE else replace(steps, rates=curve, isotonic=False)


def by_score(index: ArrayLike, negatives: ArrayLike, positives: ArrayLike, bins: int) -> Calibrated | None:
    """Isotonic rates of all `bins`, between occupied ones interpolated, outside held; None without a row.

    >>> by_score([0, 2], [3, 1], [1, 3], 4).rates.tolist()
    [0.25, 0.5, 0.75, 0.75]
    """
    without, events = (np.asarray(side, dtype=np.float64) for side in (negatives, positives))
    held = without + events > 0
    if not held.any():
        return None
    at = np.asarray(index)[held]
    rates = np.interp(np.arange(bins), at, isotonic(without[held], events[held]))
    return Calibrated(np.asarray(rates, dtype=np.float64), int(at[0]), int(at[-1]), True)


def unequal_shares(tables: Iterable[tuple[ArrayLike, ArrayLike]]) -> Rates:
    """Shares of rows for which something is expected: of each population, by bin, rows expected to have it, and rows.

    Rows of a bin have one chance p. Rows of unequal chances vary less than rows of their mean chance: by sum(p) -
    sum(p^2) and not n m (1 - m) (Poisson 1837). Limits are Wilson's for as many more rows of one chance as vary no
    more, yet never less than half a row would; the variance is that of rows drawn anew, whose chances are drawn too.

    >>> found = unequal_shares([([50.0], [100.0]), ([0.0, 50.0], [50.0, 50.0])])
    >>> found.value.tolist(), found.interval.high.round(3).tolist()
    ([0.5, 0.5], [0.596, 0.51])
    """
    k, square, n = np.array([_sums(*table) for table in tables], dtype=np.float64).reshape(-1, 3).T
    found = shares(k, n)
    with np.errstate(divide="ignore", invalid="ignore"):
        more = np.fmax(k * (1 - k / n) / np.fmax(k - square, LEAST_SPREAD), 1.0)
    return replace(found, interval=wilson_of(k * more, n * more))


def _sums(hits: ArrayLike, rows: ArrayLike) -> tuple[float, float, float]:
    """Of the chances of all rows: their sum, that of their squares, and how many there are."""
    k, n = (np.asarray(side, dtype=np.float64) for side in (hits, rows))
    squares = np.divide(k * k, n, out=np.zeros_like(k), where=n > 0)
    return float(k.sum()), float(squares.sum()), float(n.sum())


def _log_likelihood(negatives: Floats, positives: Floats, rates: Floats) -> float:
    p = np.clip(rates, LEAST, 1 - LEAST)
    return float((positives * np.log(p) + negatives * np.log1p(-p)).sum())


@dataclass(frozen=True, slots=True)
class Loss:
    """Expected loss of a row in each score bin, its expected square, and the most that the bin's width can move it."""

    mean: Floats
    square: Floats
    bound: Floats


def brier(rates: Floats, low: Floats, high: Floats) -> Loss:
    """(score - outcome)^2 of rows whose scores lie in [low, high] and whose event comes at these rates; shapes (bins,).

    >>> brier(np.array([0.2]), np.array([0.5]), np.array([0.5])).mean.tolist()
    [0.25]
    """
    middle = (low + high) / 2
    ends = [_mixed(rates, (1 - at) ** 2, at**2) for at in (low, middle, high)]
    return Loss(ends[1], _mixed(rates, (1 - middle) ** 4, middle**4), _reach(*ends))


def log_loss(rates: Floats, low: Floats, high: Floats) -> Loss:
    """-ln(probability given to what happens), arguments as for `brier`.

    >>> log_loss(np.array([0.5]), np.array([0.5]), np.array([0.5])).mean.round(6).tolist()
    [0.693147]
    """
    losses = []
    for at in (low, (low + high) / 2, high):
        held = np.clip(at, LEAST, 1 - LEAST)
        losses.append((-np.log(held), -np.log1p(-held)))
    ends = [_mixed(rates, *each) for each in losses]
    of_event, of_none = losses[1]
    return Loss(ends[1], _mixed(rates, of_event**2, of_none**2), _reach(*ends))


def log_loss_of_class(rates: Floats, low: Floats, high: Floats) -> Loss:
    """-ln(probability) where the class comes, nothing where another does: of all classes they add up to a row's log
    loss. Arguments as for `brier`.

    >>> log_loss_of_class(np.array([0.5]), np.array([0.5]), np.array([0.5])).mean.round(6).tolist()
    [0.346574]
    """
    ends = [-np.log(np.clip(at, LEAST, 1.0)) for at in (low, (low + high) / 2, high)]
    return Loss(rates * ends[1], rates * ends[1] ** 2, rates * _reach(*ends))


def _mixed(rates: Floats, event: Floats, none: Floats) -> Floats:
    return rates * event + (1 - rates) * none


def _reach(low: Floats, middle: Floats, high: Floats) -> Floats:
    """Both losses are convex in the score: from the middle of a bin none lies farther than at one of its ends."""
    return np.maximum(np.abs(low - middle), np.abs(high - middle))
