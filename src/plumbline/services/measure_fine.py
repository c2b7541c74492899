"""Figures that need the fine bins' place on the axis: gaps and distances of a column, recalibration of the score."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from plumbline.profiling.bins import Ints
from plumbline.profiling.columns import NumericColumn
from plumbline.profiling.edges import edges, single
from plumbline.profiling.profile import ALL, NEGATIVE, POSITIVE, SCORE, Profile
from plumbline.services.measure_figures import Compared, Figures, Made, absent, of_figure
from plumbline.stats.drift import ks_batch
from plumbline.stats.recalibration import CLIP, recalibrate
from plumbline.stats.transport import CELL, Sample, Transport, wasserstein_batch

Floats = NDArray[np.float64]
DKW = "Dvoretzky-Kiefer-Wolfowitz; test: asymptotic Kolmogorov"
DELTA = "delta method, widened by the expectation without drift; test: asymptotic Kolmogorov"
SATURATED = 1e29  # whole units of one value; past ten times this the engine holds a value down
NO_SPREAD = "The reference has no spread to measure the distance in."
UNPROVEN = "The scores part the outcomes, or lie too close for their bins: no slope can be proven."


@dataclass(frozen=True, slots=True)
class _Fine:
    """A column on both sides: counts on strips of the axis between `edges`; `single` where a strip is one value."""

    name: str
    before: NumericColumn
    now: NumericColumn
    reference: Floats
    current: Floats
    edges: Floats
    single: NDArray[np.bool_]


def shifts(reference: Profile, current: Profile) -> Iterator[Compared]:
    """KS and Wasserstein's distance of each numeric column that has values on both sides."""
    by_size: dict[int, list[_Fine]] = {}
    for name, now in current.columns.items():
        before = reference.columns.get(name)
        if isinstance(now, NumericColumn) and isinstance(before, NumericColumn) and now.n and before.n:
            fine = _fine(name, before, now)
            by_size.setdefault(len(fine.reference).bit_length(), []).append(fine)
    for batch in by_size.values():
        yield from _of_batch(batch)


def recalibration(profile: Profile) -> Figures:
    """Calibration slope and intercept of all rows of a model that predicts a probability."""
    rows = profile.populations[ALL]
    n, events = rows.labelled, rows.positives
    if not 0 < events < n:
        why = "Only one outcome is present; a slope needs both." if n else "No label is known yet in this window."
        return dict.fromkeys(("calibration_slope", "calibration_intercept"), absent(why, n, events))
    fit = recalibrate(rows.counts[:, NEGATIVE], rows.counts[:, POSITIVE], *probabilities(profile))
    if fit is None:
        return dict.fromkeys(("calibration_slope", "calibration_intercept"), absent(UNPROVEN, n, events))
    slope, intercept = (of_figure(figure, n, "", events=events) for figure in (fit.slope, fit.intercept))
    return {
        "calibration_slope": replace(slope, error_bound=fit.slope_bound),
        "calibration_intercept": replace(intercept, error_bound=fit.intercept_bound),
    }


def probabilities(profile: Profile) -> tuple[Floats, Floats]:
    """The least and greatest score of each occupied bin."""
    rows, column = profile.populations[ALL], profile.columns.get(SCORE)
    least, most = (column.minimum, column.maximum) if isinstance(column, NumericColumn) else (None, None)
    span = 0.0 if least is None else least, 1.0 if most is None else most
    found = edges(rows.bins)
    low, high = np.clip(found[rows.index], *span), np.clip(found[rows.index + 1], *span)
    slack = np.where(single(rows.bins, rows.index), 0.0, CELL * (high - low) + 4 * CLIP)
    return np.clip(low - slack, *span), np.clip(high + slack, *span)


def _fine(name: str, before: NumericColumn, now: NumericColumn) -> _Fine:
    index, edge = _occupied(before, now), edges(now.bins)
    if 2 * len(index) < now.bins.size:
        # Few bins are occupied: those, and the stretches between them.
        size, bounds = 2 * len(index) - 1, np.column_stack([edge[index], edge[index + 1]]).ravel()
        places = [2 * np.searchsorted(index, side.index) for side in (before, now)]
        tied = np.ones(size, dtype=np.bool_)
        tied[::2] = single(now.bins, index)
    else:
        size, bounds, places = now.bins.size, edge, [before.index, now.index]
        tied = single(now.bins, np.arange(size))
    sides = np.zeros((2, size))
    for table, place, column in zip(sides, places, (before, now), strict=True):
        table[place] = column.count
    return _Fine(name, before, now, sides[0], sides[1], bounds, tied)


