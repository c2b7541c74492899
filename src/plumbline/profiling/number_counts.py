"""Values of one numeric column counted as they stream by: fine bins, exact sums, extremes, in memory of fixed size."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from plumbline.profiling.bins import ROUNDING, Floats, Ints, NumericBins
from plumbline.profiling.columns import NumericColumn

_WIDE = 1e30  # far outside the reference: kept, but held to a size that can be written
_HUGE = 1e300  # near the end of a double's range: differences would leave it


@dataclass(slots=True)
class Room:
    """Space to reckon in, shared by the columns that one thread counts."""

    away: Floats = field(default_factory=lambda: np.empty(0))
    place: Floats = field(default_factory=lambda: np.empty(0))

    def hold(self, rows: int) -> tuple[Floats, Floats]:
        if len(self.away) < rows:
            self.away, self.place = np.empty(rows), np.empty(rows)
        return self.away[:rows], self.place[:rows]


class Cells:
    """Softsign cells of one set of bins: `first` is a cell's lowest bin; the cells that splits divide are `divided`."""

    def __init__(self, bins: NumericBins) -> None:
        self.bins, self.splits = bins, np.asarray(bins.splits)
        of_split, every = bins.cell_of(self.splits), np.arange(bins.cells)
        self.first = (every + np.searchsorted(of_split, every)).astype(np.int32)
        self.divided = np.zeros(bins.cells, dtype=bool)
        self.divided[of_split] = True

    def of(self, values: Floats, largest: float, room: Room) -> Ints:
        """The cell of each finite value of at most `largest` in size; it stands in `room`."""
        # The cell of so large a value is the last one either way.
        held = np.clip(values, -_HUGE, _HUGE) if largest > _HUGE else values
        return self.bins.cell_of(held, *room.hold(len(values)))

    def near(self, values: Floats, cell: Ints) -> tuple[Ints, Ints]:
        """Which values share a cell with a split, and their bins: only those few are compared with it."""
        near = np.flatnonzero(self.divided.take(cell, mode="clip"))
        return near, cell[near] + np.searchsorted(self.splits, values[near], side="right")


cells_of = lru_cache(maxsize=256)(Cells)


def bins_of(bins: NumericBins, values: Floats, room: Room) -> npt.NDArray[Any]:
    """The fine bin of each finite value."""
    if bins.kind == "value":
        return bins.resolve(values)
    cells = cells_of(bins)
    cell = cells.of(values, math.inf, room)
    found = cells.first.take(cell, mode="clip")
    near, bin_of = cells.near(values, cell)
    found[near] = bin_of
    return found


class Streamed:
    """What is known of one column in one window while its rows stream by, each counted once or by its weight."""

    def __init__(self, bins: NumericBins) -> None:
        self.bins = bins
        self.missing = self.non_finite = self.total = self.total_sq = 0
        self.low, self.high = math.inf, -math.inf
        self.counts = np.zeros(bins.size, dtype=np.int64)

    def column(self) -> NumericColumn:
        index = np.flatnonzero(self.counts).astype(np.int64)
        return NumericColumn(
            bins=self.bins,
            index=index,
            count=self.counts[index],
            missing=self.missing,
            non_finite=self.non_finite,
            total=self.total,
            total_sq=self.total_sq,
            # -0.0 is 0.0: which of the two comes first must not show.
            minimum=self.low + 0.0 if len(index) else None,
            maximum=self.high + 0.0 if len(index) else None,
        )


class NumberCount(Streamed):
    """Counts of rows."""

    def __init__(self, bins: NumericBins) -> None:
        super().__init__(bins)
        self.cells = cells_of(bins) if bins.kind == "softsign" else None
        self.in_cells = np.zeros(bins.cells, dtype=np.int64)  # of those that splits divide `counts` tells more

    def add(self, values: Floats, nulls: int, room: Room) -> None:
        """Rows of this window; a null stands as NaN among `values` and is one of `nulls`."""
        kept = self.measure(values, nulls, room)
        if self.cells is None:
            self.counts += np.bincount(self.bins.resolve(kept), minlength=len(self.counts))
        elif len(kept):
            cell = self.cells.of(kept, max(-self.low, self.high), room)
            self.in_cells += np.bincount(cell, minlength=len(self.in_cells))
            self.counts += np.bincount(self.cells.near(kept, cell)[1], minlength=len(self.counts))

    def measure(self, values: Floats, nulls: int, room: Room) -> Floats:
        """All but the bins; gives back the finite values."""
        self.missing += nulls
        low, high = _least(values), _most(values)
        if not (math.isfinite(low) and math.isfinite(high)):
            kept = values[np.isfinite(values)]
            self.non_finite += len(values) - len(kept) - nulls
            values, low, high = kept, _least(kept), _most(kept)
        if len(values):
            self.low, self.high = min(self.low, low), max(self.high, high)
            largest = max(-low, high)
            self.total += whole_sum(values, self.bins.unit, largest, room)
            with np.errstate(over="ignore"):
                squares = np.multiply(values, values, out=room.hold(len(values))[0])
            self.total_sq += whole_sum(squares, self.bins.unit_sq, largest * largest, room)
        return values

    def add_groups(self, values: Floats, rows: Ints) -> None:
        """Distinct values and how many rows have each; NaN and infinities among them. For bins of kind "value"."""
        finite = np.isfinite(values)
        self.non_finite += int(rows[~finite].sum())
        values, rows = values[finite], rows[finite]
        if not len(values):
            return
        self.low, self.high = min(self.low, _least(values)), max(self.high, _most(values))
        with np.errstate(over="ignore"):
            self.total += _weighted(values / self.bins.unit, rows)
            self.total_sq += _weighted(values * values / self.bins.unit_sq, rows)
        np.add.at(self.counts, self.bins.resolve(values), rows)

    def column(self) -> NumericColumn:
        if self.cells is not None:
            whole = ~self.cells.divided
            self.counts[self.cells.first[whole]] += self.in_cells[whole]
        return super().column()


def _least(values: Floats) -> float:
    return float(np.minimum.reduce(values, initial=math.inf))


def _most(values: Floats) -> float:
    return float(np.maximum.reduce(values, initial=-math.inf))


def whole_sum(values: Floats, unit: float, largest: float, room: Room) -> int:
    """Exact sum of finite values of at most `largest` in size, each rounded to whole units (a power of two).

    >>> whole_sum(np.array([0.5, 1.25, -3.0]), 0.25, 3.0, Room()), whole_sum(np.array([1e200]), 1.0, 1e200, Room())
    (-5, 1000000000000000019884624838656)
    """
    most = largest / unit
    if most < 2.0**51 and most * len(values) < 2.0**62:
        start = np.float64(ROUNDING * unit)
        rounded = np.add(values, start, out=room.hold(len(values))[1])
        # The bits may pass 64 on the way; what remains of them is the sum, which does not.
        total = int(np.add.reduce(rounded.view(np.int64))) - len(values) * int(start.view(np.int64))
        return (total + 2**63) % 2**64 - 2**63
    with np.errstate(over="ignore"):
        whole = np.rint(values / unit)
    return sum(int(number) for number in np.clip(whole, -_WIDE, _WIDE).tolist())


def _weighted(scaled: Floats, rows: Ints) -> int:
    pairs = zip(np.clip(np.rint(scaled), -_WIDE, _WIDE).tolist(), rows.tolist(), strict=True)
    return sum(int(number) * count for number, count in pairs)
