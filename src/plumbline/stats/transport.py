"""How far mass must move to turn one distribution into another: Wasserstein's distance from counts on ordered bins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plumbline.stats.special import Z95

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
Flags = NDArray[np.bool_]
EPS = float(np.finfo(np.float64).eps)
CELL = 1e-8  # rows this share of a cell beyond its edge may stand in it: the engine's rounding, ten times over


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One side: counts of shape (pairs, bins), and by pair its least and greatest value and its mean.

    `mean_error` is what the mean may be wrong by; infinite where the mean is not to be used. `row`: rows that the least
    and the greatest value count for, at the least; 0 where rows count by weight.
    """

    counts: Floats
    low: Floats
    high: Floats
    mean: Floats
    mean_error: Floats
    row: float = 1.0


@dataclass(frozen=True, slots=True)
class Transport:
    """By pair: the distance, what binning may cost, its 95 % limits, and its expectation without drift."""

    value: Floats
    error_bound: Floats
    low: Floats
    high: Floats
    null_expectation: Floats


@dataclass(frozen=True, slots=True)
class _Side:
    """A sample's distribution function by bin, between `least` and `most`; its first and last occupied bin."""

    least: Floats
    most: Floats
    first: Places
    last: Places


def wasserstein_batch(reference: Sample, current: Sample, edges: Floats) -> Transport:
    """Wasserstein-1 distance W = integral of |D|, D = F - G, for each pair; no side may be empty.

    Args: `edges` of shape (pairs, bins + 1), ascending, outer ones may be infinite: rows of bin b lie in
    [edges[b], edges[b + 1]].

    On the stretch of a bin, F and G lie between their values at its two ends, so D lies in [d0, d1] and |D| between
    max(0, d0, -d1) and max(d1, -d0). Summed times the widths that bounds W from both sides; the value takes D in the
    middle. Two facts narrow it: each sample's least and greatest value are known (its first and last row stand there,
    and beyond them its function is 0 or 1), and so are the means: the integral of D is mean(current) -
    mean(reference) = m, hence W = m + 2 integral of D's negative part = -m + 2 integral of its positive part.

    Limits: W moves by the integral of sign(D) when a row moves, which gives its variance (the delta method); they are
    widened by what W is on average without drift, sqrt(2 / pi (1/n + 1/m)) times the integral of sqrt(H (1 - H)) with
    H the pooled distribution function, since each |D| can be too large by no more than that on average.

    >>> def sample(counts, low, high, mean):
    ...     return Sample(counts=np.array([counts]), low=np.array([low]), high=np.array([high]),
    ...                   mean=np.array([mean]), mean_error=np.array([0.0]))
    >>> edges = np.array([[-np.inf, 0.0, 0.0, 1.0, 1.0, np.inf]])
    >>> before, now = sample([0.0, 3, 0, 1, 0], 0.0, 1.0, 0.25), sample([0.0, 1, 0, 3, 0], 0.0, 1.0, 0.75)
    >>> w = wasserstein_batch(before, now, edges)
    >>> round(float(w.value[0]), 6), float(w.error_bound[0]) < 1e-12
    (0.5, True)
    """
    width, d0, d1 = _strips(reference, current, edges)
    twice = d0 + d1
    value, bound = _bounded(width, d0, d1, twice, reference, current)
    reach = np.maximum(*(np.maximum(np.abs(side.low), np.abs(side.high)) for side in (reference, current)))
    bound += CELL * (width * (d1 - d0)).sum(axis=-1) + 64 * EPS * reach
    half, null = _spread(reference.counts, current.counts, width[:, 1:-1], np.sign(twice)[:, 1:-1])
    return Transport(value, bound, np.maximum(value - half, 0.0), value + half, null)


