"""Columns of a window, counted: numbers on fine bins, categories by level; both add exactly."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from plumbline.profiling.bins import CategoricalBins, Ints, NumericBins


def add_sparse(index: Ints, count: Ints, index_too: Ints, count_too: Ints) -> tuple[Ints, Ints]:
    """Counts by occupied bin, added; `count` may have further axes. Shapes (k,), (k, ...)."""
    bins, place = np.unique(np.concatenate([index, index_too]), return_inverse=True)
    total = np.zeros((len(bins), *count.shape[1:]), dtype=np.int64)
    np.add.at(total, place, np.concatenate([count, count_too]))
    return bins.astype(np.int64), total


def total_of(counts: Ints) -> int:
    """How many there are; of a weighed view a float."""
    total: int = counts.sum().item()
    return total


def added(one: Ints, two: Ints) -> Ints:
    """Sums of one shape, added exactly; shapes (n,)."""
    largest = max(int(np.abs(side).max(initial=0)) for side in (one, two))
    return one + two if largest < 2**62 else narrowed(one.astype(object) + two.astype(object))


def narrowed(sums: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Python's whole numbers as 64-bit ones where they fit."""
    fits = sums.dtype == object and max(map(abs, sums.ravel().tolist()), default=0) < 2**63
    return sums.astype(np.int64) if fits else sums


def exact_total(values: Ints) -> int:
    """Sum of 64-bit integers that may itself need more than 64 bits."""
    return int((values >> 32).sum() << 32) + int((values & 0xFFFFFFFF).sum()) if values.dtype != object else sum(values)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NumericColumn:
    """A numeric column of a window. `total` and `total_sq` are exact integers, in bins.unit and bins.unit_sq."""

    bins: NumericBins
    index: Ints  # occupied bins, ascending
    count: Ints  # rows in each
    missing: int = 0
    non_finite: int = 0
    total: int = 0
    total_sq: int = 0
    minimum: float | None = None
    maximum: float | None = None
    rounding: float = 1.0  # units that the sum may be out by for each row's worth of `n`

    @property
    def n(self) -> int:
        """Rows with a finite value."""
        return total_of(self.count)

    @property
    def rows(self) -> int:
        return self.n + self.missing + self.non_finite

    def fine(self) -> Ints:
        """Counts of all fine bins, ascending by value. Shape (bins.size,)."""
        dense = np.zeros(self.bins.size, dtype=self.count.dtype)
        dense[self.index] = self.count
        return dense

    def deciles(self) -> Ints:
        """Counts on the reference's deciles (fewer than ten where deciles coincide). Shape (len(bins.deciles) + 1,)."""
        return self.bins.in_deciles(self.index, self.count)

    @property
    def mean(self) -> float | None:
        return self.total * self.bins.unit / self.n if self.n else None

    @property
    def std(self) -> float | None:
        """Standard deviation with ddof 0."""
        if not self.n:
            return None
        mean = self.total * self.bins.unit / self.n
        return math.sqrt(max(self.total_sq * self.bins.unit_sq / self.n - mean**2, 0.0))

    @property
    def below(self) -> int:
        """Rows under the reference's minimum."""
        return total_of(self.count[: self._first(self.bins.minimum)])

    @property
    def above(self) -> int:
        """Rows over the reference's maximum."""
        return total_of(self.count[self._first(math.nextafter(self.bins.maximum, math.inf)) :])

    def _first(self, edge: float) -> int:
        """Place of the first occupied bin at or above an edge."""
        if self.bins.kind == "softsign":
            first = self.bins.starts[self.bins.splits.index(edge)]
        else:
            below = bisect_left(self.bins.cuts, edge)
            first = 2 * below + (self.bins.cuts[below : below + 1] == (edge,))
        return int(np.searchsorted(self.index, first))

    def __add__(self, other: NumericColumn) -> NumericColumn:
        index, count = add_sparse(self.index, self.count, other.index, other.count)
        lows = [each for each in (self.minimum, other.minimum) if each is not None]
        highs = [each for each in (self.maximum, other.maximum) if each is not None]
        return NumericColumn(
            bins=self.bins,
            index=index,
            count=count,
            missing=self.missing + other.missing,
            non_finite=self.non_finite + other.non_finite,
            total=self.total + other.total,
            total_sq=self.total_sq + other.total_sq,
            minimum=min(lows, default=None),
            maximum=max(highs, default=None),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CategoricalColumn:
    """A categorical column of a window: counts by frozen level, unseen levels by name up to a cap."""

    bins: CategoricalBins
    count: Ints  # aligned with bins.levels
    unseen: dict[str, int] = field(default_factory=dict)
    unseen_rest: int = 0  # rows of unseen levels beyond the cap
    missing: int = 0

    @property
    def unseen_rows(self) -> int:
        return sum(self.unseen.values()) + self.unseen_rest

    @property
    def n(self) -> int:
        """Rows with a value."""
        return total_of(self.count) + self.unseen_rows

    @property
    def rows(self) -> int:
        return self.n + self.missing

    def __add__(self, other: CategoricalColumn) -> CategoricalColumn:
        names = {**self.unseen, **other.unseen}
        both = {name: self.unseen.get(name, 0) + other.unseen.get(name, 0) for name in names}
        unseen, rest = name_unseen(both, self.unseen_rest + other.unseen_rest)
        return CategoricalColumn(
            bins=self.bins,
            count=self.count + other.count,
            unseen=unseen,
            unseen_rest=rest,
            missing=self.missing + other.missing,
        )


UNSEEN_NAMED = 100  # unseen levels kept by name; the rest is a number


def name_unseen(unseen: dict[str, int], rest: int = 0) -> tuple[dict[str, int], int]:
    """The largest unseen levels by name (ties by name), and how many rows the others hold."""
    ranked = sorted(unseen.items(), key=lambda item: (-item[1], item[0]))
    return dict(ranked[:UNSEEN_NAMED]), rest + sum(count for _, count in ranked[UNSEEN_NAMED:])


Column = NumericColumn | CategoricalColumn


def add_columns(one: Column, two: Column) -> Column:
    """The same column of two windows, added."""
    if isinstance(one, NumericColumn) and isinstance(two, NumericColumn):
        return one + two
    if isinstance(one, CategoricalColumn) and isinstance(two, CategoricalColumn):
        return one + two
    raise TypeError("a column is numeric in one profile and categorical in the other")
