"""Drift and data quality: each column of each window against the reference, columns of one shape in one stroke."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from plumbline.policy.judge import NOVEL
from plumbline.profiling.parts import DUPLICATE
from plumbline.profiling.profile import (
    ALL,
    LABEL,
    SCORE,
    CategoricalColumn,
    Column,
    NumericColumn,
    Profile,
)
from plumbline.services.measure_compared import Compared, Line, Maturity, compare, drifted, rows_of
from plumbline.services.measure_figures import Floats, Ints, Made, absent, made, of_rates
from plumbline.services.measure_fine import shifts
from plumbline.stats import distances, novelty
from plumbline.stats.classification import shares
from plumbline.stats.drift import chi_square_batch, pool_batch, psi_batch
from plumbline.stats.special import Z95

OF_BIN = "Newcombe of that bin; test: two-sample chi-square"
DELTA = "delta method; test: two-sample chi-square"
NONCENTRAL = "noncentral chi-square, normal approximation"
COVERAGE = "; test: what the reference had not met yet"
Estimates = Mapping[str, Floats]  # by metric: value, low, high; shape (3, pairs)
Measured = tuple[Estimates, Floats, Floats]  # with the p-value that they share, and PSI without drift
METHODS = {"chi_square": NONCENTRAL, "l_infinity": OF_BIN}


@dataclass(frozen=True, slots=True)
class Pair:
    """A column of one population on both sides, on the same bins."""

    line: Line
    reference: Floats
    current: Floats
    levels: bool = False  # thin ones are pooled


def quality(profiles: Sequence[Profile]) -> Iterator[Compared]:
    """Missing, unseen, out-of-range and not-finite shares of each column. A label not yet known is not missing."""
    held: dict[str, list[tuple[Line, int, int, Column]]] = {}
    first: dict[tuple[str, str], int] = {}
    for at, profile in enumerate(profiles):
        for place, (name, column) in enumerate(profile.columns.items()):
            if not isinstance(column, type(profiles[0].columns.get(name))):
                continue
            rows = column.rows
            for metric, count in _defects(name, column):
                lines = held.setdefault(metric, [])
                row = first.setdefault((metric, name), len(lines))
                lines.append((Line(at, 2, place, ALL, name, row), count, rows, column))
    for metric, found in held.items():
        of, counted, of_rows, columns = zip(*found, strict=True)
        counts = np.array(counted)
        figure = of_rates(shares(counts, np.array(of_rows)), "The window has no rows.")
        if metric in NOVEL:
            figure = _new(figure, counts, of, columns)
        yield compare(metric, figure, rows_of(of))


def duplicates(profiles: Sequence[Profile]) -> Compared:
    """Share of each window's rows whose id had come before."""
    again = np.array([profile.quarantine.get(DUPLICATE, 0) for profile in profiles])
    came = again + np.array([profile.rows for profile in profiles])
    figure = of_rates(shares(again, came), "The window has no rows.")
    return compare("duplicate_rate", figure, rows_of([Line(at, 2, 0, reference=0) for at in range(len(profiles))]))


def _new(figure: Made, counts: Floats, lines: Sequence[Line], columns: Sequence[Column]) -> Made:
    """The share with what chance alone brings: the reference holds nothing new by its making, so it is no measure."""
    p_value, expected = np.full(len(lines), np.nan), np.full(len(lines), np.nan)
    n = np.array([column.n for column in columns], dtype=np.float64)
    for row, alike in _by_reference(lines).items():
        reference, windows = columns[row], [at for at in alike if lines[at].window]
        if isinstance(reference, CategoricalColumn):
            expected[windows] = novelty.expected_unseen(reference.count)
            p_value[windows] = novelty.unseen_tail(counts[windows], n[windows], reference.count)
        elif reference.n:
            expected[windows] = novelty.expected_beyond(reference.n)
            p_value[windows] = novelty.beyond_tail(counts[windows], n[windows], np.full(len(windows), reference.n))
    p_value[np.isnan(figure.value)] = expected[np.isnan(figure.value)] = np.nan
    tested = np.where(np.isnan(p_value), "", COVERAGE).astype(object)
    return replace(figure, p_value=p_value, null_expectation=expected, method=figure.method + tested)


