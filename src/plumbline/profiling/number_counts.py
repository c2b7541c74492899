"""Values of one numeric column counted as they stream by: fine bins, exact sums, extremes, in memory of fixed size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from plumbline.profiling.bins import Floats, Ints, NumericBins
from plumbline.profiling.columns import NumericColumn

_CHUNK = 8_192  # values that stay in the processor's cache; 2^13 numbers of 40 bits add exactly in a double
_EXACT = 2.0**53
_WIDE = 1e30  # far outside the reference: kept, but held to a size that can be written
_HUGE = 1e300  # near the end of a double's range: differences would leave it


@dataclass(slots=True)
class Room:
    """Space to reckon in, shared by the columns that one thread counts."""

    away: Floats = field(default_factory=lambda: np.empty(_CHUNK))
    place: Floats = field(default_factory=lambda: np.empty(_CHUNK))


def cells_of(bins: NumericBins, values: Floats, most: float, room: Room) -> Ints:
    """Softsign cells of finite values of at most `most` in size."""
    cells = np.empty(len(values), dtype=np.intp)
    # The cell of so large a value is the last one either way.
    held = np.clip(values, -_HUGE, _HUGE) if most > _HUGE else values
    for start in range(0, len(values), _CHUNK):
        part = held[start : start + _CHUNK]
        cells[start : start + len(part)] = bins.cell_of(part, room.away[: len(part)], room.place[: len(part)])
    return cells


def bins_of(bins: NumericBins, values: Floats, room: Room) -> Ints:
    """The fine bin of each finite value."""
    if bins.kind == "value":
        return bins.resolve(values)
    most = float(np.abs(values).max(initial=0.0))
    return cells_of(bins, values, most, room) + passed(values, bins.splits)


def passed(values: Floats, edges: Sequence[float]) -> Ints:
    """How many edges lie at or below each value; for a score of edges quicker than a search.

    >>> passed(np.array([0.05, 0.1, 0.95]), (0.1, 0.9)).tolist()
    [0, 1, 2]
    """
    found = np.zeros(len(values), dtype=np.int16)
    for edge in edges:
        found += values >= edge
    return found.astype(np.intp)


class NumberCount:
    """Counts of one column in one window, while its rows stream by.

    On a softsign grid cells are counted, and rows at or above each split: their bins follow from the two.
    """

    def __init__(self, bins: NumericBins) -> None:
        self.bins = bins
        self.missing = self.non_finite = self.total = self.total_sq = 0
        self.low, self.high = math.inf, -math.inf
        self.counts = np.zeros(bins.cells if bins.kind == "softsign" else bins.size, dtype=np.int64)
        self.passed = [0] * len(bins.splits)

    def add(self, values: Floats, nulls: int, room: Room) -> None:
        """Rows of this window; a null stands as NaN among `values` and is one of `nulls`."""
        self.missing += nulls
        if not len(values):
            return
        low, high = float(values.min()), float(values.max())
        if not (math.isfinite(low) and math.isfinite(high)):
            kept = values[np.isfinite(values)]
            self.non_finite += len(values) - len(kept) - nulls
            if not len(kept):
                return
            values, low, high = kept, float(kept.min()), float(kept.max())
        self.low, self.high = min(self.low, low), max(self.high, high)
        most = max(abs(low), abs(high))
        self._sum(values, most, room)
        if self.bins.kind == "value":
            self.counts += np.bincount(self.bins.resolve(values), minlength=len(self.counts))
            return
        self.counts += np.bincount(cells_of(self.bins, values, most, room), minlength=len(self.counts))
        for at, split in enumerate(self.bins.splits):
            self.passed[at] += int(np.count_nonzero(values >= split))

    def add_groups(self, values: Floats, rows: Ints) -> None:
        """Distinct values and how many rows have each; NaN and infinities among them. For bins of kind "value"."""
        finite = np.isfinite(values)
        self.non_finite += int(rows[~finite].sum())
        values, rows = values[finite], rows[finite]
        if not len(values):
            return
        self.low, self.high = min(self.low, float(values.min())), max(self.high, float(values.max()))
        with np.errstate(over="ignore"):
            self.total += _weighted(values / self.bins.unit, rows)
            self.total_sq += _weighted(values * values / self.bins.unit_sq, rows)
        np.add.at(self.counts, self.bins.resolve(values), rows)

    def column(self) -> NumericColumn:
        counts = self.counts if self.bins.kind == "value" else split_cells(self.bins, self.counts, self.passed)
        index = np.flatnonzero(counts).astype(np.int64)
        return NumericColumn(
            bins=self.bins,
            index=index,
            count=counts[index],
            missing=self.missing,
            non_finite=self.non_finite,
            total=self.total,
            total_sq=self.total_sq,
            minimum=self.low if len(index) else None,
            maximum=self.high if len(index) else None,
        )

    def _sum(self, values: Floats, most: float, room: Room) -> None:
        """Whole units, added exactly."""
        per_unit, per_unit_sq = 1.0 / self.bins.unit, 1.0 / self.bins.unit_sq
        with np.errstate(over="ignore"):
            for start in range(0, len(values), _CHUNK):
                part = values[start : start + _CHUNK]
                scaled = np.multiply(part, per_unit, out=room.place[: len(part)])
                self.total += whole_sum(np.rint(scaled, out=scaled), most * per_unit)
                np.multiply(part, part, out=scaled)
                np.multiply(scaled, per_unit_sq, out=scaled)
                self.total_sq += whole_sum(np.rint(scaled, out=scaled), most * most * per_unit_sq)


def split_cells(bins: NumericBins, cells: Ints, passed: list[int]) -> Ints:
    """Counts by fine bin, from counts by cell and the rows at or above each split."""
    counts = np.zeros(bins.size, dtype=np.int64)
    of_split = bins.cell_of(np.asarray(bins.splits)).astype(np.int64)
    every = np.arange(len(cells))
    counts[every + np.searchsorted(of_split, every)] = cells
    above = int(cells.sum()) - np.cumsum(cells)  # rows of higher cells
    left = above + cells  # rows of this cell's last split and above it
    for at, cell in enumerate(of_split.tolist()):
        # Held between the two: rounding may put a value that all but equals a split into the cell beside.
        over = min(max(passed[at], int(above[cell])), int(left[cell]))
        counts[cell + at] = left[cell] - over
        counts[cell + at + 1] = over - above[cell]
        left[cell] = over
    return counts


def whole_sum(numbers: Floats, most: float) -> int:
    """Exact sum of doubles that hold whole numbers of at most `most` in size.

    >>> whole_sum(np.array([1.0, 2.0]), 2.0), whole_sum(np.array([1e300, 1.0]), 1e300) > 10**29
    (3, True)
    """
    if most * len(numbers) <= _EXACT:
        return int(numbers.sum())
    if most * len(numbers) < 2.0**62:
        return int(numbers.astype(np.int64).sum())
    return sum(int(number) for number in np.clip(numbers, -_WIDE, _WIDE).tolist())


def _weighted(scaled: Floats, rows: Ints) -> int:
    pairs = zip(np.clip(np.rint(scaled), -_WIDE, _WIDE).tolist(), rows.tolist(), strict=True)
    return sum(int(number) * count for number, count in pairs)
