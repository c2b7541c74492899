"""Figures that need the fine bins' place on the axis: gaps and distances of a column, recalibration of the score."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from plumbline.profiling.bins import Ints
from plumbline.profiling.columns import Column, NumericColumn
from plumbline.profiling.edges import edges, single
from plumbline.profiling.profile import ALL, NEGATIVE, POSITIVE, SCORE, Profile, Slice
from plumbline.services.measure_compared import Compared, Line, Maturity, drifted, rows_of
from plumbline.services.measure_figures import Figures, Made, absent, joined, made
from plumbline.stats.drift import ks_batch
from plumbline.stats.recalibration import CLIP, recalibrate
from plumbline.stats.transport import ARRAYS, CELL, Sample, wasserstein_batch

Floats = NDArray[np.float64]
NEWCOMBE = "Newcombe at the largest gap, from 0 unless tested; test: asymptotic Kolmogorov"
DELTA = "delta method, widened by the expectation without drift; test: asymptotic Kolmogorov"
ROOM = 1 << 16  # numbers that are measured at once: what stays in the processor's cache
SATURATED = 1e29  # whole units of one value; past ten times this the engine holds a value down
NO_SPREAD = "The reference has no spread to measure the distance in."
UNPROVEN = "The scores part the outcomes, or lie too close for their bins: no slope can be proven."


@dataclass(frozen=True, slots=True)
class _Column:
    """A column with how many values it has and their mean, added up once."""

    column: NumericColumn
    n: int
    mean: float


@dataclass(frozen=True, slots=True)
class _Pair:
    """A column on both sides; `occupied` are the bins that are measured with the stretches between them, None: all."""

    line: Line
    before: _Column
    now: _Column
    occupied: Ints | None

    @property
    def strips(self) -> int:
        return self.now.column.bins.size if self.occupied is None else 2 * len(self.occupied) - 1


@dataclass(frozen=True, slots=True)
class _Fine:
    """Pairs on as many strips of the axis between `edges`, which are of one value where `single`.

    One line of `reference`, `edges` and `single` serves all pairs of a column whose whole grid is measured.
    """

    pairs: Sequence[_Pair]
    reference: Floats
    current: Floats
    edges: Floats
    single: NDArray[np.bool_]


def shifts(profiles: Sequence[Profile], maturity: Maturity) -> Iterator[Compared]:
    """KS and Wasserstein's distance of each numeric column of each window that has values there and before."""
    alike: dict[str | int, list[_Pair]] = {}
    befores = {name: _added_up(column) for name, column in profiles[0].columns.items()}
    for at, profile in enumerate(profiles[1:], start=1):
        for place, (name, column) in enumerate(profile.columns.items()):
            now, before = _added_up(column), befores.get(name)
            if now and before:
                pair = _Pair(Line(at, 5, place, ALL, name), before, now, _few(before.column, now.column))
                alike.setdefault(name if pair.occupied is None else pair.strips, []).append(pair)
    pairs = [pair for some in alike.values() for pair in some]
    if pairs:
        yield from _figures(pairs, _measured(_batches(alike.values())), maturity)


Span = tuple[Floats, Floats]  # the least and greatest score of each occupied bin


def recalibration(profiles: Sequence[Profile], spans: Sequence[Span]) -> Figures:
    """Calibration slope and intercept of all rows of a model that predicts a probability."""
    found = [_of_window(profile, span) for profile, span in zip(profiles, spans, strict=True)]
    return {name: joined([each[name] for each in found]) for name in ("calibration_slope", "calibration_intercept")}


def _of_window(profile: Profile, span: Span) -> Figures:
    rows = profile.populations[ALL]
    n, events, counts = rows.labelled, rows.positives, rows.counts
    why, fit = UNPROVEN, None
    if not 0 < events < n:
        why = "Only one outcome is present; a slope needs both." if n else "No label is known yet in this window."
    else:
        fit = recalibrate(counts[:, NEGATIVE], counts[:, POSITIVE], *span)
    if fit is None:
        nothing = absent(why, np.array([n]), np.array([events]))
        return dict.fromkeys(("calibration_slope", "calibration_intercept"), nothing)
    parts = (("slope", fit.slope, fit.slope_bound), ("intercept", fit.intercept, fit.intercept_bound))
    return {
        f"calibration_{name}": made(
            figure.value,
            low=figure.interval.low,
            high=figure.interval.high,
            method=figure.interval.method,
            n=n,
            events=events,
            variance=figure.variance,
            error_bound=bound,
        )
        for name, figure, bound in parts
    }