def _by_reference(lines: Sequence[Line]) -> dict[int, list[int]]:
    """Places of the lines by the row of their reference."""
    found: dict[int, list[int]] = {}
    for at, line in enumerate(lines):
        found.setdefault(line.reference, []).append(at)
    return found


def drift(profiles: Sequence[Profile], maturity: Maturity) -> Iterator[Compared]:
    """Distances of each column for all rows, and PSI of the score for each slice, of every window but the reference."""
    yield from of_columns(profiles, maturity)
    yield from _of_pairs(list(_scores(profiles)), _indices, maturity)


def of_columns(profiles: Sequence[Profile], maturity: Maturity) -> Iterator[Compared]:
    """Distances of each column for all rows alone."""
    yield from _of_pairs(list(_columns(profiles)), _distances, maturity)
    yield from shifts(profiles, maturity)


def decile_counts(column: NumericColumn, name: str) -> Floats:
    """Counts by reference decile and, last, missing; a label not yet known is left out."""
    missing = 0 if name == LABEL else column.missing
    return np.append(column.deciles(), missing).astype(np.float64)


def level_counts(reference: CategoricalColumn, current: CategoricalColumn, name: str) -> tuple[Floats, Floats]:
    """Counts by frozen level, unseen level and, last, those unseen beyond the cap and missing."""
    unseen = sorted({*reference.unseen, *current.unseen})
    one, two = (
        np.concatenate(
            [
                column.count,
                [column.unseen.get(level, 0) for level in unseen],
                [column.unseen_rest, 0 if name == LABEL else column.missing],
            ]
        ).astype(np.float64)
        for column in (reference, current)
    )
    return one, two


def _defects(name: str, column: Column) -> list[tuple[str, int]]:
    found = [] if name == LABEL else [("missing_rate", column.missing)]
    if isinstance(column, CategoricalColumn):
        return [*found, ("unseen_rate", column.unseen_rows)]
    return [*found, ("out_of_range_rate", column.below + column.above), ("non_finite_rate", column.non_finite)]


def _columns(profiles: Sequence[Profile]) -> Iterator[Pair]:
    reference, *windows = profiles
    deciles = {
        name: decile_counts(column, name)
        for name, column in reference.columns.items()
        if isinstance(column, NumericColumn)
    }
    for at, profile in enumerate(windows, start=1):
        for place, (name, column) in enumerate(profile.columns.items()):
            before, line = reference.columns.get(name), Line(at, 3, place, ALL, name)
            if isinstance(before, NumericColumn) and isinstance(column, NumericColumn):
                yield Pair(line, deciles[name], decile_counts(column, name))
            elif isinstance(before, CategoricalColumn) and isinstance(column, CategoricalColumn):
                yield Pair(line, *level_counts(before, column, name), levels=True)


def _scores(profiles: Sequence[Profile]) -> Iterator[Pair]:
    """The score by slice: all rows stand among the columns already."""
    deciles = [
        {each: rows.deciles().astype(np.float64) for each, rows in profile.populations.items() if each != ALL}
        for profile in profiles
    ]
    for at, found in enumerate(deciles[1:], start=1):
        for place, (population, counts) in enumerate(found.items()):
            if population in deciles[0]:
                yield Pair(Line(at, 4, place, population, SCORE), deciles[0][population], counts)


def _of_pairs(
    pairs: Sequence[Pair], measured: Callable[[Floats, Floats], Measured], maturity: Maturity
) -> Iterator[Compared]:
    totals = np.array([(pair.reference.sum(), pair.current.sum()) for pair in pairs]).reshape(-1, 2)
    held = (totals > 0).all(axis=-1)
    if not held.all():
        yield _without_values([pairs[at] for at in np.flatnonzero(~held).tolist()], maturity)
    if not held.any():
        return
    filled, (n_reference, n) = [pairs[at] for at in np.flatnonzero(held).tolist()], totals[held].astype(np.int64).T
    rows, filled = rows_of([pair.line for pair in filled]), _pooled(filled)
    estimates, p_value, null = _by_shape(filled, measured)
    for metric, (value, low, high) in estimates.items():
        figure = made(
            value,
            low=low,
            high=high,
            method=METHODS.get(metric, DELTA),
            n=n,
            p_value=p_value,
            null_expectation=null if metric == "psi" else np.nan,
        )
        yield drifted(metric, figure, rows, n_reference, maturity)


