"""How often intervals of nominally 95 % hold the truth, for each method in use, over a printed grid.

`python -m bench.coverage [--draws N] [--seed N] [--no-results]`: rates are enumerated, every outcome with its chance;
figures that need rows are drawn; of estimates without labels the truth is what then came. Rates from one expected event
and one expected non-event on; rankings from 30 of either outcome, losses and errors from 100 rows, claims and amounts
from 30 that are not 0. (With ten such amounts, their sizes in an exponential distribution, a ratio's normal limits hold
the truth in 88 %.)
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np
from bench.drawn_classes import OF_CLASSES
from bench.drawn_estimates import OF_ESTIMATES
from bench.drawn_losses import OF_LOSSES
from bench.drawn_probabilities import OF_PROBABILITIES
from bench.drawn_rankings import OF_RANKINGS
from bench.measuring import Table
from numpy.typing import NDArray

from plumbline.stats.intervals import Intervals, newcombe_of, ratio_log_of, wilson_of

Floats = NDArray[np.float64]
HEADS = ("method", "grid", "cells", "mean", "minimum", "at", "bound", "holds")
LEAST_MEAN, MOST_MEAN, LEAST = 0.93, 0.98, 0.90
EXPECTED = (1, 2, 3, 5, 10)  # events, and non-events
ONE = (10, 20, 30, 100, 300, 1_000)
TWO = ((30, 100), (50, 50), (100, 300), (200, 200))


DRAWN = OF_RANKINGS | OF_CLASSES | OF_LOSSES | OF_ESTIMATES | OF_PROBABILITIES


@dataclass(frozen=True, slots=True)
class Cell:
    """A place of the grid and the share of intervals that held the truth there."""

    where: str
    coverage: float


def chances(n: int) -> list[float]:
    """Rates at which so many events or non-events are expected of n, and one half."""
    few = [k / n for k in EXPECTED if k <= n / 2]
    return sorted({*few, *(1 - each for each in few), 0.5})


def binomial(n: int, p: float) -> Floats:
    """Chance of 0 to n events."""
    k = np.arange(1, n + 1)
    log = np.concatenate([[0.0], np.cumsum(np.log((n - k + 1) / k))]) + np.arange(n + 1) * np.log(p)
    found: Floats = np.exp(log + (n - np.arange(n + 1)) * np.log1p(-p))
    return found


def one_rate() -> Iterator[Cell]:
    for n in ONE:
        k = np.arange(n + 1.0)
        limits = wilson_of(k, np.full(n + 1, float(n)))
        for p in chances(n):
            held = (limits.low <= p) & (p <= limits.high)
            yield Cell(f"n {n}, p {p:.4g}", float(binomial(n, p)[held].sum()))


def two_rates(
    limits_of: Callable[[Floats, Floats, Floats, Floats], Intervals], truth: Callable[[float, float], float]
) -> Iterator[Cell]:
    """Where nobody of the second group is a hit a ratio is not made, and not counted."""
    for n1, n2 in TWO:
        k1, k2 = (each.ravel() for each in np.meshgrid(np.arange(n1 + 1.0), np.arange(n2 + 1.0), indexing="ij"))
        limits = limits_of(k1, np.full(len(k1), float(n1)), k2, np.full(len(k2), float(n2)))
        for p1, p2 in product(chances(n1), chances(n2)):
            weight = np.outer(binomial(n1, p1), binomial(n2, p2)).ravel()
            shown, value = np.isfinite(limits.low), truth(p1, p2)
            held = (limits.low <= value + 1e-12) & (value <= limits.high + 1e-12)
            yield Cell(f"n {n1}, {n2}; p {p1:.3g}, {p2:.3g}", float(weight[held & shown].sum() / weight[shown].sum()))


def ratio(k1: Floats, n1: Floats, k2: Floats, n2: Floats) -> Intervals:
    found = ratio_log_of(k1, n1, k2, n2)
    return Intervals(np.where(k2 > 0, found.low, np.nan), found.high, found.method)


ENUMERATED: dict[str, tuple[str, Callable[[], Iterator[Cell]]]] = {
    "Wilson": ("np, n(1-p) from 1", one_rate),
    "Newcombe": ("np, n(1-p) from 1", partial(two_rates, newcombe_of, lambda p, q: p - q)),
    "log ratio (Katz, Wilson)": ("np, n(1-p) from 1", partial(two_rates, ratio, lambda p, q: p / q)),
}


def drawn(name: str, draws: int, seed: int) -> Iterator[Cell]:
    for at, (where, trial) in enumerate(DRAWN[name][1]):
        limits, truth = trial(np.random.default_rng([seed, at]), draws)
        shown = np.isfinite(limits.low)
        held = (limits.low <= truth) & (truth <= limits.high)
        yield Cell(where, float(held[shown].mean()))


def told(report: Table, name: str, grid: str, cells: list[Cell]) -> bool:
    """One line of the table, and whether the bound holds."""
    mean, worst = float(np.mean([each.coverage for each in cells])), min(cells, key=lambda each: each.coverage)
    holds = LEAST_MEAN <= mean <= MOST_MEAN and worst.coverage >= LEAST
    shares = f"{100 * mean:.1f} %", f"{100 * worst.coverage:.1f} %", worst.where
    report.add(name, grid, str(len(cells)), *shares, "93 to 98 %, 90 %", "yes" if holds else "NO")
    return holds


def main(words: Sequence[str] | None = None) -> int:
    read = argparse.ArgumentParser(prog="python -m bench.coverage", description=(__doc__ or "").splitlines()[0])
    read.add_argument("--draws", type=int, default=2_000, help="of each place of a grid that is drawn")
    read.add_argument("--seed", type=int, default=1)
    read.add_argument("--only", nargs="+", default=[*ENUMERATED, *DRAWN], help="names of methods")
    read.add_argument("--no-results", action="store_true")
    given = read.parse_args(words)
    report = Table("Coverage of intervals of 95 %", HEADS)
    for name in given.only:
        if name in ENUMERATED:
            told(report, name, ENUMERATED[name][0], list(ENUMERATED[name][1]()))
        else:
            told(report, name, DRAWN[name][0], list(drawn(name, given.draws, given.seed)))
    if not given.no_results:
        report.keep()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