def _strips(reference: Sample, current: Sample, edges: Floats) -> tuple[Floats, Floats, Floats]:
    """Widths, and the least and greatest of F - G there: one strip a bin, with one more before and one behind.

    The one before takes from the first bin of the sample that starts late what lies under its least value, where its
    function is still 0; the one behind takes from the last bin of the sample that ends early what lies over its
    greatest value, where its function is 1 already.
    """
    starts, ends = np.maximum(reference.low, current.low), np.minimum(reference.high, current.high)
    overlap = starts <= ends
    f, g = _side(reference, overlap), _side(current, overlap)
    span = np.minimum(reference.low, current.low)[:, None], np.maximum(reference.high, current.high)[:, None]
    bounds, rows = np.clip(edges, *span), np.arange(len(edges))
    width, d0, d1 = (np.empty((len(edges), edges.shape[1] + 1)) for _ in range(3))
    np.subtract(bounds[:, 1:], bounds[:, :-1], out=width[:, 1:-1])
    np.subtract(f.least, g.most, out=d0[:, 1:-1])
    np.subtract(f.most, g.least, out=d1[:, 1:-1])

    late = reference.low >= current.low
    at = np.where(late, f.first, g.first)
    left, right = bounds[rows, at], bounds[rows, at + 1]
    start = np.where(overlap, np.clip(starts, left, right), left)
    d0[:, 0], d1[:, 0] = _between(f, g, at, late, 0.0)
    width[:, 0], width[rows, at + 1], bounds[rows, at] = start - left, right - start, start

    early = reference.high <= current.high
    at = np.where(early, f.last, g.last)
    left, right = bounds[rows, at], bounds[rows, at + 1]
    end = np.where(overlap, np.clip(ends, left, right), right)
    d0[:, -1], d1[:, -1] = _between(f, g, at, early, 1.0)
    width[:, -1], width[rows, at + 1] = right - end, end - left
    # A sample of one row has no least below its most; its strip has no width either.
    return width, np.minimum(d0, d1), np.maximum(d0, d1)


def _side(sample: Sample, overlap: Flags) -> _Side:
    counts = sample.counts
    up_to = np.cumsum(counts, axis=-1)
    n = up_to[:, -1]
    most = up_to / n[:, None]
    least = np.zeros_like(most)
    least[:, 1:] = most[:, :-1]
    first = np.argmax(counts > 0, axis=-1)
    last = counts.shape[1] - 1 - np.argmax(counts[:, ::-1] > 0, axis=-1)
    rows, one = np.arange(len(counts)), np.where(overlap, sample.row / n, 0.0)
    # The first row stands at the least value itself, the last at the greatest.
    least[rows, first], most[rows, last] = one, 1 - one
    return _Side(least, most, first, last)


def _between(f: _Side, g: _Side, at: Places, f_known: Flags, known: float) -> tuple[Floats, Floats]:
    """Least and greatest of F - G where one of the two is `known` and the other is within bin `at`."""
    rows = np.arange(len(at))
    f_least, f_most = (np.where(f_known, known, part[rows, at]) for part in (f.least, f.most))
    g_least, g_most = (np.where(f_known, part[rows, at], known) for part in (g.least, g.most))
    return f_least - g_most, f_most - g_least


def _bounded(
    width: Floats, d0: Floats, d1: Floats, twice: Floats, reference: Sample, current: Sample
) -> tuple[Floats, Floats]:
    """The distance with D in the middle of its stretch, `twice` that, and the most that it can be wrong by."""
    above_sum, above_most = ((width * np.maximum(part, 0.0)).sum(axis=-1) for part in (d0, d1))
    below_sum, below_most = (-(width * np.minimum(part, 0.0)).sum(axis=-1) for part in (d1, d0))
    gap, error = current.mean - reference.mean, current.mean_error + reference.mean_error
    low = np.max([above_sum + below_sum, gap - error + 2 * below_sum, -gap - error + 2 * above_sum], axis=0)
    most = (width * np.maximum(d1, -d0)).sum(axis=-1)
    high = np.min([most, gap + error + 2 * below_most, -gap + error + 2 * above_most], axis=0)
    value = np.maximum(np.minimum((width * np.abs(twice)).sum(axis=-1) / 2, high), low)
    return value, np.maximum(high - value, value - low)


def _spread(reference: Floats, current: Floats, width: Floats, sign: Floats) -> tuple[Floats, Floats]:
    """Half the width of the limits, and the expectation without drift."""
    step = sign * width
    moved = np.cumsum(step, axis=-1) - step / 2
    variance = np.zeros(len(width))
    for counts in (reference, current):
        n = counts.sum(axis=-1)
        mean = (counts * moved).sum(axis=-1) / n
        variance += (counts * (moved - mean[:, None]) ** 2).sum(axis=-1) / n**2
    pooled = reference + current
    total = pooled.sum(axis=-1)
    share = (np.cumsum(pooled, axis=-1) - pooled / 2) / total[:, None]
    rate = 1 / reference.sum(axis=-1) + 1 / current.sum(axis=-1)
    null = np.sqrt(2 / np.pi * rate) * (width * np.sqrt(np.maximum(share * (1 - share), 0.0))).sum(axis=-1)
    return Z95 * np.sqrt(variance) + null, null