def _pooled(pairs: Sequence[Pair]) -> list[Pair]:
    """Levels pooled to an expected count of 5; those of equally many levels in one stroke."""
    found = list(pairs)
    for alike in _alike([len(pair.current) if pair.levels else 0 for pair in pairs]):
        if not pairs[alike[0]].levels:
            continue
        both = pool_batch(
            np.array([pairs[at].reference for at in alike]), np.array([pairs[at].current for at in alike])
        )
        for at, reference, current in zip(alike, *both, strict=True):
            kept = reference + current > 0
            found[at] = Pair(pairs[at].line, reference[kept], current[kept], levels=True)
    return found


def _alike(sizes: Sequence[int]) -> list[list[int]]:
    places: dict[int, list[int]] = {}
    for at, size in enumerate(sizes):
        places.setdefault(size, []).append(at)
    return list(places.values())


def _by_shape(pairs: Sequence[Pair], measured: Callable[[Floats, Floats], Measured]) -> Measured:
    """Pairs with equally many bins together, back in their order."""
    # Never padded to one width: the last digit of a sum would hang on what other columns there are.
    places = _alike([len(pair.current) for pair in pairs])
    found = [
        measured(np.array([pairs[at].reference for at in alike]), np.array([pairs[at].current for at in alike]))
        for alike in places
    ]
    back = np.argsort(np.concatenate([np.array(alike) for alike in places]))
    estimates: Estimates = {
        metric: np.concatenate([each[0][metric] for each in found], axis=-1)[:, back] for metric in found[0][0]
    }
    p_value, null = (np.concatenate([each[at] for each in found])[back] for at in (1, 2))
    return estimates, p_value, null


def _indices(reference: Floats, current: Floats) -> Measured:
    psi = psi_batch(reference, current)
    _, _, p_value = chi_square_batch(*pool_batch(reference, current))
    return {"psi": np.array([psi.value, psi.low, psi.high])}, p_value, psi.null_expectation


def _distances(reference: Floats, current: Floats) -> Measured:
    """All distances of each pair; they share one test: whether chance alone parts the two samples."""
    psi = psi_batch(reference, current)
    statistic, dof, p_value = chi_square_batch(*pool_batch(reference, current))
    half = Z95 * np.sqrt(2 * (dof + 2 * np.maximum(statistic - dof, 0.0)))
    found = {
        "psi": (psi.value, psi.low, psi.high),
        "js_distance": _limits(distances.js_batch(reference, current)),
        "hellinger": _limits(distances.hellinger_batch(reference, current)),
        "total_variation": _limits(distances.total_variation_batch(reference, current)),
        "chi_square": (statistic, np.maximum(statistic - half, 0.0), statistic + half),
        "l_infinity": _limits(distances.l_infinity_batch(reference, current)),
    }
    return {metric: np.array(each) for metric, each in found.items()}, p_value, psi.null_expectation


def _limits(batch: distances.DistanceBatch) -> tuple[Floats, Floats, Floats]:
    return batch.value, batch.low, batch.high


def _totals(sides: Sequence[Floats]) -> Ints:
    return np.array([side.sum() for side in sides]).astype(np.int64)


def _without_values(pairs: Sequence[Pair], maturity: Maturity) -> Compared:
    rows = rows_of([pair.line for pair in pairs])
    sides = ["The window has" if pair.reference.any() else "The reference has" for pair in pairs]
    why = np.array([f"{side} no value of this column." for side in sides], dtype=object)
    figure = absent(why, _totals([pair.current for pair in pairs]))
    return drifted("psi", figure, rows, _totals([pair.reference for pair in pairs]), maturity)
