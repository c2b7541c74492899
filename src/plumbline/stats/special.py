"""The normal distribution's constants, and the tails p-values come from: Kolmogorov, chi-square, beta, binomial.

By numpy alone, with the saddle-point form of Loader (Fast and accurate computation of binomial probabilities, 2000):
scipy.special has them too, but takes half a second to import, more than all the rest of a small run.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

CONFIDENCE = 0.95
Z90 = 1.6448536269514722  # standard normal quantile at 0.95
Z95 = 1.959963984540054  # the same at 0.975
Z975 = 2.241402727604947  # and at 0.9875
_FEW = 16  # under it Stirling's series is not exact enough
# log(k!) less Stirling's formula, for k = 0, 1/2, 1, ...
_STIRLING = np.array(
    [0.0, *(math.lgamma(k + 1) - (k + 0.5) * math.log(k) + k - math.log(math.tau) / 2
            for k in np.arange(1, 2 * _FEW) / 2)]
)  # fmt: skip
_MANY = 100  # a sum over so many steps has long become exact before they are used up
_BLOCK = 256  # terms reckoned at once


def two_sided(z: float) -> float:
    """Two-sided normal p-value of a z score.

    >>> round(two_sided(1.959963984540054), 6)
    0.05
    """
    return math.erfc(abs(z) / math.sqrt(2.0))


def kolmogorov_tail(z: ArrayLike) -> Floats:
    """Kolmogorov's survival function Q(z) = 2 sum (-1)^(k-1) exp(-2 k^2 z^2), element by element.

    >>> round(float(kolmogorov_tail(0.8)), 4)
    0.5441
    """
    z = np.maximum(np.asarray(z, dtype=np.float64), 0.04)  # below, the tail is 1 to the last digit
    k = np.arange(1.0, 6.0)
    # Not `@`: its last digit would hang on which other elements there are.
    far = (-2 * (-1.0) ** k * np.exp(-2 * np.square(z[..., None] * k))).sum(axis=-1)
    # The same function as a series in 1 / z, which near 0 needs few terms.
    near = 1 - math.sqrt(math.tau) / z * np.exp(-np.square((2 * k - 1) * math.pi / z[..., None]) / 8).sum(axis=-1)
    return np.asarray(np.where(z > 1, far, near), dtype=np.float64)


def chi_square_tail(freedom: ArrayLike, statistic: ArrayLike) -> Floats:
    """P(chi-square >= statistic) with whole degrees of freedom from 1 on, element by element.

    >>> chi_square_tail([1, 5], [3.841459, 11.0705]).round(6).tolist()
    [0.05, 0.05]
    """
    whole, value = np.asarray(freedom, dtype=np.float64), np.asarray(statistic, dtype=np.float64)
    return _each(_gamma_tail, whole / 2, np.clip(value, 1e-300, 1e300) / 2)


def binomial_tail(events: ArrayLike, n: ArrayLike, chance: ArrayLike) -> Floats:
    """P(X >= events) of n draws that each have this chance, element by element; `events` and `n` whole, 0 to n.

    >>> binomial_tail([0, 3], [3, 3], [0.5, 0.5]).round(12).tolist()
    [1.0, 0.125]
    """
    k, draws = np.asarray(events, dtype=np.float64), np.asarray(n, dtype=np.float64)
    from_one = np.maximum(k, 1)
    return np.where(k > 0, beta_cdf(from_one, draws - from_one + 1, chance), 1.0)


def beta_cdf(a: ArrayLike, b: ArrayLike, x: ArrayLike) -> Floats:
    """P(X <= x) of a beta distribution, element by element; `a` and `b` whole or halves, above 0.

    >>> beta_cdf([1, 2], [1, 2], [0.25, 0.5]).round(12).tolist()
    [0.25, 0.5]
    """
    return _each(_beta, *(np.asarray(each, dtype=np.float64) for each in (a, b, x)))


def _each(function: Callable[..., Floats], *arrays: Floats) -> Floats:
    wide = np.broadcast_arrays(*arrays)
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        return function(*(each.ravel() for each in wide)).reshape(wide[0].shape)


def _gamma_tail(a: Floats, y: Floats) -> Floats:
    """Q(a, y), by whichever of the two tails is the smaller: its terms fall from the first."""
    lead = np.exp(-_stirling(a) - a * _excess((y - a) / a, y / a)) / np.sqrt(math.tau * a)  # y^a e^-y / gamma(a + 1)
    first, over, y_ = a[:, None], (y > a)[:, None], y[:, None]

    def step(i: Floats) -> Floats:
        left = first - 1 - i
        return np.where(over, np.where(left >= 1, left, 0.0) / y_, y_ / (first + 1 + i))

    tail = lead * _series(step, len(a))
    # A half is left over when all the whole steps are taken.
    rest = np.array([math.erfc(math.sqrt(each)) for each in y]) * (a % 1 > 0)
    return np.where(y > a, np.where(a >= 1, tail * a / y, 0.0) + rest, 1 - tail)


def _beta(a: Floats, b: Floats, x: Floats) -> Floats:
    """I_x(a, b), or 1 less I_1-x(b, a), whichever of the two takes fewer terms and keeps the digits of a small tail."""
    n, beyond = a + b, x * (a + b) > a
    turned = np.where(beyond, _ends(a) | (x > 0.5), ~_ends(b) & (x > 0.99))
    gap = np.where(x > 0.5, b - n * (1 - x), n * x - a) * np.where(turned, -1, 1)  # of the mean to the first parameter
    p, q = np.where(turned, b, a), np.where(turned, a, b)
    y, z = np.where(turned, 1 - x, x), np.where(turned, x, 1 - x)
    spread = p * _excess(gap / p, n * y / p) + q * _excess(-gap / q, n * z / q)
    lead = np.exp(_stirling(n) - _stirling(p) - _stirling(q) - spread) * np.sqrt(q / (math.tau * n * p))
    falling, there = _ends(q), lead > 0
    steps = tuple(each[:, None] for each in (p, q, y, y / z, falling, there))

    def step(i: Floats) -> Floats:
        p, q, y, odds, falling, there = steps
        return there * np.where(falling, odds * np.maximum(q - 1 - i, 0.0), y * (p + q + i)) / (p + 1 + i)

    tail = lead * _series(step, len(a)) / np.where(falling, z, 1.0)
    # Far beyond the mean the sum leaves the doubles, and the complement is 0.
    found = np.where(there, np.clip(np.where(turned, 1 - tail, tail), 0.0, 1.0), beyond)
    return np.where(x <= 0, 0.0, np.where(x >= 1, 1.0, found))


def _ends(b: Floats) -> NDArray[np.bool_]:
    """Where b steps of one leave nothing that counts: half a step would be left of a half."""
    return np.asarray((b % 1 == 0) | (b > _MANY))


def _series(step: Callable[[Floats], Floats], rows: int) -> Floats:
    """1 + s0 + s0 s1 + ... for each row; `step` gives factors of shape (rows, terms) for numbers of terms."""
    total, last, at = np.ones(rows), np.ones(rows), 0
    while (last > 1e-19 * total).any():
        terms = last[:, None] * np.cumprod(step(np.arange(at, at + _BLOCK, dtype=np.float64)), axis=-1)
        total, last, at = total + terms.sum(axis=-1), terms[:, -1], at + _BLOCK
    return total


def _stirling(k: Floats) -> Floats:
    """log(k!) less Stirling's formula for it, of whole numbers and halves."""
    s = 1 / np.square(np.maximum(k, _FEW))
    far = (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s / 1188)))) * np.sqrt(s)
    return np.where(k < _FEW, _STIRLING[np.minimum(2 * k, 2 * _FEW - 1).astype(np.int64)], far)


def _excess(r: Floats, more: Floats) -> Floats:
    """r - log(1 + r), which near 0 would be a difference of two like numbers; `more` is 1 + r with all its digits."""
    v = r / (2 + r)
    w = np.square(v)
    near = r * v - 2 * v * w * (1 / 3 + w * (1 / 5 + w * (1 / 7 + w * (1 / 9 + w * (1 / 11 + w / 13)))))
    return np.where(np.abs(r) < 0.1, near, r - np.log(more))
