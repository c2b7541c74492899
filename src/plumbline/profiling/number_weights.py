"""Values of one numeric column counted by weight as they stream by."""

from __future__ import annotations

import math

import numpy as np

from plumbline.profiling.bins import Flags, Floats, NumericBins
from plumbline.profiling.number_counts import Room, Streamed, bins_of, whole_sum
from plumbline.profiling.score_counts import counted_by, largest_of


class WeighedNumbers(Streamed):
    """Each row counted as the whole `unit`s that it weighs; `bins` are those of a weighed grid."""

    def __init__(self, bins: NumericBins, unit: float) -> None:
        super().__init__(bins)
        self.unit = unit

    def add(self, values: Floats, nulls: Flags, weights: Floats, room: Room) -> None:
        """Rows of one window; a null stands as NaN among `values`, weights are in whole units."""
        kept, theirs = self.measure(values, nulls, weights, room)
        self.counts += counted_by(bins_of(self.bins, kept, room), theirs, len(self.counts))

    def measure(self, values: Floats, nulls: Flags, weights: Floats, room: Room) -> tuple[Floats, Floats]:
        """All but the bins; gives back the finite values that weigh something, and their weights."""
        finite = np.isfinite(values)
        empty = exact_sum(weights[nulls])
        self.missing += empty
        self.non_finite += exact_sum(weights[~finite]) - empty
        held = finite & (weights > 0)
        kept, theirs = values[held], weights[held]
        self.low = min(self.low, float(np.minimum.reduce(kept, initial=math.inf)))
        self.high = max(self.high, float(np.maximum.reduce(kept, initial=-math.inf)))
        with np.errstate(over="ignore"):
            real = theirs * self.unit
            products, squares = kept * real, kept * kept * real
        self.total += whole_sum(products, self.bins.unit, largest_of(products), room)
        self.total_sq += whole_sum(squares, self.bins.unit_sq, largest_of(squares), room)
        return kept, theirs


def exact_sum(numbers: Floats) -> int:
    """The sum of doubles that hold whole numbers.

    >>> exact_sum(np.array([2.0**60, 1.0]))
    1152921504606846977
    """
    if largest_of(numbers) * len(numbers) < 2.0**62:
        return int(np.add.reduce(numbers.astype(np.int64)))
    return sum(int(number) for number in numbers.tolist())
