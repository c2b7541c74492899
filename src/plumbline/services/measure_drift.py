"""Drift and data quality: each column of a window against the reference, all columns in one stroke of numpy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plumbline.profiling.profile import (
    ALL,
    LABEL,
    SCORE,
    CategoricalColumn,
    Column,
    NumericColumn,
    Population,
    Profile,
    Slice,
)
from plumbline.services.measure_figures import Compared, Made, absent, compare, of_rate
from plumbline.services.measure_fine import shifts
from plumbline.stats import distances
from plumbline.stats.classification import share
from plumbline.stats.drift import chi_square_batch, pool, pool_batch, psi_batch
from plumbline.stats.special import Z95

Floats = NDArray[np.float64]
OF_BIN = "Newcombe of that bin; test: two-sample chi-square"
DELTA = "delta method; test: two-sample chi-square"
NONCENTRAL = "noncentral chi-square, normal approximation"


@dataclass(frozen=True, slots=True)
class Pair:
    """A column of one population on both sides, on the same bins."""

    column: str
    population: Slice
    reference: Floats
    current: Floats


@dataclass(frozen=True, slots=True)
class TwoSample:
    """The two-sample chi-square of each pair, and the rows on both sides (reference, current)."""

    statistic: Floats
    dof: NDArray[np.int64]
    p_values: list[float]
    sizes: list[tuple[int, int]]


def quality(reference: Mapping[str, Column], current: Mapping[str, Column], itself: bool) -> Iterator[Compared]:
    """Missing, unseen, out-of-range and not-finite shares of each column. A label not yet known is not missing."""
    for name, column in current.items():
        before = reference.get(name)
        if before is None or type(before) is not type(column):
            continue
        now, earlier = _defects(name, column), _defects(name, before)
        why = "The window has no rows."
        for (metric, count, rows), (_, count_too, rows_too) in zip(now, earlier, strict=True):
            made, other = of_rate(share(count, rows), why), of_rate(share(count_too, rows_too), why)
            yield compare(metric, made, other, ALL, column=name, itself=itself)


def drift(reference: Profile, current: Profile) -> Iterator[Compared]:
    """Distances of each column for all rows, and PSI of the score for each slice."""
    yield from _of_pairs(list(_columns(reference, current)), _distances)
    yield from _of_pairs(list(_scores(reference, current)), _indices)
    yield from shifts(reference, current)


def decile_counts(column: NumericColumn, name: str) -> Floats:
    """Counts by reference decile and, last, missing; a label not yet known is left out."""
    missing = 0 if name == LABEL else column.missing
    return np.append(column.deciles(), missing).astype(np.float64)


def level_counts(reference: CategoricalColumn, current: CategoricalColumn, name: str) -> tuple[Floats, Floats]:
    """Counts by frozen level, unseen level and missing; thin levels pooled to an expected count of 5."""
    unseen = sorted({*reference.unseen, *current.unseen})
    both = [
        np.concatenate(
            [
                column.count,
                [column.unseen.get(level, 0) for level in unseen],
                [column.unseen_rest, 0 if name == LABEL else column.missing],
            ]
        ).astype(np.float64)
        for column in (reference, current)
    ]
    return pool(both[0], both[1]) if all(side.sum() > 0 for side in both) else (both[0], both[1])


def _defects(name: str, column: Column) -> list[tuple[str, int, int]]:
    rows = column.rows
    found = [] if name == LABEL else [("missing_rate", column.missing, rows)]
    if isinstance(column, CategoricalColumn):
        return [*found, ("unseen_rate", column.unseen_rows, rows)]
    out = column.below + column.above
    return [*found, ("out_of_range_rate", out, rows), ("non_finite_rate", column.non_finite, rows)]


def _columns(reference: Profile, current: Profile) -> Iterator[Pair]:
    for name, column in current.columns.items():
        before = reference.columns.get(name)
        if isinstance(before, NumericColumn) and isinstance(column, NumericColumn):
            yield Pair(name, ALL, decile_counts(before, name), decile_counts(column, name))
        elif isinstance(before, CategoricalColumn) and isinstance(column, CategoricalColumn):
            yield Pair(name, ALL, *level_counts(before, column, name))


def _scores(reference: Profile, current: Profile) -> Iterator[Pair]:
    """The score by slice: all rows stand among the columns already."""
    for population, rows in current.populations.items():
        before = reference.populations.get(population)
        if population.by is not None and before is not None:
            yield Pair(SCORE, population, _deciles(before), _deciles(rows))


def _deciles(population: Population) -> Floats:
    return population.deciles().astype(np.float64)


def _of_pairs(
    pairs: Sequence[Pair], measured: Callable[[Sequence[Pair], Floats, Floats, TwoSample], Iterator[Compared]]
) -> Iterator[Compared]:
    filled = [pair for pair in pairs if pair.reference.any() and pair.current.any()]
    for pair in pairs:
        if not (pair.reference.any() and pair.current.any()):
            yield _empty(pair)
    if filled:
        reference, current = _stack([pair.reference for pair in filled]), _stack([pair.current for pair in filled])
        yield from measured(filled, reference, current, _tests(reference, current))


def _tests(reference: Floats, current: Floats) -> TwoSample:
    statistic, dof, p_value = chi_square_batch(*pool_batch(reference, current))
    sizes = zip(reference.sum(axis=-1).tolist(), current.sum(axis=-1).tolist(), strict=True)
    return TwoSample(statistic, dof, p_value.tolist(), [(int(n), int(m)) for n, m in sizes])


def _indices(pairs: Sequence[Pair], reference: Floats, current: Floats, tests: TwoSample) -> Iterator[Compared]:
    psi = psi_batch(reference, current)
    limits = zip(psi.value.tolist(), psi.low.tolist(), psi.high.tolist(), strict=True)
    expected = psi.null_expectation.tolist()
    for pair, estimate, size, p, null in zip(pairs, limits, tests.sizes, tests.p_values, expected, strict=True):
        yield _distance("psi", pair, estimate, size, p, null, DELTA)


def _distances(pairs: Sequence[Pair], reference: Floats, current: Floats, tests: TwoSample) -> Iterator[Compared]:
    """All distances of each pair; they share one test: whether chance alone parts the two samples."""
    yield from _indices(pairs, reference, current, tests)
    half = Z95 * np.sqrt(2 * (tests.dof + 2 * np.maximum(tests.statistic - tests.dof, 0.0)))
    js, hellinger = distances.js_batch(reference, current), distances.hellinger_batch(reference, current)
    variation, statistic = distances.total_variation_batch(reference, current), tests.statistic
    for metric, values, lows, highs, method in (
        ("js_distance", js.value, js.low, js.high, DELTA),
        ("hellinger", hellinger.value, hellinger.low, hellinger.high, DELTA),
        ("total_variation", variation.value, variation.low, variation.high, DELTA),
        ("chi_square", statistic, np.maximum(statistic - half, 0.0), statistic + half, NONCENTRAL),
    ):
        limits = zip(values.tolist(), lows.tolist(), highs.tolist(), strict=True)
        for pair, estimate, size, p in zip(pairs, limits, tests.sizes, tests.p_values, strict=True):
            yield _distance(metric, pair, estimate, size, p, None, method)
    for pair, size, p in zip(pairs, tests.sizes, tests.p_values, strict=True):
        largest = distances.l_infinity(pair.reference, pair.current)
        yield _distance("l_infinity", pair, (largest.value, largest.low, largest.high), size, p, None, OF_BIN)


def _distance(
    metric: str,
    pair: Pair,
    estimate: tuple[float, float, float],
    size: tuple[int, int],
    p_value: float,
    null_expectation: float | None,
    method: str,
) -> Compared:
    value, low, high = estimate
    made = Made(value=value, low=low, high=high, method=method, n=size[1], null_expectation=null_expectation)
    return _drifted(metric, made, pair.column, pair.population, size[0], p_value)


def _drifted(metric: str, made: Made, column: str, population: Slice, n_reference: int, p: float | None) -> Compared:
    """A distance is itself the change; the reference's distance from itself is no figure."""
    return Compared(
        metric=metric,
        current=made,
        reference=None,
        population=population,
        column=column,
        p_value=p,
        effect=made.value,
        n_reference=n_reference,
    )


def _stack(rows: Sequence[Floats]) -> Floats:
    """Rows of different lengths as one table, padded with bins that nobody fell into."""
    table = np.zeros((len(rows), max(len(row) for row in rows)))
    for place, row in enumerate(rows):
        table[place, : len(row)] = row
    return table


def _empty(pair: Pair) -> Compared:
    side = "The window has" if pair.reference.any() else "The reference has"
    made = absent(f"{side} no value of this column.", int(pair.current.sum()))
    return _drifted("psi", made, pair.column, pair.population, int(pair.reference.sum()), None)