def probabilities(profile: Profile, of: Slice = ALL) -> Span:
    """The least and greatest score of each occupied bin of a population."""
    rows, column = profile.populations[of], profile.columns.get(SCORE)
    least, most = (column.minimum, column.maximum) if isinstance(column, NumericColumn) else (None, None)
    span = 0.0 if least is None else least, 1.0 if most is None else most
    found, index = edges(rows.bins), rows.index
    low, high = np.clip(found[index], *span), np.clip(found[index + 1], *span)
    slack = np.where(single(rows.bins, index), 0.0, CELL * (high - low) + 4 * CLIP)
    return np.clip(low - slack, *span), np.clip(high + slack, *span)


def _added_up(column: Column) -> _Column | None:
    """None for a column without numbers."""
    n = column.n if isinstance(column, NumericColumn) else 0
    if not isinstance(column, NumericColumn) or not n:
        return None
    return _Column(column, n, column.total * column.bins.unit / n)


def _few(before: NumericColumn, now: NumericColumn) -> Ints | None:
    """The bins with rows on either side where that is less than half of them."""
    most = max(len(before.index), len(now.index))
    if 2 * most >= now.bins.size:
        return None
    index = _occupied(before, now)
    return index if 2 * len(index) < now.bins.size else None


def _occupied(before: NumericColumn, now: NumericColumn) -> Ints:
    """Bins with rows on either side, ascending; marking beats sorting tenfold."""
    marked = np.zeros(now.bins.size, dtype=np.bool_)
    marked[before.index] = marked[now.index] = True
    return np.flatnonzero(marked)


