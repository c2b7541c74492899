"""Whether counts tell of a fault of the data: one distribution in the place of another, or too much alike."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
CRITICAL = 1.95  # Kolmogorov's tail: two samples of one distribution part by more in one of a thousand pairs
EXACT_UNDER = 16.0  # from this count on Bessel's function is its asymptotic form, to four digits


@dataclass(frozen=True, slots=True)
class Unit:
    """A change of unit: new value = factor x old value + shift."""

    factor: float
    shift: float
    words: str


def _units() -> tuple[Unit, ...]:
    found = []
    for factor in (1e2, 1e3, 1e1, 1e4, 1e5, 1e6, 60.0, 3600.0, 24.0, 7.0, 12.0, 365.25):
        words = f"{factor:,.2f}".removesuffix(".00")
        found += [Unit(factor, 0.0, f"multiplied by {words}"), Unit(1 / factor, 0.0, f"divided by {words}")]
    return (
        *found,
        Unit(1.8, 32.0, "degrees Fahrenheit instead of Celsius"),
        Unit(1 / 1.8, -32 / 1.8, "degrees Celsius instead of Fahrenheit"),
        Unit(1.0, 273.15, "kelvins instead of degrees Celsius"),
        Unit(1.0, -273.15, "degrees Celsius instead of kelvins"),
    )


# Cents, thousands, seconds, hours, weeks, months, years, temperatures. Factors nearer to 1 (pounds, miles) are left
# out: prices that double are a change of the world.
UNITS = _units()


def tolerance(n: int, m: int, slack: float) -> float:
    """How far the distribution functions of two samples of one distribution may part, with some drift on top.

    Kolmogorov's critical value at one of a thousand (Smirnov 1948), and `slack`.

    >>> round(tolerance(1_000, 1_000, 0.02), 3)
    0.107
    """
    return CRITICAL * math.sqrt(1 / n + 1 / m) + slack


def gap(expected: ArrayLike, low: ArrayLike, high: ArrayLike) -> float:
    """Largest distance of the expected distribution function from a band that holds the other; 0 where it lies within.

    >>> round(gap([0.1, 0.5, 0.9], [0.1, 0.3, 0.9], [0.1, 0.4, 1.0]), 3)
    0.1
    """
    middle, under, over = (np.asarray(each, dtype=np.float64) for each in (expected, low, high))
    return float(np.maximum(under - middle, middle - over).max(initial=0.0))


def variation(one: ArrayLike, two: ArrayLike) -> tuple[float, float]:
    """(total variation of two tables of counts, what chance alone shows of it on average).

    Chance: sum sqrt(p (1 - p) (1/n + 1/m) / (2 pi)) over levels, the mean size of a normal difference of shares.

    >>> [round(each, 3) for each in variation([50, 50], [60, 40])]
    [0.1, 0.056]
    """
    a, b = (np.asarray(each, dtype=np.float64) for each in (one, two))
    n, m = a.sum(), b.sum()
    p = (a + b) / (n + m)
    by_chance = np.sqrt(p * (1 - p) * (1 / n + 1 / m) / (2 * math.pi)).sum()
    return float(np.abs(a / n - b / m).sum() / 2), float(by_chance)


def crowding(k: int, n: int, share: float, bins: int) -> float:
    """Bound on the chance that any of `bins`, none of more than `share`, holds at least `k` of `n` rows.

    Chernoff's bound exp(-n D(k/n || share)) (Chernoff 1952), once a bin.

    >>> crowding(99, 100, 0.5, 2) < 1e-26, crowding(5, 12, 0.5, 2)
    (True, 1.0)
    """
    seen = k / n
    if seen <= share:
        return 1.0
    parts = ((seen, share), (1 - seen, 1 - share))
    apart = sum(a * math.log(a / b) for a, b in parts if a > 0)
    return min(bins * math.exp(-n * apart), 1.0)


def coincidence(counts: ArrayLike) -> float:
    """Chance that another window of as many rows has these very counts, of the distribution that they show.

    Two Poisson counts of mean c agree with chance exp(-2c) I0(2c) (Skellam 1946); over all bins, given the total.

    >>> round(coincidence([500, 500]), 4)
    0.0178
    """
    found = np.asarray(counts, dtype=np.float64)
    held = found[found > 0]
    if len(held) < 2:
        return 1.0
    log = _agreement(held).sum() - _agreement(held.sum(keepdims=True)).sum()
    return float(math.exp(min(log, 0.0)))


def _agreement(mean: Floats) -> Floats:
    """Logarithm of exp(-2c) I0(2c)."""
    few = np.minimum(mean, EXACT_UNDER)
    exact: Floats = np.log(np.i0(2 * few)) - 2 * few
    return np.where(mean < EXACT_UNDER, exact, -0.5 * np.log(4 * math.pi * mean))
