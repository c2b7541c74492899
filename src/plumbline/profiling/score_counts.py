"""Scores of one window counted as they stream by: cells by outcome and sums by slice, in memory of fixed size."""

from __future__ import annotations

import numpy as np

from plumbline.profiling.bins import Floats, Ints
from plumbline.profiling.populations import Lines, Whole

OUTCOMES = DECISIONS = 3
_HELD = 1 << 15  # unsorted lines of cells that are kept before they are added up
_ROOM = 2.0**61
_ONE = np.int32(1)  # of the table's own type: another is converted row by row, sixty times as slow


class CellCount:
    """Rows by (slice, score bin, outcome): a full table where there is room for it, else only those that occur."""

    def __init__(self, bins: int, values: int, *, full: bool) -> None:
        self.bins = bins
        self.table = np.zeros(values * bins * OUTCOMES if full else 0, dtype=np.int32)
        self.keys, self.rows = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        self.waiting: list[tuple[Ints, Ints]] = []
        self.held = 0

    def add(self, value: Ints, cell: Ints) -> None:
        """`cell` is bin x outcomes + outcome."""
        keys = value * (self.bins * OUTCOMES) + cell
        if len(self.table):
            np.add.at(self.table, keys, _ONE)
            return
        keys.sort()
        starts = np.flatnonzero(np.diff(keys, prepend=-1))
        self.waiting.append((keys[starts], np.diff(starts, append=len(keys))))
        self.held += len(self.waiting[-1][0])
        if self.held > max(_HELD, len(self.keys)):
            self._settle()

    def lines(self) -> Lines:
        if len(self.table):
            self.keys = np.flatnonzero(self.table)
            self.rows = self.table[self.keys].astype(np.int64)
        else:
            self._settle()
        cell, outcome = np.divmod(self.keys, OUTCOMES)
        value, place = np.divmod(cell, self.bins)
        return {"v": value, "k": place, "o": outcome, "n": self.rows}

    def _settle(self) -> None:
        keys = np.concatenate([self.keys, *(keys for keys, _ in self.waiting)])
        rows = np.concatenate([self.rows, *(rows for _, rows in self.waiting)])
        order = np.argsort(keys)
        keys, rows = keys[order], rows[order]
        starts = np.flatnonzero(np.diff(keys, prepend=-1))
        self.keys = keys[starts]
        self.rows = np.add.reduceat(rows, starts) if len(starts) else rows
        self.waiting, self.held = [], 0


class SumCount:
    """Rows and whole sums by (block of slices, outcome, decision, band)."""

    def __init__(self, bands: int, values: int, names: tuple[str, ...]) -> None:
        self.bands = bands
        self.size = values * OUTCOMES * DECISIONS * bands
        self.rows = np.zeros(self.size, dtype=np.int64)
        self.sums: dict[str, Whole] = {name: np.zeros(self.size, dtype=np.int64) for name in names}

    def add(self, value: Ints, detail: Ints, terms: dict[str, Floats]) -> None:
        """`detail` is (outcome x decisions + decision) x bands + band; `terms` are whole numbers."""
        keys = value * (OUTCOMES * DECISIONS * self.bands) + detail
        self.rows += np.bincount(keys, minlength=self.size)
        for name, numbers in terms.items():
            self.sums[name] = _added(self.sums[name], whole_bincount(keys, numbers, self.size))

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


def whole_bincount(keys: Ints, numbers: Floats, size: int) -> Whole:
    """Exact sums by key of doubles that hold whole numbers: int64, or Python's integers where those are too few.

    >>> whole_bincount(np.array([0, 1, 1]), np.array([1.0, 2.0**60, 1.0]), 2).tolist()
    [1, 1152921504606846977]
    """
    most = float(np.abs(numbers).max(initial=0.0)) * len(numbers)
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


def _added(one: Whole, two: Whole) -> Whole:
    if object in (one.dtype, two.dtype) or max(np.abs(one).max(initial=0), np.abs(two).max(initial=0)) >= _ROOM:
        one, two = one.astype(object), two.astype(object)
    found: Whole = one + two
    return found
