"""Columns drawn anew from pooled counts: one law for the reference and every window, or a shift planted into one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from plumbline.profiling.bins import CategoricalBins, Floats, Ints, NumericBins
from plumbline.profiling.columns import CategoricalColumn, Column, NumericColumn, name_unseen
from plumbline.profiling.edges import edges
from plumbline.stats.self_test import tilted

DECILES = 9  # distinct ones of a column that a shift in standard deviations says something of


def drawn(counts: Ints, rows: int, chance: np.random.Generator) -> Ints:
    """`rows` of a population with these counts, with replacement, by its bins. Shape (bins,)."""
    total = int(counts.sum())
    if not total or not rows:
        return np.zeros(len(counts), dtype=np.int64)
    if rows >= len(counts):
        return chance.multinomial(rows, counts / total)
    found = np.searchsorted(np.cumsum(counts), chance.integers(total, size=rows), side="right")
    return np.bincount(found, minlength=len(counts)).astype(np.int64)


@dataclass(frozen=True)
class Numbers:
    """A numeric column's pooled counts on the reference's bins; what lay out of its range is held at the ends."""

    bins: NumericBins
    index: Ints
    count: Ints
    missing: int
    non_finite: int

    @classmethod
    def of(cls, pooled: NumericColumn) -> Numbers:
        first, last = _place(pooled.bins, np.array([pooled.bins.minimum, pooled.bins.maximum])).tolist()
        index, count = _added(np.clip(pooled.index, first, last), pooled.count)
        return cls(pooled.bins, index, count, pooled.missing, pooled.non_finite)

    @property
    def shiftable(self) -> bool:
        """Whether a shift in standard deviations says something of it: it has deciles, not a few values."""
        return len(self.bins.deciles) >= DECILES and self.spread > 0

    @cached_property
    def values(self) -> Floats:
        """What stands for the rows of each bin: its middle."""
        return middles(self.bins, self.index)

    @cached_property
    def spread(self) -> float:
        """Standard deviation of the pooled rows."""
        if not self.count.any():
            return 0.0
        mean = np.average(self.values, weights=self.count)
        return float(np.sqrt(np.average((self.values - mean) ** 2, weights=self.count)))

    def draw(self, rows: int, chance: np.random.Generator, _known: CategoricalBins | None = None) -> NumericColumn:
        counts = drawn(np.append(self.count, [self.missing, self.non_finite]), rows, chance)
        held = np.flatnonzero(counts[:-2])
        return self.column(held, counts[held], missing=int(counts[-2]), non_finite=int(counts[-1]))

    def column(self, at: Ints, count: Ints, *, missing: int = 0, non_finite: int = 0) -> NumericColumn:
        """A column with these counts at these places of `index`, ascending."""
        values = self.values[at]
        return NumericColumn(
            bins=self.bins,
            index=self.index[at],
            count=count,
            missing=missing,
            non_finite=non_finite,
            total=round(float(values @ count) / self.bins.unit),
            total_sq=round(float(values**2 @ count) / self.bins.unit_sq),
            minimum=float(values.min()) if len(at) else None,
            maximum=float(values.max()) if len(at) else None,
        )

    def shifted(self, size: float) -> Numbers:
        """Every value further up by so many standard deviations, on the same bins: what leaves the range leaves it."""
        index, count = _added(_place(self.bins, self.values + size * self.spread), self.count)
        return Numbers(self.bins, index, count, self.missing, self.non_finite)


@dataclass(frozen=True)
class Levels:
    """A categorical column's pooled counts, unseen levels among the others; `rest` are those beyond the cap."""

    names: tuple[str, ...]
    count: Ints
    rest: int
    missing: int

    @classmethod
    def of(cls, pooled: CategoricalColumn) -> Levels:
        names, unseen = pooled.bins.levels, sorted(pooled.unseen)
        count = np.append(pooled.count, [pooled.unseen[name] for name in unseen]).astype(np.int64)
        return cls((*names, *unseen), count, pooled.unseen_rest, pooled.missing)

    @property
    def shiftable(self) -> bool:
        return int(np.count_nonzero(self.count)) > 1

    def draw(self, rows: int, chance: np.random.Generator, known: CategoricalBins | None = None) -> CategoricalColumn:
        """Of a window, `known` are the levels that its reference drew; the reference knows what it has itself."""
        counts = drawn(np.append(self.count, [self.rest, self.missing]), rows, chance)
        of_name = dict(zip(self.names, counts.tolist(), strict=False))
        bins = known or CategoricalBins(tuple(name for name in self.names if of_name[name]))
        count = np.array([of_name.pop(name) for name in bins.levels], dtype=np.int64)
        unseen, rest = name_unseen({name: rows for name, rows in of_name.items() if rows}, int(counts[-2]))
        return CategoricalColumn(bins=bins, count=count, unseen=unseen, unseen_rest=rest, missing=int(counts[-1]))

    def shifted(self, size: float) -> Levels:
        """Another mix of the levels, PSI `size` away."""
        # As fine as the mix itself is: whole numbers are drawn from, of a population large enough.
        mix = np.rint(tilted(self.count, size) * 2**40).astype(np.int64)
        scale = 2**40 / max(int(self.count.sum()), 1)
        return Levels(self.names, mix, round(self.rest * scale), round(self.missing * scale))


Drawn = Numbers | Levels


def pool_of(column: Column) -> Drawn:
    """What a pooled column is drawn from."""
    return Numbers.of(column) if isinstance(column, NumericColumn) else Levels.of(column)


def middles(bins: NumericBins, index: Ints) -> Floats:
    """The middle of each bin within the reference's range; of an open one its inner edge. Shape of `index`."""
    low, high = edges(bins)[index], edges(bins)[index + 1]
    inside = (np.clip(low, bins.minimum, bins.maximum) + np.clip(high, bins.minimum, bins.maximum)) / 2
    # What was shifted out of the range: the nearer edge of its bin stands for it.
    return np.asarray(np.where(low > bins.maximum, low, np.where(high < bins.minimum, high, inside)))


def _place(bins: NumericBins, values: Floats) -> Ints:
    if bins.kind == "value":
        return bins.resolve(values)
    cells = np.clip(bins.cell_of(values.astype(np.float64)), 0, bins.cells - 1)
    return np.asarray(cells + np.searchsorted(np.asarray(bins.splits), values, side="right"), dtype=np.int64)


def _added(index: Ints, count: Ints) -> tuple[Ints, Ints]:
    places, where = np.unique(index, return_inverse=True)
    total = np.zeros(len(places), dtype=np.int64)
    np.add.at(total, where, count)
    return places.astype(np.int64), total