def _batches(alike: Iterable[Sequence[_Pair]]) -> Iterator[_Fine]:
    """So many pairs at once as the processor's cache holds."""
    for pairs in alike:
        step = max(ROOM // pairs[0].strips, 1)
        for start in range(0, len(pairs), step):
            some = pairs[start : start + step]
            yield _whole(some) if some[0].occupied is None else _between(some)


def _whole(pairs: Sequence[_Pair]) -> _Fine:
    """One column's grid, bin by bin."""
    before, bins = pairs[0].before.column, pairs[0].now.column.bins
    reference, current = np.zeros((1, bins.size)), np.zeros((len(pairs), bins.size))
    reference[0, before.index] = before.count
    for row, pair in zip(current, pairs, strict=True):
        row[pair.now.column.index] = pair.now.column.count
    return _Fine(pairs, reference, current, edges(bins)[None, :], single(bins, np.arange(bins.size)))


def _between(pairs: Sequence[_Pair]) -> _Fine:
    """Where few bins are occupied: those, and the stretches between them."""
    rows, strips = len(pairs), pairs[0].strips
    sides, bounds, tied = np.zeros((2, rows, strips)), np.empty((rows, strips + 1)), np.ones((rows, strips), np.bool_)
    for row, pair in enumerate(pairs):
        bins = pair.now.column.bins
        index = np.arange(bins.size) if pair.occupied is None else pair.occupied
        bounds[row, ::2], bounds[row, 1::2] = edges(bins)[index], edges(bins)[index + 1]
        tied[row, ::2] = single(bins, index)
        for table, column in zip(sides, (pair.before.column, pair.now.column), strict=True):
            table[row, 2 * np.searchsorted(index, column.index)] = column.count
    return _Fine(pairs, sides[0], sides[1], bounds, tied)


def _measured(batches: Iterable[_Fine]) -> tuple[Floats, Floats]:
    """KS as `ks_batch` has it, and the parts of `Transport`; shapes (5, pairs)."""
    gaps, moves, room = list[tuple[Floats, ...]](), list[tuple[Floats, ...]](), np.empty(0)
    for fine in batches:
        pairs, strips = fine.current.shape
        size = ARRAYS * pairs * (strips + 2)
        room = room if len(room) >= size else np.empty(size)
        here = room[:size].reshape(ARRAYS, pairs, strips + 2)
        before = _sample(fine.reference, [pair.before for pair in fine.pairs[: len(fine.reference)]])
        now = _sample(fine.current, [pair.now for pair in fine.pairs])
        gaps.append(ks_batch(fine.reference, fine.current, exact=fine.single, room=here[:4, :, :-2]))
        moved = wasserstein_batch(before, now, fine.edges, room=here)
        moves.append((moved.value, moved.error_bound, moved.low, moved.high, moved.null_expectation))
    return np.concatenate(gaps, axis=-1), np.concatenate(moves, axis=-1)


def _figures(pairs: Sequence[_Pair], measured: tuple[Floats, Floats], maturity: Maturity) -> Iterator[Compared]:
    (gap, p_value, gap_bound, gap_low, gap_high), (value, bound, low, high, null) = measured
    befores, rows = [each.before for each in pairs], rows_of([each.line for each in pairs])
    n = np.array([each.now.n for each in pairs], dtype=np.int64)
    n_reference = np.array([before.n for before in befores], dtype=np.int64)
    ks = made(gap, low=gap_low, high=gap_high, method=NEWCOMBE, n=n, error_bound=gap_bound, p_value=p_value)
    yield drifted("ks", ks, rows, n_reference, maturity)
    distance = made(
        np.where(np.isfinite(high + bound), value, np.nan),
        low=low,
        high=high,
        method=DELTA,
        n=n,
        error_bound=bound,
        null_expectation=null,
        p_value=p_value,
        why_not="Values of this column are too large to be measured.",
    )
    yield drifted("wasserstein", distance, rows, n_reference, maturity)
    yield drifted("wasserstein_std", _in_spreads(distance, befores), rows, n_reference, maturity)


def _sample(counts: Floats, columns: Sequence[_Column]) -> Sample:
    ends = zip(*(_ends(each.column) for each in columns), strict=True)
    low, high = (np.array([side or 0.0 for side in sides]) for sides in ends)
    units = np.array([each.column.bins.unit * each.column.rounding for each in columns])
    held = np.maximum(np.abs(low), np.abs(high)) < SATURATED * units
    means = np.array([each.mean for each in columns])
    row = 0.0 if columns[0].column.count.dtype.kind == "f" else 1.0
    return Sample(counts=counts, low=low, high=high, mean=means, mean_error=np.where(held, units, np.inf), row=row)


def _ends(column: NumericColumn) -> tuple[float | None, float | None]:
    return column.minimum, column.maximum


def _in_spreads(distance: Made, reference: Sequence[_Column]) -> Made:
    """The distance in standard deviations of the reference, whose own sums are rounded to whole units."""
    spreads = [_spread(each.column) or (np.nan,) * 3 for each in reference]
    least, middle, most = np.array(spreads, dtype=np.float64).T
    value, bound = distance.value / middle, distance.error_bound
    over, under = (distance.value + bound) / least, np.maximum(distance.value - bound, 0.0) / most
    return made(
        value,
        low=distance.low / middle,
        high=distance.high / middle,
        method=distance.method,
        n=distance.n,
        error_bound=np.maximum(over - value, value - under),
        null_expectation=distance.null_expectation / middle,
        p_value=distance.p_value,
        why_not=np.where(np.isnan(distance.value), distance.why_not, NO_SPREAD),
    )


# The reference's is asked for once a window.
@lru_cache(maxsize=64)
def _spread(column: NumericColumn) -> tuple[float, float, float] | None:
    """Standard deviation (ddof 0) with what rounding to units leaves open below and above; None for no spread."""
    bins, n = column.bins, column.n
    unit, unit_sq = Fraction(bins.unit), Fraction(bins.unit_sq)
    mean = Fraction(column.total) * unit / Fraction(n)
    variance = Fraction(column.total_sq) * unit_sq / Fraction(n) - mean**2
    wrong = (unit_sq + unit * (2 * abs(mean) + unit)) * Fraction(column.rounding)
    largest = max(abs(end or 0.0) for end in _ends(column))
    if variance <= wrong or largest >= SATURATED * bins.unit or largest**2 >= SATURATED * bins.unit_sq:
        return None
    least, middle, most = (math.sqrt(each) for each in (variance - wrong, variance, variance + wrong))
    return least * (1 - CLIP), middle, most * (1 + CLIP)
