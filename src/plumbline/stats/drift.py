"""How far two distributions stand apart: counts on one frozen grid in, distances and tests out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plumbline.stats.intervals import newcombe_of
from plumbline.stats.special import CONFIDENCE, Z95, Z975, chi_square_tail, kolmogorov_tail

Floats = NDArray[np.float64]
FLOOR = 1e-4  # the share that stands for an empty bin
EMPTIED = 1e-4  # a bin that chance empties more rarely was emptied: one window looks at some hundreds of bins


@dataclass(frozen=True, slots=True)
class Psi:
    """Population stability index; `contributions` has one term a bin, `null_expectation` is its mean without drift."""

    value: float
    null_expectation: float
    contributions: tuple[float, ...]
    n_reference: int
    n_current: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ChiSquare:
    statistic: float
    dof: int
    p_value: float


@dataclass(frozen=True, slots=True)
class Ks:
    """Largest gap of two distribution functions; the exact one lies in [value, value + error_bound]."""

    value: float
    p_value: float
    error_bound: float
    low: float
    high: float


def psi(reference: ArrayLike, current: ArrayLike, *, floor: float = FLOOR) -> Psi:
    """PSI = sum (a - e) ln(a / e) over bins; an empty share becomes `floor`, then shares are renormalised.

    Bins empty on both sides are dropped. Without drift PSI is about (bins - 1)(1/N + 1/M) (Yurdakul 2018), and where
    chance alone may have emptied a bin, more by what the floor adds there over half a row (Anscombe 1956).

    >>> p = psi([50, 50], [60, 40])
    >>> round(p.value, 6), round(p.null_expectation, 6)
    (0.040547, 0.02)
    """
    ref, cur = _table(reference), _table(current)
    batch = psi_batch(ref, cur, floor=floor)
    return Psi(
        value=float(batch.value[0]),
        null_expectation=float(batch.null_expectation[0]),
        contributions=tuple(batch.contributions[0].tolist()),
        n_reference=int(ref.sum()),
        n_current=int(cur.sum()),
        low=float(batch.low[0]),
        high=float(batch.high[0]),
    )


@dataclass(frozen=True, slots=True)
class PsiBatch:
    """`Psi` for many pairs of rows at once; arrays of shape (pairs,), contributions (pairs, bins)."""

    value: Floats
    null_expectation: Floats
    contributions: Floats
    low: Floats
    high: Floats


def psi_batch(reference: Floats, current: Floats, *, floor: float = FLOOR) -> PsiBatch:
    """PSI of each row of two count tables of shape (pairs, bins); rows must not be empty.

    The interval is the delta method for two multinomials, widened by the spread that PSI has without drift.
    """
    used = (reference + current) > 0
    e, a = _floored(reference, used, floor), _floored(current, used, floor)
    log_ratio = np.log(np.where(used, a, 1.0) / np.where(used, e, 1.0))
    contributions = (a - e) * log_ratio
    value = contributions.sum(axis=-1)
    rate = 1 / reference.sum(axis=-1) + 1 / current.sum(axis=-1)
    dof = np.maximum(used.sum(axis=-1) - 1, 0)
    spread = _delta(a, log_ratio + 1 - _ratio(e, a, used), current)
    spread += _delta(e, 1 - log_ratio - _ratio(a, e, used), reference)
    half = Z95 * np.sqrt(spread + 2 * dof * rate**2)
    null = dof * rate + _by_floor(reference, current, floor) + _by_floor(current, reference, floor)
    return PsiBatch(value, null, contributions, np.maximum(value - half, 0.0), value + half)


def pool(reference: ArrayLike, current: ArrayLike, minimum: float = 5.0) -> tuple[Floats, Floats]:
    """Merge the bins whose expected count (under no difference) is under `minimum` on either side into one.

    If that one is still too thin it joins the thinnest of the others.

    >>> pool([100, 2, 1], [90, 1, 9])
    (array([100.,   3.]), array([90., 10.]))
    """
    ref, cur = pool_batch(_table(reference), _table(current), minimum)
    kept = (ref[0] + cur[0]) > 0
    return ref[0][kept], cur[0][kept]


def pool_batch(reference: Floats, current: Floats, minimum: float = 5.0) -> tuple[Floats, Floats]:
    """`pool` for each row of two tables; pooled bins become zero and their sum stands in a last column."""
    smaller = np.minimum(reference.sum(axis=-1), current.sum(axis=-1)) / (reference + current).sum(axis=-1)
    expected = (reference + current) * smaller[:, None]
    thin = (expected > 0) & (expected < minimum)
    ref, cur = _with_pool(reference, thin), _with_pool(current, thin)
    expected = (ref + cur) * smaller[:, None]
    rest = np.where(expected[:, :-1] > 0, expected[:, :-1], np.inf)
    short = (expected[:, -1] > 0) & (expected[:, -1] < minimum) & np.isfinite(rest.min(axis=-1))
    for row in np.flatnonzero(short):
        thinnest = int(rest[row].argmin())
        for table in (ref, cur):
            table[row, -1] += table[row, thinnest]
            table[row, thinnest] = 0.0
    return ref, cur


def chi_square(reference: ArrayLike, current: ArrayLike) -> ChiSquare:
    """Two-sample (contingency) chi-square of homogeneity, no continuity correction; bins empty on both sides drop out.

    >>> c = chi_square([16, 18, 16, 14, 12, 12], [16, 16, 16, 16, 16, 8])
    >>> round(c.statistic, 6), c.dof, round(c.p_value, 6)
    (1.622409, 5, 0.898526)
    """
    statistic, dof, p_value = chi_square_batch(_table(reference), _table(current))
    return ChiSquare(float(statistic[0]), int(dof[0]), float(p_value[0]))


def chi_square_batch(reference: Floats, current: Floats) -> tuple[Floats, NDArray[np.int64], Floats]:
    """(statistic, degrees of freedom, p-value) for each row of two count tables."""
    column = reference + current
    n_ref, n_cur = reference.sum(axis=-1, keepdims=True), current.sum(axis=-1, keepdims=True)
    # (a/A - b/B)^2 AB/(a+b) summed over bins: the contingency statistic without building the expected table
    gap = reference / n_ref - current / n_cur
    terms = gap**2 * n_ref * n_cur / np.where(column > 0, column, 1.0)
    statistic = terms.sum(axis=-1)
    dof = np.maximum((column > 0).sum(axis=-1) - 1, 0).astype(np.int64)
    p_value = np.where(dof > 0, chi_square_tail(np.maximum(dof, 1), statistic), 1.0)
    return statistic, dof, p_value


def ks(reference: ArrayLike, current: ArrayLike, *, exact: ArrayLike = False) -> Ks:
    """Two-sample Kolmogorov-Smirnov from counts on ordered bins; `exact` (one for all, or one a bin)
    where a bin is one value.

    p is the asymptotic Kolmogorov tail; limits are Newcombe's of the two shares at the largest gap, the lower one at
    97.5 % and 0 where that test does not tell the gap from 0.

    >>> k = ks([10, 10, 10, 10], [5, 5, 15, 15], exact=True)
    >>> round(k.value, 3), round(k.p_value, 3), k.error_bound
    (0.25, 0.164, 0.0)
    """
    batch = ks_batch(_table(reference), _table(current), exact=exact)
    return Ks(*(float(part[0]) for part in batch))


def ks_batch(
    reference: Floats, current: Floats, *, exact: ArrayLike = False, room: Floats | None = None
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """(value, p-value, error bound, low, high) for each row of two count tables on ordered bins.

    A reference of one row serves all rows. `room` of shape (4, rows, bins) is reckoned in, where it is given.
    """
    n, m, r = reference.sum(axis=-1), current.sum(axis=-1), reference / reference.sum(axis=-1, keepdims=True)
    c, step, gap, spare = np.empty((4, *current.shape)) if room is None else room
    np.subtract(r, np.divide(current, m[:, None], out=c), out=step)
    np.cumsum(step, axis=-1, out=gap)
    largest = np.arange(len(gap)), np.abs(gap, out=spare).argmax(axis=-1)
    signed, value = gap[largest], np.minimum(spare[largest], 1.0)
    # Within a bin of several values either sample may come first, so the gap can reach (before + r) or (before - c).
    before = np.subtract(gap, step, out=gap)
    reach = np.maximum(np.add(before, r, out=spare), np.subtract(c, before, out=c), out=spare)
    reach *= ~np.asarray(exact, dtype=np.bool_)
    bound = np.maximum(reach.max(axis=-1) - value, 0.0)
    p_value = kolmogorov_tail(np.sqrt(n * m / (n + m)) * value)
    share = np.clip(np.broadcast_to(np.cumsum(r, axis=-1), current.shape)[largest], 0.0, 1.0)
    return value, p_value, bound, *_limits(signed, share, n, m, p_value)


def _limits(signed: Floats, one: Floats, n: Floats, m: Floats, p_value: Floats) -> tuple[Floats, Floats]:
    """(low, high) of the largest gap of the distribution functions, where the reference's is `one`."""
    two = np.clip(one - signed, 0.0, 1.0)
    wide, limits = newcombe_of(one * n, n, two * m, m, Z975), newcombe_of(one * n, n, two * m, m)
    low, high = np.where(signed >= 0, [wide.low, limits.high], [-wide.high, -limits.low])
    return np.where(p_value < 1 - CONFIDENCE, np.maximum(low, 0.0), 0.0), np.minimum(high, 1.0)


