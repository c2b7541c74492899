"""Feature columns of a part, counted on the frozen bins by window."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from plumbline.profiling.bins import CategoricalBins, NumericBins
from plumbline.profiling.columns import CategoricalColumn, Column, NumericColumn, name_unseen
from plumbline.profiling.number_counts import NumberCount, Room
from plumbline.profiling.number_weights import WeighedNumbers
from plumbline.profiling.parts import Key, Part
from plumbline.profiling.record_batches import filled_in, numbers_in
from plumbline.profiling.session import Session

Rows = npt.NDArray[np.intp] | slice


def count_numbers(
    session: Session, part: Part, columns: Mapping[str, tuple[str, NumericBins]]
) -> dict[Key, dict[str, Column]]:
    """Numeric columns that are read together; each is given as (SQL of a DOUBLE, its bins)."""
    found, room = dict[Key, dict[str, NumberCount]](), Room()
    for batch in session.batches(_numbers(part, columns)):
        windows = list(windows_of(part, batch))
        for key in (key for key, _ in windows if key not in found):
            found[key] = {name: NumberCount(bins) for name, (_, bins) in columns.items()}
        for at, name in enumerate(columns):
            column = batch.column(f"x{at}")
            numbers = numbers_in(column)
            nulls = ~filled_in(column) if column.null_count else None
            for key, rows in windows:
                empty = 0 if nulls is None else int(np.count_nonzero(nulls[rows]))
                found[key][name].add(numbers[rows], empty, room)
    return {key: {name: count.column() for name, count in counts.items()} for key, counts in found.items()}


def weigh_numbers(
    session: Session, part: Part, columns: Mapping[str, tuple[str, NumericBins]], unit: float
) -> dict[Key, dict[str, Column]]:
    """`count_numbers` of a part that counts by weight, in this unit; of columns of few values as well."""
    found, room = dict[Key, dict[str, WeighedNumbers]](), Room()
    for batch in session.batches(_numbers(part, columns)):
        weights = numbers_in(batch.column("m")).astype(np.float64)
        for key, rows in windows_of(part, batch):
            if key not in found:
                found[key] = {name: WeighedNumbers(bins, unit) for name, (_, bins) in columns.items()}
            for at, count in enumerate(found[key].values()):
                column = batch.column(f"x{at}")
                count.add(numbers_in(column)[rows], ~filled_in(column)[rows], weights[rows], room)
    return {key: {name: count.column() for name, count in counts.items()} for key, counts in found.items()}


def _numbers(part: Part, columns: Mapping[str, tuple[str, NumericBins]]) -> str:
    """SQL: columns x0, x1, ..., with windows w and weights m where there are any."""
    window = [] if part.window is None else [f"{part.window} AS w"]
    weight = [f"{part.weight} AS m"] if part.weight else []
    selected = [*window, *weight, *(f"{sql} AS x{at}" for at, (sql, _) in enumerate(columns.values()))]
    return f"SELECT {', '.join(selected)} {part.clause_for(*selected)}"


def count_values(
    session: Session, part: Part, columns: Mapping[str, tuple[str, NumericBins]]
) -> dict[Key, dict[str, Column]]:
    """Numeric columns of few distinct values: the engine counts each, and the sums follow from the counts."""
    found: dict[Key, dict[str, NumberCount]] = {}
    for batch, groups in _grouped(session, part, columns):
        values, counts = batch.column("x"), numbers_in(batch.column("n"))
        numbers, filled = numbers_in(values), filled_in(values)
        for key, name, lines in groups:
            count = found.setdefault(key, {}).setdefault(name, NumberCount(columns[name][1]))
            held = lines[filled[lines]]
            count.missing += int(counts[lines].sum()) - int(counts[held].sum())
            count.add_groups(numbers[held], counts[held])
    return {key: {name: count.column() for name, count in counts.items()} for key, counts in found.items()}


def count_words(
    session: Session, part: Part, columns: Mapping[str, tuple[str, CategoricalBins]]
) -> dict[Key, dict[str, Column]]:
    """Categorical columns by window; each is given as (SQL of a VARCHAR, its levels)."""
    found: dict[Key, dict[str, WordCount]] = {}
    for batch, groups in _grouped(session, part, columns):
        words = np.asarray(batch.column("x").to_pylist(), dtype=object)
        counts = numbers_in(batch.column("n"))
        for key, name, lines in groups:
            count = found.setdefault(key, {}).setdefault(name, WordCount(columns[name][1]))
            count.add(words[lines].tolist(), counts[lines].tolist())
    return {key: {name: count.column() for name, count in counts.items()} for key, counts in found.items()}


def _grouped(
    session: Session, part: Part, columns: Mapping[str, tuple[str, Any]]
) -> Iterator[tuple[Any, list[tuple[Key, str, npt.NDArray[np.intp]]]]]:
    """Distinct values x of several columns and their rows n, read once; in each batch the lines of each column."""
    names = list(columns)
    window, by = ("", "") if part.window is None else (f"{part.window} AS w, ", "w, ")
    every = [f"x{at}" for at in range(len(names))]
    read = ", ".join(f"{columns[name][0]} AS {x}" for name, x in zip(names, every, strict=True)) + part.weighed
    told = f"grouping_id({', '.join(every)}) AS g, coalesce({', '.join(every)}) AS x, {part.tally} AS n"
    sets = ", ".join(f"({by}{x})" for x in every)
    sql = f"SELECT {by}{told} FROM (SELECT {window}{read} {part.clause_for(read)}) GROUP BY GROUPING SETS ({sets})"
    for batch in session.batches(sql):
        # A bit for each column, the first one highest: 0 for the one that was grouped by.
        code = numbers_in(batch.column("g")) ^ (2 ** len(names) - 1)
        groups = []
        for key, rows in windows_of(part, batch):
            inside = np.arange(batch.num_rows)[rows]
            for bit in np.flatnonzero(np.bincount(code[inside])).tolist():
                groups.append((key, names[len(names) - bit.bit_length()], inside[code[inside] == bit]))
        yield batch, groups


def windows_of(part: Part, batch: Any) -> Iterator[tuple[Key, Rows]]:
    """The windows of a batch, and the rows of each."""
    if part.window is None:
        if batch.num_rows:
            yield part.keys[0], slice(None)
        return
    column = batch.column("w")
    if column.type in ("string", "large_string"):
        coded = column.dictionary_encode()
        names, codes = coded.dictionary.to_pylist(), numbers_in(coded.indices)
    else:
        codes = numbers_in(column)
        names = None
    for code, rows in _runs(codes):
        yield (int(code) if names is None else names[code]), rows


def _runs(codes: npt.NDArray[Any]) -> Iterator[tuple[Any, Rows]]:
    if not len(codes):
        return
    if (codes == codes[0]).all():
        yield codes[0], slice(None)
        return
    order = np.argsort(codes, kind="stable")
    ordered = codes[order]
    starts = [0, *(np.flatnonzero(np.diff(ordered)) + 1).tolist(), len(codes)]
    for start, end in pairwise(starts):
        yield ordered[start], order[start:end]


def no_numbers(bins: NumericBins) -> NumericColumn:
    """A numeric column without one finite value."""
    nothing = np.zeros(0, dtype=np.int64)
    return NumericColumn(bins=bins, index=nothing, count=nothing)


class WordCount:
    """Counts of one categorical column in one window; each word comes once."""

    def __init__(self, bins: CategoricalBins) -> None:
        self.bins = bins
        self.level_at = _places(bins)
        self.count = np.zeros(len(bins.levels), dtype=np.int64)
        self.unseen: dict[str, int] = {}
        self.unseen_rest = self.missing = 0

    def add(self, words: list[str | None], rows: list[int]) -> None:
        for word, count in zip(words, rows, strict=True):
            if word is None:
                self.missing += count
            elif word in self.level_at:
                self.count[self.level_at[word]] += count
            else:
                self.unseen[word] = count
        # Only the largest are named: a column of ten million new words is held to a hundred on the way.
        self.unseen, self.unseen_rest = name_unseen(self.unseen, self.unseen_rest)

    def column(self) -> CategoricalColumn:
        return CategoricalColumn(
            bins=self.bins,
            count=self.count,
            unseen=self.unseen,
            unseen_rest=self.unseen_rest,
            missing=self.missing,
        )


@lru_cache(maxsize=256)
def _places(bins: CategoricalBins) -> dict[str, int]:
    return {level: at for at, level in enumerate(bins.levels)}


def no_words(bins: CategoricalBins) -> CategoricalColumn:
    return CategoricalColumn(bins=bins, count=np.zeros(len(bins.levels), dtype=np.int64))


def empty_column(bins: NumericBins | CategoricalBins) -> Column:
    """The column of a window without rows."""
    return no_words(bins) if isinstance(bins, CategoricalBins) else no_numbers(bins)
