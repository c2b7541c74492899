"""Scores of one window counted as they stream by: cells by outcome and sums by slice, in memory of fixed size."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from plumbline.profiling.bins import Floats, Ints
from plumbline.profiling.populations import Lines, Whole

OUTCOMES = DECISIONS = 3
_ROOM = 2.0**61
Keys = npt.NDArray[np.int32]


class CellCount:
    """Rows by (slice, score bin, outcome): ascending keys and the rows of each, and keys not yet added up."""

    def __init__(self, bins: int, values: int) -> None:
        self.cells = bins * OUTCOMES
        self.size = values * self.cells
        self.keys, self.rows = np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int64)
        self.waiting: list[Keys] = []
        self.weights: list[Floats] = []

    def add(self, value: npt.NDArray[Any] | None, cell: Keys, weights: Floats | None = None) -> None:
        """`cell` is bin x outcomes + outcome; `value` None stands for a single slice; `weights` are whole numbers."""
        self.waiting.append(cell if value is None else np.multiply(value, self.cells, dtype=np.int32) + cell)
        if weights is not None:
            self.weights.append(weights)

    def settle(self) -> None:
        """Add up what waits."""
        if not self.waiting:
            return
        every = np.concatenate(self.waiting)
        keys, rows = self._added_up(every, np.concatenate(self.weights) if self.weights else None)
        self.waiting, self.weights = [], []
        if len(self.keys):
            keys, rows = np.concatenate([self.keys, keys]), np.concatenate([self.rows, rows])
            order = np.argsort(keys, kind="stable")  # two runs in order: merged, not sorted
            keys, rows = keys[order], rows[order]
            starts = np.flatnonzero(np.diff(keys, prepend=-1))
            keys, rows = keys[starts], np.add.reduceat(rows, starts)
        self.keys, self.rows = keys, rows

    def _added_up(self, keys: Keys, weights: Floats | None) -> tuple[Keys, Ints]:
        if self.size <= 4 * len(keys):
            every = counted_by(keys, weights, 0 if weights is None else self.size)
            found = np.flatnonzero(every)
            return found.astype(np.int32), every[found]
        if weights is not None:
            return _weighed_up(keys, weights)
        keys.sort()
        starts = np.flatnonzero(np.diff(keys, prepend=-1))
        return keys[starts], np.diff(starts, append=len(keys))

    def lines(self) -> Lines:
        self.settle()
        held = self.rows > 0  # what weighs nothing is no line
        keys = self.keys[held]
        value = keys // self.cells
        cell = keys - value * self.cells
        place = cell // OUTCOMES
        return {"v": value, "k": place, "o": cell - place * OUTCOMES, "n": self.rows[held]}


def _weighed_up(keys: Keys, weights: Floats) -> tuple[Keys, Ints]:
    order = np.argsort(keys, kind="stable")
    keys, whole = keys[order], weights[order].astype(np.int64)
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    return keys[starts], np.add.reduceat(whole, starts)


class SumCount:
    """Rows and whole sums by (block of slices, outcome, decision, band)."""

    def __init__(self, bands: int, values: int, names: tuple[str, ...]) -> None:
        self.bands = bands
        self.size = values * OUTCOMES * DECISIONS * bands
        self.rows = np.zeros(self.size, dtype=np.int64)
        self.sums: dict[str, Whole] = {name: np.zeros(self.size, dtype=np.int64) for name in names}
        self.most = dict.fromkeys(names, 0.0)  # no sum is larger

    def add(
        self,
        value: npt.NDArray[Any],
        detail: npt.NDArray[Any],
        terms: dict[str, Floats],
        weights: Floats | None = None,
    ) -> None:
        """`detail` is (outcome x decisions + decision) x bands + band; `terms` and `weights` are whole numbers."""
        keys = np.multiply(value, OUTCOMES * DECISIONS * self.bands, dtype=np.intp) + detail
        self.rows += counted_by(keys, weights, self.size)
        for name, numbers in terms.items():
            self.most[name] += largest_of(numbers) * len(numbers)
            if self.most[name] >= _ROOM:
                self.sums[name] = self.sums[name].astype(object)
            self.sums[name] += whole_bincount(keys, numbers, self.size)

    def lines(self, place: Ints) -> Lines:
        """Lines of one slicing; `place[value]` is the slice in which a block's value lies."""
        details = self.size // len(place)
        rows = _gathered(self.rows, place, details)
        held = np.flatnonzero(rows)
        value, detail = np.divmod(held, details)
        detail, band = np.divmod(detail, self.bands)
        outcome, decision = np.divmod(detail, DECISIONS)
        keys = {"v": value, "o": outcome, "d": decision, "band": band, "n": rows[held]}
        return keys | {name: _gathered(sums, place, details)[held] for name, sums in self.sums.items()}


def _gathered(table: Whole, place: Ints, details: int) -> Whole:
    if table.dtype != object and float(np.abs(table).max(initial=0)) * len(place) >= _ROOM:
        table = table.astype(object)
    found: Whole = np.zeros((int(place.max()) + 1, details), dtype=table.dtype)
    np.add.at(found, place, table.reshape(len(place), details))
    return found.ravel()


def counted_by(keys: npt.NDArray[Any], weights: Floats | None, size: int) -> Ints:
    """Rows by key, or what they weigh: a window that weighs more than 64 bits tell is refused in the end."""
    if weights is None:
        return np.bincount(keys, minlength=size)
    if largest_of(weights) * len(weights) <= 2.0**53:
        return np.bincount(keys, weights=weights, minlength=size).astype(np.int64)
    sums = np.zeros(size, dtype=np.int64)
    np.add.at(sums, keys, weights.astype(np.int64))
    return sums


def whole_bincount(keys: Ints, numbers: Floats, size: int) -> Whole:
    """Exact sums by key of doubles that hold whole numbers: int64, or Python's integers where those are too few.

    >>> whole_bincount(np.array([0, 1, 1]), np.array([1.0, 2.0**60, 1.0]), 2).tolist()
    [1, 1152921504606846977]
    """
    most = largest_of(numbers) * len(numbers)
    if most <= 2.0**53:
        return np.bincount(keys, weights=numbers, minlength=size).astype(np.int64)
    sums = np.zeros(size, dtype=np.int64 if most < _ROOM else object)
    if most < _ROOM:
        np.add.at(sums, keys, numbers.astype(np.int64))
    else:
        # Far outside the reference: kept, but held to a size that can be written.
        held = np.clip(numbers, -1e30, 1e30).tolist()
        for key, number in zip(keys.tolist(), held, strict=True):
            sums[key] += int(number)
    return sums


def largest_of(numbers: Floats) -> float:
    """The largest size among numbers."""
    return max(float(np.maximum.reduce(numbers, initial=0.0)), -float(np.minimum.reduce(numbers, initial=0.0)))