def _table(counts: ArrayLike) -> Floats:
    return np.asarray(counts, dtype=np.float64)[None, :]


def _floored(counts: Floats, used: NDArray[np.bool_], floor: float) -> Floats:
    share = counts / counts.sum(axis=-1, keepdims=True)
    share = np.where(used & (share == 0), floor, share)
    result: Floats = share / share.sum(axis=-1, keepdims=True)
    return result


def _by_floor(counts: Floats, other: Floats, floor: float) -> Floats:
    """What the floor says of bins without rows here, beyond what so few rows can know: no share under half a row.

    The logarithm of a share that no row came to is estimated all but free of bias from half a row (Anscombe, On
    estimating binomial response relations, 1956). A bin that chance does not empty keeps all of its floor.
    """
    n, m = counts.sum(axis=-1, keepdims=True), other.sum(axis=-1, keepdims=True)
    empty = (counts == 0) & (other > 0) & ((1 - other / (n + m)) ** n >= EMPTIED)
    share = np.where(empty, other / m, 1.0)
    half = np.minimum(np.maximum(0.5 / n, floor), share)
    surplus = (share - floor) * np.log(share / floor) - (share - half) * np.log(share / half)
    result: Floats = np.where(empty, np.maximum(surplus, 0.0), 0.0).sum(axis=-1)
    return result


def _ratio(top: Floats, bottom: Floats, used: NDArray[np.bool_]) -> Floats:
    return np.divide(top, bottom, out=np.zeros_like(top), where=used)


def _delta(share: Floats, gradient: Floats, counts: Floats) -> Floats:
    """Variance of a smooth function of multinomial shares: (sum p g^2 - (sum p g)^2) / n."""
    gradient = np.clip(gradient, -1e100, 1e100)  # an absurdly small floor must not overflow
    first, second = (share * gradient).sum(axis=-1), (share * gradient**2).sum(axis=-1)
    result: Floats = np.maximum(second - first**2, 0.0) / counts.sum(axis=-1)
    return result


def _with_pool(counts: Floats, thin: NDArray[np.bool_]) -> Floats:
    pooled = np.where(thin, counts, 0.0).sum(axis=-1, keepdims=True)
    return np.concatenate([np.where(thin, 0.0, counts), pooled], axis=-1)
