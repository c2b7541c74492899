"""Logistic recalibration: how outcomes follow the logit of the score, from counts by score bin, with a proven bound."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plumbline.stats.calibration import Figure
from plumbline.stats.intervals import around

Floats = NDArray[np.float64]
CLIP = float(np.finfo(np.float64).eps)  # a probability's least distance from 0 and 1, as for the log loss
STEPS = 40
# Squares of a step in standard errors: near enough for whole steps, and done.
NEAR, SETTLED = 1e-2, 1e-20
GROUPS = 256
METHOD = "Wald"


@dataclass(frozen=True, slots=True)
class Recalibration:
    """Intercept and slope, and the most that binning can have moved either."""

    intercept: Figure
    slope: Figure
    intercept_bound: float
    slope_bound: float


@dataclass(frozen=True, slots=True)
class _Cells:
    """Occupied bins: rows without and with the event, and the logit's least, middle and greatest value, all less
    `origin`, so that slope and level hang together as little as can be.
    """

    negatives: Floats
    positives: Floats
    low: Floats
    middle: Floats
    high: Floats
    origin: float

    @property
    def n(self) -> Floats:
        return self.negatives + self.positives

    @property
    def reach(self) -> Floats:
        return np.maximum(self.high - self.middle, self.middle - self.low)

    @property
    def far(self) -> Floats:
        return np.maximum(np.abs(self.low), np.abs(self.high))


def recalibrate(negatives: ArrayLike, positives: ArrayLike, low: ArrayLike, high: ArrayLike) -> Recalibration | None:
    """Maximum likelihood of P(event) = 1 / (1 + exp(-(a + b z))), z = ln(p / (1 - p)), p held to [eps, 1 - eps].

    Slope 1 and intercept 0 = the scores are right as they stand (Cox 1958; Van Calster and others 2019). Scores of
    bin k lie in [low[k], high[k]]; shapes (bins,). None when no finite answer exists (one outcome, one score, outcomes
    parted by the score) or when the bins are too wide for one to be proven.

    The bound. Let t = (a, b) be the answer from the bins' middles, t* the exact one, d = t* - t, and G, H gradient and
    Hessian of the exact minus log likelihood at t. Mean value: 0 = G + K d with K the mean of the Hessian on the way.
    A row's weight s (1 - s) falls by at most the factor exp(-u) where its a + b z moves by u, so d'Kd >=
    (1 - exp(-u)) / u d'Hd with u the largest |d'(1, z)|. For any matrix M <= H, with |d| = sqrt(d'Md), r the largest
    sqrt((1, z) M^-1 (1, z)') and l the largest sqrt(G'M^-1 G): u <= r |d|, and (1 - exp(-u)) / u |d| <= l; so
    1 - exp(-r |d|) <= l r, hence |d| <= -ln(1 - l r) / r when l r < 1 (then t* exists: on that ellipse every
    derivative outwards is positive). A coordinate j of d is at most |d| sqrt(M^-1[j, j]).
    G is the gradient at the middles, and each bin's rows add at most rows times the largest derivative in the bin times
    its reach; M is the Hessian at the middles less the like error of its three entries.

    >>> fit = recalibrate([8, 5, 2], [2, 5, 8], [0.2, 0.5, 0.8], [0.2, 0.5, 0.8])
    >>> round(fit.slope.value, 9), fit.slope_bound < 1e-9
    (1.0, True)
    >>> recalibrate([5, 0], [0, 5], [0.2, 0.8], [0.2, 0.8]) is None
    True
    """
    cells = _cells(negatives, positives, low, high)
    found = _fit(cells)
    if found is None:
        return None
    bounds = _bounds(cells, found)
    if bounds is None:
        return None
    spread = np.linalg.inv(_hessian(cells.middle, cells.n * _weight(found, cells.middle)))
    intercept, slope = (
        _figure(float(at @ found), float(at @ spread @ at)) for at in (_at_zero(cells), np.array([0.0, 1.0]))
    )
    return Recalibration(intercept, slope, *bounds)


def fitted(negatives: ArrayLike, positives: ArrayLike, scores: ArrayLike) -> tuple[float, float] | None:
    """(intercept, slope) as of `recalibrate`, from the scores themselves, without what they may be wrong by.

    Rows without and with the event at each score, shapes (k,). None where no finite answer exists.

    >>> tuple(round(each, 9) + 0.0 for each in fitted([8, 5, 2], [2, 5, 8], [0.2, 0.5, 0.8]))
    (0.0, 1.0)
    """
    cells = _cells(negatives, positives, scores, scores)
    found = _fit(cells)
    return None if found is None else (float(_at_zero(cells) @ found), float(found[1]))


def logistic(scores: ArrayLike, intercept: float, slope: float) -> Floats:
    """P(event) at each score by its logit, as `recalibrate` has it; any shape.

    >>> logistic([0.2, 0.5], 0.0, 1.0).round(9).tolist()
    [0.2, 0.5]
    """
    return _expit(intercept + slope * _logit(np.asarray(scores, dtype=np.float64)))


def _figure(value: float, variance: float) -> Figure:
    return Figure(value, around(value, variance, METHOD), variance)


def _at_zero(cells: _Cells) -> Floats:
    """What makes the intercept of level and slope: the line where the logit itself is 0."""
    return np.array([1.0, -cells.origin])


def _cells(negatives: ArrayLike, positives: ArrayLike, low: ArrayLike, high: ArrayLike) -> _Cells:
    neg, pos, lows, highs = (np.asarray(each, dtype=np.float64) for each in (negatives, positives, low, high))
    held = neg + pos > 0
    lows, highs = lows[held], highs[held]
    low_z, middle, high_z = (_logit(side) for side in (lows, (lows + highs) / 2, highs))
    n = neg[held] + pos[held]
    origin = float((n * middle).sum() / n.sum()) if len(n) else 0.0
    return _Cells(neg[held], pos[held], low_z - origin, middle - origin, high_z - origin, origin)


def _logit(p: Floats) -> Floats:
    held = np.clip(p, CLIP, 1 - CLIP)
    return np.log(held / (1 - held))


def _fit(cells: _Cells) -> Floats | None:
    """Maximum likelihood at the bins' middles: near it from a few hundred groups of bins, then on all of them.

    None where no finite answer exists.
    """
    if not cells.negatives.any() or not cells.positives.any() or cells.middle[0] == cells.middle[-1]:
        return None
    at, size = _approach(*_grouped(cells)), math.inf
    while at is not None and size > SETTLED:
        step, next_size = _step(at, cells.n, cells.positives, cells.middle)
        # Newton's steps shrink at once, or they are not near and nothing will be proven.
        if not next_size < size:
            return None
        at, size = at - step, next_size
    return at


def _approach(n: Floats, events: Floats, z: Floats) -> Floats | None:
    """Newton's steps, halved while they do not help; None where they lead away for ever."""
    rate = events.sum() / n.sum()
    at = np.array([math.log(rate / (1 - rate)), 0.0])
    cost = _cost(at, n, events, z)
    for _ in range(STEPS):
        step, size = _step(at, n, events, z)
        if not math.isfinite(size):
            return None
        if size < NEAR:
            return at - step
        share = 1.0
        while (after := _cost(at - share * step, n, events, z)) > cost and share > NEAR:
            share /= 2
        at, cost = at - share * step, after
    return None


def _step(at: Floats, n: Floats, events: Floats, z: Floats) -> tuple[Floats, float]:
    """Newton's step and its size in standard errors, squared; infinite where there is none."""
    share = _expit(at[0] + at[1] * z)
    gradient, hessian = _sums(n * share - events, z), _hessian(z, n * share * (1 - share))
    if not np.linalg.det(hessian) > 0:
        return at, math.inf
    step = np.asarray(np.linalg.solve(hessian, gradient), dtype=np.float64)
    return step, abs(float(gradient @ step))


def _cost(at: Floats, n: Floats, events: Floats, z: Floats) -> float:
    eta = at[0] + at[1] * z
    return float((n * np.logaddexp(0, eta) - events * eta).sum())


def _grouped(cells: _Cells) -> tuple[Floats, Floats, Floats]:
    """Neighbouring bins together, at most GROUPS of them: rows, events, mean logit."""
    starts = np.linspace(0, len(cells.n), min(GROUPS, len(cells.n)), endpoint=False).astype(np.intp)
    n, events, total = (np.add.reduceat(each, starts) for each in (cells.n, cells.positives, cells.n * cells.middle))
    return n, events, total / n


def _bounds(cells: _Cells, at: Floats) -> tuple[float, float] | None:
    """(of the intercept, of the slope); None where the proof fails."""
    slope, n = abs(float(at[1])), cells.n
    ends = [at[0] + at[1] * side for side in (cells.low, cells.high)]
    least, most = np.minimum(*ends), np.maximum(*ends)
    nearest = np.where(least * most <= 0, 0.0, np.minimum(np.abs(least), np.abs(most)))
    weight = _slope_of(nearest)  # the largest in the bin
    moved = n * cells.reach * weight * slope
    # d/dz of (s - y) z: of rows without the event s + b w z, of the others s - 1 + b w z.
    outcome = cells.negatives * _expit(most) + cells.positives * _expit(-least)
    residual = np.abs(_sums(n * _expit(at[0] + at[1] * cells.middle) - cells.positives, cells.middle))
    gradient = residual + np.array([moved.sum(), (moved * cells.far + outcome * cells.reach).sum()])
    slack = _slack(moved, n * cells.reach * weight, cells.far)
    matrix = _hessian(cells.middle, n * _weight(at, cells.middle))
    # Of a symmetric error with entries up to e, diag(e00 + e01 q, e11 + e01 / q) is never less, for any q > 0.
    q = math.sqrt(matrix[1, 1] / matrix[0, 0])
    matrix -= np.diag([slack[0] + slack[1] * q, slack[2] + slack[1] / q]) + 1e-12 * np.diag(np.diagonal(matrix))
    if matrix[0, 0] <= 0 or np.linalg.det(matrix) <= 0:
        return None
    inverse = np.asarray(np.linalg.inv(matrix), dtype=np.float64)
    return _ellipse(inverse, gradient, cells)


def _slack(moved: Floats, weighted: Floats, far: Floats) -> tuple[float, float, float]:
    """What the Hessian's entries, sums of w z^m, can be wrong by: |(w z^m)'| is at most w (|b| |z|^m + m |z|^(m-1))."""
    return (
        float(moved.sum()),
        float((moved * far + weighted).sum()),
        float((moved * far**2 + 2 * weighted * far).sum()),
    )


def _ellipse(inverse: Floats, gradient: Floats, cells: _Cells) -> tuple[float, float] | None:
    """The bounds from M^-1 and from how large each entry of the gradient can be, whatever its sign."""
    length = math.sqrt(float(gradient @ np.abs(inverse) @ gradient))
    # A convex function of z is largest at an end.
    ends = np.array([cells.low.min(), cells.high.max()])
    reach = math.sqrt(float((inverse[0, 0] + 2 * inverse[0, 1] * ends + inverse[1, 1] * ends**2).max()))
    if length * reach >= 1:
        return None
    size = -math.log1p(-length * reach) / reach
    of_intercept, of_slope = (
        size * math.sqrt(float(at @ inverse @ at)) * (1 + 1e-9) + 1e-10
        for at in (_at_zero(cells), np.array([0.0, 1.0]))
    )
    return of_intercept, of_slope


def _weight(at: Floats, z: Floats) -> Floats:
    return _slope_of(at[0] + at[1] * z)


def _expit(eta: Floats) -> Floats:
    """1 / (1 + exp(-eta)); scipy's own takes eight times as long."""
    result: Floats = 1 / (1 + np.exp(-np.maximum(eta, -700.0)))
    return result


def _slope_of(eta: Floats) -> Floats:
    """The derivative of the logistic function, s (1 - s)."""
    small = np.exp(-np.abs(eta))
    result: Floats = small / (1 + small) ** 2
    return result


def _hessian(z: Floats, weight: Floats) -> Floats:
    cross = float((weight * z).sum())
    return np.array([[float(weight.sum()), cross], [cross, float((weight * z * z).sum())]])


def _sums(values: Floats, z: Floats) -> Floats:
    return np.array([values.sum(), (values * z).sum()])