def _occupied(before: NumericColumn, now: NumericColumn) -> Ints:
    """Bins with rows on either side, ascending; marking beats sorting tenfold."""
    marked = np.zeros(now.bins.size, dtype=np.bool_)
    marked[before.index] = marked[now.index] = True
    return np.flatnonzero(marked)


def _of_batch(batch: Sequence[_Fine]) -> Iterator[Compared]:
    size = max(len(fine.reference) for fine in batch)
    reference, current, tied = (np.zeros((len(batch), size)) for _ in range(3))
    bounds = np.full((len(batch), size + 1), np.inf)
    for row, fine in enumerate(batch):
        used = len(fine.reference)
        reference[row, :used], current[row, :used], tied[row, :used] = fine.reference, fine.current, fine.single
        bounds[row, : used + 1] = fine.edges
    gaps = np.column_stack(ks_batch(reference, current, exact=tied)).tolist()
    moved = wasserstein_batch(
        _sample(reference, [fine.before for fine in batch]), _sample(current, [fine.now for fine in batch]), bounds
    )
    for row, fine in enumerate(batch):
        value, p_value, bound, low, high = gaps[row]
        ks = Made(value=value, low=low, high=high, method=DKW, n=fine.now.n, error_bound=bound)
        yield _drifted("ks", fine, ks, p_value)
        distance = _distance(moved, row, fine)
        yield _drifted("wasserstein", fine, distance, p_value)
        yield _drifted("wasserstein_std", fine, _in_spreads(distance, fine.before), p_value)


def _sample(counts: Floats, columns: Sequence[NumericColumn]) -> Sample:
    low, high = (np.array([side or 0.0 for side in ends]) for ends in zip(*map(_ends, columns), strict=True))
    units = np.array([column.bins.unit for column in columns])
    held = np.maximum(np.abs(low), np.abs(high)) < SATURATED * units
    means = np.array([column.mean or 0.0 for column in columns])
    return Sample(counts=counts, low=low, high=high, mean=means, mean_error=np.where(held, units, np.inf))


def _ends(column: NumericColumn) -> tuple[float | None, float | None]:
    return column.minimum, column.maximum


def _distance(moved: Transport, row: int, fine: _Fine) -> Made:
    value, bound, low, high, null = (
        float(part[row]) for part in (moved.value, moved.error_bound, moved.low, moved.high, moved.null_expectation)
    )
    if not math.isfinite(high + bound):
        return absent("Values of this column are too large to be measured.", fine.now.n)
    return Made(value=value, low=low, high=high, method=DELTA, n=fine.now.n, error_bound=bound, null_expectation=null)


def _in_spreads(distance: Made, reference: NumericColumn) -> Made:
    """The distance in standard deviations of the reference, whose own sums are rounded to whole units."""
    spread = _spread(reference)
    if distance.value is None or distance.low is None or distance.high is None:
        return distance
    if spread is None:
        return absent(NO_SPREAD, distance.n)
    least, middle, most = spread
    value, bound, null = distance.value / middle, distance.error_bound or 0.0, distance.null_expectation or 0.0
    wrong = max((distance.value + bound) / least - value, value - max(distance.value - bound, 0.0) / most)
    return replace(
        distance,
        value=value,
        low=distance.low / middle,
        high=distance.high / middle,
        error_bound=wrong,
        null_expectation=null / middle,
    )


# The reference's is asked for once a window.
@lru_cache(maxsize=64)
def _spread(column: NumericColumn) -> tuple[float, float, float] | None:
    """Standard deviation (ddof 0) with what rounding to units leaves open below and above; None for no spread."""
    bins, n = column.bins, column.n
    unit, unit_sq = Fraction(bins.unit), Fraction(bins.unit_sq)
    mean = column.total * unit / n
    variance = column.total_sq * unit_sq / n - mean**2
    wrong = unit_sq + unit * (2 * abs(mean) + unit)
    largest = max(abs(end or 0.0) for end in _ends(column))
    if variance <= wrong or largest >= SATURATED * bins.unit or largest**2 >= SATURATED * bins.unit_sq:
        return None
    least, middle, most = (math.sqrt(each) for each in (variance - wrong, variance, variance + wrong))
    return least * (1 - CLIP), middle, most * (1 + CLIP)


def _drifted(metric: str, fine: _Fine, made: Made, p_value: float) -> Compared:
    """A distance is itself the change; the reference's distance from itself is no figure."""
    return Compared(
        metric=metric,
        current=made,
        reference=None,
        population=ALL,
        column=fine.name,
        p_value=None if made.value is None else p_value,
        effect=made.value,
        n_reference=fine.before.n,
    )
