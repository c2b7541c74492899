"""Scores by outcome and decision of every population of a part, with the sums behind each performance figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from plumbline.domain.log_spec import LogSpec
from plumbline.profiling.bins import Floats, Grid, Ints
from plumbline.profiling.count_columns import Rows as Lines
from plumbline.profiling.count_columns import windows_of
from plumbline.profiling.number_counts import Room, bins_of, passed
from plumbline.profiling.parts import Key, Part
from plumbline.profiling.populations import populations
from plumbline.profiling.profile import SCORE, Population, Slice
from plumbline.profiling.rows import Rows
from plumbline.profiling.score_counts import DECISIONS, OUTCOMES, CellCount, SumCount
from plumbline.profiling.score_sums import terms
from plumbline.profiling.score_terms import whole_terms
from plumbline.profiling.session import Session
from plumbline.profiling.slices import ALL_ROWS, Slices

_FULL = 4_000_000  # cells of full tables, of all slicings and windows of a part: 32 MB


def count_populations(session: Session, part: Part, spec: LogSpec, grid: Grid) -> dict[Key, dict[Slice, Population]]:
    """Every declared slice, and all rows, by window; the rows are read once."""
    plan, room = _Plan(spec, grid, len(part.keys)), Room()
    found: dict[Key, _Scores] = {}
    for batch in session.batches(_scored(part, spec, plan.slices)):
        rows = plan.prepared(batch, room)
        for key, lines in windows_of(part, batch):
            found.setdefault(key, _Scores(plan)).add(rows, lines)
    return {key: scores.populations() for key, scores in found.items()}


@dataclass(frozen=True, slots=True)
class _Batch:
    """Rows made ready to be grouped."""

    cell: Ints  # score bin x outcomes + outcome
    detail: Ints  # outcome, decision and band as one number
    slices: dict[str, Ints]
    blocks: tuple[Ints, ...]
    terms: dict[str, Floats]


class _Plan:
    """What is the same for every batch of a part."""

    def __init__(self, spec: LogSpec, grid: Grid, windows: int) -> None:
        self.spec, self.grid = spec, grid
        self.slices = Slices(spec, grid)
        self.blocks = self.slices.blocks()
        self.reckon = whole_terms(spec, grid)
        self.names = tuple(term.name for term in terms(spec))
        self.bins, self.bands = grid.scores[SCORE], grid.bands
        self.sizes = {ALL_ROWS: 1, **self.slices.sizes}
        self.full = sum(self.sizes.values()) * self.bins.size * OUTCOMES * windows <= _FULL

    def prepared(self, batch: Any, room: Room) -> _Batch:
        values = {name: _numbers(batch, name) for name in _measured(self.spec)}
        outcome, decision = (batch.column(name).to_numpy().astype(np.intp) for name in ("o", "d"))
        band = passed(values["p"], self.bands)
        places = self.slices.places(batch)
        return _Batch(
            cell=bins_of(self.bins, values["p"], room) * OUTCOMES + outcome,
            detail=(outcome * DECISIONS + decision) * (len(self.bands) + 1) + band,
            slices=places,
            blocks=tuple(block.value(places, len(band)) for block in self.blocks),
            terms=self.reckon(values),
        )


class _Scores:
    """One window: cells of each slicing, and sums of each block of slicings."""

    def __init__(self, plan: _Plan) -> None:
        self.plan = plan
        self.cells = {by: CellCount(plan.bins.size, size, full=plan.full) for by, size in plan.sizes.items()}
        self.sums = [SumCount(len(plan.bands) + 1, block.size, plan.names) for block in plan.blocks]

    def add(self, batch: _Batch, lines: Lines) -> None:
        cell, detail = batch.cell[lines], batch.detail[lines]
        numbers = {name: term[lines] for name, term in batch.terms.items()}
        for by, cells in self.cells.items():
            cells.add(batch.slices[by][lines] if by else np.zeros(1, dtype=np.intp), cell)
        for sums, value in zip(self.sums, batch.blocks, strict=True):
            sums.add(value[lines], detail, numbers)

    def populations(self) -> dict[Slice, Population]:
        found: dict[Slice, Population] = {}
        spec, grid = self.plan.spec, self.plan.grid
        for block, sums in zip(self.plan.blocks, self.sums, strict=True):
            for by, place in block.places.items():
                found |= populations(self.cells[by].lines(), sums.lines(place), by or None, spec, grid)
        return found


def _scored(part: Part, spec: LogSpec, slices: Slices) -> str:
    rows = part.rows
    score = rows.number(spec.score or "")
    selected = [
        *([f"{part.window} AS w"] if part.window else []),
        f"{score} AS p",
        f"{rows.label()} AS y",
        f"CAST({rows.outcome()} AS UTINYINT) AS o",
        f"CAST({rows.decision()} AS UTINYINT) AS d",
        *_house_columns(rows, spec),
        *slices.selected(rows),
    ]
    where = f"{'AND' if part.filters else 'WHERE'} {score} IS NOT NULL"
    return f"SELECT {', '.join(selected)} {part.clause} {where}"


def _house_columns(rows: Rows, spec: LogSpec) -> list[str]:
    return [
        f"{rows.number(column)} AS {axis}{at}"
        for at, metric in enumerate(spec.counted_metrics)
        for axis, column in zip("xy", metric.columns, strict=False)
    ]


def _measured(spec: LogSpec) -> list[str]:
    house = [
        f"{axis}{at}"
        for at, metric in enumerate(spec.counted_metrics)
        for axis, _ in zip("xy", metric.columns, strict=False)
    ]
    return ["p", "y", *house]


def _numbers(batch: Any, name: str) -> Floats:
    numbers: Floats = batch.column(name).to_numpy(zero_copy_only=False)
    return numbers
