"""Rows drawn for the domain classifier: those of the smallest seeded hashes, so no order of files or rows decides."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from plumbline.domain.results import REFERENCE
from plumbline.profiling.bins import CategoricalBins, Floats, Grid
from plumbline.profiling.domain_classifier import SEED, Sample, of_reference, told_apart
from plumbline.profiling.domain_scores import DomainScores
from plumbline.profiling.opening import Opened
from plumbline.profiling.parts import Key, Part
from plumbline.profiling.record_batches import numbers_in
from plumbline.profiling.rows import Rows, relation
from plumbline.profiling.session import Session, together
from plumbline.profiling.sources import text

_HASHES = 2**64
_SPARE = 6.0  # standard deviations: that fewer rows than wanted have a hash under the bound does not happen


@dataclass(frozen=True, slots=True)
class _Drawing:
    """What is drawn, and how it is read; `columns` are the features in their order."""

    session: Session
    columns: Mapping[str, bool]  # whether it holds words
    wanted: int
    levels: Mapping[str, tuple[str, ...]]

    def selected(self, rows: Rows) -> str:
        """SQL: each feature as x0, x1, ...; a missing number is NaN."""
        return ", ".join(
            f"{rows.word(name)} AS x{at}" if words else f"coalesce({rows.number(name)}, CAST('nan' AS DOUBLE)) AS x{at}"
            for at, (name, words) in enumerate(self.columns.items())
        )

    def insert(self, sql: str) -> None:
        self.session.run(
            f"INSERT INTO domain_row SELECT d.* FROM ({sql}) d JOIN domain_bound b ON b.w = d.w WHERE d.h <= b.most"
        )


def domain_scores(
    session: Session, opened: Opened, grid: Grid, parts: Sequence[Part], sizes: Mapping[Key, int]
) -> dict[Key, DomainScores]:
    """By window of these parts, and of the reference: how well its rows are told from the reference's.

    `sizes` are the usable rows of each window. The reference is read from `opened`, whether or not it was taken over.
    """
    columns = features(opened, grid)
    if opened.spec.domain_rows is None or len(columns) < 2 or not parts:
        return {}
    levels = {name: bins.levels for name, bins in grid.columns.items() if isinstance(bins, CategoricalBins)}
    drawing = _Drawing(session, columns, opened.spec.domain_rows, levels)
    keys = {str(key): key for part in parts if not part.reference for key in part.keys}
    _make_room(drawing, {REFERENCE: sizes[REFERENCE]} | {name: sizes[key] for name, key in keys.items()})
    for number, rows in enumerate(opened.readings):
        _draw_reference(drawing, rows, number)
    for part in (each for each in parts if not each.reference):
        _draw(drawing, part)
    reference = _sample(drawing, REFERENCE)
    return {REFERENCE: of_reference(reference), **dict(_compared(drawing, reference, keys))}


def features(opened: Opened, grid: Grid) -> dict[str, bool]:
    """The features that rows are compared by, and whether each holds words; score, outcome and ids are none."""
    names = dict.fromkeys((*opened.numeric, *opened.words))
    return {name: isinstance(grid.columns[name], CategoricalBins) for name in names}


def _compared(drawing: _Drawing, reference: Sample, keys: Mapping[str, Key]) -> Iterator[tuple[Key, DomainScores]]:
    names, words = list(drawing.columns), [at for at, word in enumerate(drawing.columns.values()) if word]

    def task(name: str) -> DomainScores:
        return told_apart(reference, _sample(drawing, name), names, words)

    # The samples lie with the engine, which may put them on disk: two windows at a time are held here.
    yield from zip(keys.values(), together([partial(task, name) for name in keys]), strict=True)


def _make_room(drawing: _Drawing, sizes: Mapping[str, int]) -> None:
    kinds = ", ".join(f"x{at} {'VARCHAR' if words else 'DOUBLE'}" for at, words in enumerate(drawing.columns.values()))
    bounds = ", ".join(f"({text(name)}, {_bound(drawing.wanted, size)})" for name, size in sizes.items())
    drawing.session.run(f"CREATE TABLE domain_row (w VARCHAR, h UBIGINT, place BIGINT, {kinds})")
    drawing.session.run("CREATE TABLE domain_bound (w VARCHAR, most UBIGINT)")
    drawing.session.run(f"INSERT INTO domain_bound VALUES {bounds}")


def _bound(wanted: int, size: int) -> int:
    """The hash under which about so many rows of `size` lie, and hardly ever fewer.

    >>> _bound(500, 400) == 2**64 - 1, round(_bound(500, 10_000) / 2**64 * 10_000)
    (True, 644)
    """
    enough = wanted + _SPARE * math.sqrt(wanted) + 10
    return _HASHES - 1 if enough >= size else int(enough / size * _HASHES)


def _hash(rows: Rows) -> str:
    """By id; rows without one by their place, which is all that names them."""
    place = f"{text(rows.source.path.name)}, r.file_row_number"
    if rows.spec.id is None:
        return f"hash({SEED}, {place})"
    word = rows.word(rows.spec.id)
    return f"CASE WHEN {word} IS NULL THEN hash({SEED}, {place}) ELSE hash({SEED}, {word}) END"


def _draw(drawing: _Drawing, part: Part) -> None:
    rows = part.rows
    window = f"CAST({part.window} AS VARCHAR)" if part.window else text(str(part.keys[0]))
    selected = f"{window} AS w, {_hash(rows)} AS h, 0 AS place, {drawing.selected(rows)}"
    drawing.insert(f"SELECT {selected} {part.clause_for(selected)}")


def _draw_reference(drawing: _Drawing, rows: Rows, number: int) -> None:
    """Straight from the file: where it was taken over, nobody knows any more which of its rows were set aside."""
    if not rows.reference_file and rows.spec.reference_column is None:
        return
    place = f"{number} * 1000000000000 + r.file_row_number AS place"
    selected = f"{text(REFERENCE)} AS w, {_hash(rows)} AS h, {place}, {drawing.selected(rows)}"
    drawing.insert(f"SELECT {selected} FROM {relation(rows)} WHERE {rows.is_reference()} AND {rows.reason()} IS NULL")


def _sample(drawing: _Drawing, name: str) -> Sample:
    """The rows of the smallest hashes, by hash. Of several rows with one id, so with one hash, the first counts."""
    every = ", ".join(f"x{at}" for at in range(len(drawing.columns)))
    sql = (
        f"SELECT {every} FROM domain_row WHERE w = {text(name)} "
        f"QUALIFY row_number() OVER (PARTITION BY h ORDER BY place) = 1 ORDER BY h LIMIT {drawing.wanted}"
    )
    blocks = [_block(drawing, batch) for batch in drawing.session.batches(sql)]
    return Sample(np.concatenate([np.zeros((0, len(drawing.columns))), *blocks]))


def _block(drawing: _Drawing, batch: Any) -> Floats:
    return np.column_stack([
        _codes(batch.column(f"x{at}").to_pylist(), drawing.levels[name])
        if words else numbers_in(batch.column(f"x{at}"))
        for at, (name, words) in enumerate(drawing.columns.items())
    ])  # fmt: skip


def _codes(words: Sequence[str | None], levels: Sequence[str]) -> Floats:
    """The frozen place of each level; those that the reference never had share one, missing is NaN."""
    place = {level: at for at, level in enumerate(levels)}
    return np.array([math.nan if word is None else place.get(word, len(place)) for word in words], dtype=np.float64)
