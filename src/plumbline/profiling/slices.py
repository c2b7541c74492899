"""Which slice each row belongs to, as a small number: its value's place among those that are counted on their own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from plumbline.domain.log_spec import LogSpec
from plumbline.profiling.bins import Grid, Ints
from plumbline.profiling.freeze import SLICES
from plumbline.profiling.profile import JOIN, OTHER
from plumbline.profiling.record_batches import numbers_in
from plumbline.profiling.rows import Rows
from plumbline.profiling.sources import text

ALL_ROWS = ""  # the slicing that does not slice
_TABLE = 65_536  # most combinations of values that are looked up in a table
_TOGETHER = 1_024  # most combinations of values whose sums are counted in one table
Places = dict[str, npt.NDArray[Any]]  # small integers


@dataclass(frozen=True, slots=True)
class Block:
    """Slicings that are counted together: a row's value in the block tells its place in each of them."""

    columns: tuple[str, ...]  # slicings whose places, taken together, are the value
    sizes: tuple[int, ...]
    places: dict[str, Ints]  # of every slicing that follows: the place by value

    @property
    def size(self) -> int:
        return math.prod(self.sizes)

    def value(self, places: Places, rows: int) -> npt.NDArray[np.int16]:
        found = np.zeros(rows, dtype=np.int16)
        for column, size in zip(self.columns, self.sizes, strict=True):
            found *= np.int16(size)
            found += places[column]
        return found


class Slices:
    """SQL for the places of a log's slices, and the blocks in which their sums are counted."""

    def __init__(self, spec: LogSpec, grid: Grid) -> None:
        self.spec, self.grid = spec, grid
        self.sizes = {by: len(grid.slices[by]) + 1 for by in spec.slices}
        self.tables = {by: table for by in spec.slices if (table := self._table(by)) is not None}
        self.read = [by for by in spec.slices if by not in self.tables]

    def selected(self, rows: Rows) -> list[str]:
        """What to read: a place for each slicing that does not follow from others."""
        return [
            f"{place_sql(self.grid.slices[by], rows.slice_value(self.spec.slices[by]))} AS v{at}"
            for at, by in enumerate(self.read)
        ]

    def places(self, batch: Any) -> Places:
        """The place of each row of a batch, by slicing."""
        found: Places = {by: numbers_in(batch.column(f"v{at}")) for at, by in enumerate(self.read)}
        for by, table in self.tables.items():
            columns, at = self.spec.slices[by], np.zeros(batch.num_rows, dtype=np.intp)
            for column, size in zip(columns, table.shape, strict=True):
                at *= size
                at += found[column]
            found[by] = table.ravel().take(at)
        return found

    def blocks(self) -> list[Block]:
        """As few blocks as there is room for; the first also holds all rows, as the slicing ALL_ROWS."""
        groups: list[list[str]] = [[]]
        for by in self.read:
            if math.prod(self.sizes[each] for each in groups[-1]) * self.sizes[by] > _TOGETHER:
                groups.append([])
            groups[-1].append(by)
        loose = [by for by in self.tables if not any(set(self.spec.slices[by]) <= set(group) for group in groups)]
        blocks = [self._block(group) for group in (*groups, *([by] for by in loose))]
        blocks[0].places[ALL_ROWS] = np.zeros(blocks[0].size, dtype=np.intp)
        return blocks

    def _block(self, group: Sequence[str]) -> Block:
        sizes = tuple(self.sizes[by] for by in group)
        axes = dict(zip(group, np.indices(sizes).reshape(len(group), -1), strict=True)) if group else {}
        places = {by: axis.astype(np.intp) for by, axis in axes.items()}
        for by, table in self.tables.items():
            if set(self.spec.slices[by]) <= set(group):
                places[by] = table[tuple(axes[column] for column in self.spec.slices[by])].astype(np.intp)
        return Block(tuple(group), sizes, places)

    def _table(self, by: str) -> npt.NDArray[np.uint8] | None:
        """Places of an intersection by those of its columns; None where a column's values are not all known."""
        columns = self.spec.slices[by]
        known = [self.grid.slices.get(column, ()) for column in columns]
        sizes = [len(values) + 1 for values in known]
        if len(columns) < 2 or math.prod(sizes) > _TABLE or not all(0 < len(values) < SLICES for values in known):
            return None
        place = {value: at for at, value in enumerate(self.grid.slices[by])}
        # A value that the reference does not have is in none of its combinations.
        words = product(*((*values, None) for values in known))
        places = [len(place) if None in each else place.get(JOIN.join(map(str, each)), len(place)) for each in words]
        return np.asarray(places, dtype=np.uint8).reshape(sizes)


def place_sql(values: Sequence[str], word: str) -> str:
    """SQL: where a word stands among `values`; their number where it does not."""
    code = f"enum_code(TRY_CAST({word} AS ENUM ({', '.join(map(text, values))})))"
    return f"CAST(coalesce({code}, {len(values)}) AS UTINYINT)"


def slice_sql(rows: Rows, spec: LogSpec, grid: Grid, by: str) -> str:
    """The slice a row belongs to; values that are not counted on their own are pooled."""
    value = rows.slice_value(spec.slices[by])
    known = ", ".join(text(each) for each in grid.slices[by])
    return f"CASE WHEN {value} IN ({known}) THEN {value} ELSE '{OTHER}' END"
