"""Scores by outcome and decision of every population of a part, with the sums behind each performance figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from plumbline.domain.log_spec import LogSpec, Task
from plumbline.profiling.assemble import WindowCounts, too_heavy
from plumbline.profiling.bins import CategoricalBins, Floats, Grid
from plumbline.profiling.columns import CategoricalColumn
from plumbline.profiling.count_columns import Rows as Lines
from plumbline.profiling.count_columns import windows_of
from plumbline.profiling.number_counts import NumberCount, Room, bins_of
from plumbline.profiling.number_weights import WeighedNumbers, exact_sum
from plumbline.profiling.parts import Key, Part
from plumbline.profiling.populations import populations, squares
from plumbline.profiling.profile import LABEL, NEGATIVE, POSITIVE, SCORE, UNKNOWN
from plumbline.profiling.record_batches import numbers_in
from plumbline.profiling.score_counts import DECISIONS, OUTCOMES, CellCount, SumCount, counted_by
from plumbline.profiling.score_sums import terms
from plumbline.profiling.score_terms import whole_terms
from plumbline.profiling.session import Session
from plumbline.profiling.slices import ALL_ROWS, Places, Slices
from plumbline.profiling.weights import MOST

_HELD = 1 << 20  # rows that wait, of all windows of a part, until their cells are added up


def count_scores(session: Session, part: Part, spec: LogSpec, grid: Grid) -> dict[Key, WindowCounts]:
    """Every declared slice and all rows, by window, and the columns `counted_here`; the rows are read once.

    Of a part that counts by weight also the sums of weights; `grid` is then a weighed one.
    """
    plan, room, held = _Plan(spec, grid), Room(), 0
    found: dict[Key, _Scores] = {}
    for batch in session.batches(_scored(part, spec, plan.slices)):
        rows = plan.prepared(batch, room)
        for key, lines in windows_of(part, batch):
            if key not in found:
                found[key] = _Scores(plan)
            found[key].add(rows, lines, room)
        held += len(rows.score)
        if held > _HELD:
            held = 0
            for scores in found.values():
                scores.settle()
    for key in (key for key, scores in found.items() if scores.total > MOST):
        raise too_heavy(spec, key)
    return {key: scores.counts() for key, scores in found.items()}


def counted_here(spec: LogSpec, grid: Grid) -> frozenset[str]:
    """Columns of the profile that are at hand when scores are counted, and need no reading of their own."""
    label = [LABEL] if isinstance(grid.columns.get(LABEL), CategoricalBins) else []
    return frozenset() if spec.task is Task.MULTICLASS else frozenset([SCORE, *label])


@dataclass(frozen=True, slots=True)
class _Batch:
    """Rows made ready to be grouped."""

    score: Floats  # NaN where there is none
    outcome: npt.NDArray[np.uint8]
    cell: npt.NDArray[np.int32]  # score bin x outcomes + outcome
    detail: npt.NDArray[np.uint8]  # outcome, decision and band as one number
    slices: Places
    blocks: tuple[npt.NDArray[np.int16], ...]
    terms: dict[str, Floats]
    weights: Floats | None = None  # whole units


class _Plan:
    """What is the same for every batch of a part."""

    def __init__(self, spec: LogSpec, grid: Grid) -> None:
        self.spec, self.grid = spec, grid
        self.slices = Slices(spec, grid)
        self.blocks = self.slices.blocks()
        self.reckon = whole_terms(spec, grid)
        self.names = tuple(term.name for term in terms(spec))
        self.unit = grid.units["one"] if "weight_sq" in grid.units else None
        if self.unit:
            self.names += ("weight_sq",)
        self.bins, self.bands = grid.scores[SCORE], len(grid.bands) + 1
        self.band_of = self.bins.merge_at(grid.bands).astype(np.uint8)
        self.sizes = {ALL_ROWS: 1, **self.slices.sizes}

    def prepared(self, batch: Any, room: Room) -> _Batch:
        numbers = {name: numbers_in(batch.column(name)) for name in ("p", "y", *_house_columns(self.spec))}
        score, outcome = numbers["p"], self._outcome(numbers["y"])
        weights = numbers_in(batch.column("m")).astype(np.float64) if self.unit else None
        if weights is not None and self.unit:
            numbers["w"] = weights * self.unit
        if self.spec.threshold is None:
            decision = numbers_in(batch.column("d"))
        else:
            decision = (score >= self.spec.threshold).view(np.uint8)
        # Rows without a score are told apart later; until then any place will do.
        bins = bins_of(self.bins, np.nan_to_num(score) if batch.column("p").null_count else score, room)
        places = self.slices.places(batch)
        return _Batch(
            score=score,
            outcome=outcome,
            cell=np.multiply(bins, OUTCOMES, dtype=np.int32, casting="same_kind") + outcome,
            detail=(outcome * DECISIONS + decision) * np.uint8(self.bands) + self.band_of.take(bins),
            slices=places,
            blocks=tuple(block.value(places, len(outcome)) for block in self.blocks),
            terms=self.reckon(numbers),
            weights=weights,
        )

    def _outcome(self, label: Floats) -> npt.NDArray[np.uint8]:
        """NEGATIVE, POSITIVE or UNKNOWN; regression knows NEGATIVE (known) and UNKNOWN."""
        outcome = np.isnan(label).view(np.uint8) * np.uint8(UNKNOWN)
        if self.spec.task is not Task.REGRESSION:
            outcome += (label == 1).view(np.uint8) * np.uint8(POSITIVE)
        return outcome


class _Scores:
    """One window: cells of each slicing, sums of each block of slicings, and the score and outcome as columns."""

    def __init__(self, plan: _Plan) -> None:
        self.plan = plan
        self.cells = {by: CellCount(plan.bins.size, size) for by, size in plan.sizes.items()}
        self.sums = [SumCount(plan.bands, block.size, plan.names) for block in plan.blocks]
        self.score = WeighedNumbers(plan.bins, plan.unit) if plan.unit else NumberCount(plan.bins)
        self.outcomes = np.zeros(OUTCOMES, dtype=np.int64)
        self.total = self.total_sq = 0

    def add(self, batch: _Batch, lines: Lines, room: Room) -> None:
        score, weights = batch.score[lines], None if batch.weights is None else batch.weights[lines]
        empty = np.isnan(score)
        if isinstance(self.score, NumberCount):
            self.score.measure(score, int(np.count_nonzero(empty)), room)
        elif weights is not None:
            self.score.measure(score, empty, weights, room)
            self.total += exact_sum(weights)
            self.total_sq += exact_sum(batch.terms["weight_sq"][lines])
        self.outcomes += counted_by(batch.outcome[lines], weights, OUTCOMES)
        if empty.any():
            lines = (np.arange(len(batch.score)) if isinstance(lines, slice) else lines)[~empty]
        if not empty.all():
            self._add_scored(batch, lines)

    def _add_scored(self, batch: _Batch, lines: Lines) -> None:
        cell, detail = batch.cell[lines], batch.detail[lines]
        numbers = {name: term[lines] for name, term in batch.terms.items()}
        weights = None if batch.weights is None else batch.weights[lines]
        for by, cells in self.cells.items():
            cells.add(batch.slices[by][lines] if by else None, cell, weights)
        for sums, value in zip(self.sums, batch.blocks, strict=True):
            sums.add(value[lines], detail, numbers, weights)

    def settle(self) -> None:
        for cells in self.cells.values():
            cells.settle()

    def counts(self) -> WindowCounts:
        lines = {by: cells.lines() for by, cells in self.cells.items()}
        np.add.at(self.score.counts, lines[ALL_ROWS]["k"], lines[ALL_ROWS]["n"])
        found = WindowCounts(columns={SCORE: self.score.column()}, total=self.total, total_sq=self.total_sq)
        spec, grid = self.plan.spec, self.plan.grid
        label = grid.columns.get(LABEL)
        if isinstance(label, CategoricalBins):
            rows = self.outcomes[[NEGATIVE, POSITIVE]]
            found.columns[LABEL] = CategoricalColumn(bins=label, count=rows, missing=int(self.outcomes[UNKNOWN]))
        for block, sums in zip(self.plan.blocks, self.sums, strict=True):
            for by, place in block.places.items():
                summed = sums.lines(place)
                found.populations |= populations(lines[by], summed, by or None, spec, grid)
                if self.plan.unit:
                    found.squares |= squares(summed, by or None, grid)
        return found


def _scored(part: Part, spec: LogSpec, slices: Slices) -> str:
    rows = part.rows
    selected = [
        *([f"{part.window} AS w"] if part.window else []),
        *([f"{part.weight} AS m"] if part.weight else []),
        f"{rows.number(spec.score or '')} AS p",
        f"{rows.label()} AS y",
        *([f"CAST({rows.decision()} AS UTINYINT) AS d"] if spec.threshold is None else []),
        *(f"{rows.number(column)} AS {name}" for name, column in _house_columns(spec).items()),
        *slices.selected(rows),
    ]
    return f"SELECT {', '.join(selected)} {part.clause}"


def _house_columns(spec: LogSpec) -> dict[str, str]:
    """Columns of the house's own metrics by the names that they are read under."""
    return {
        f"{axis}{at}": column
        for at, metric in enumerate(spec.counted_metrics)
        for axis, column in zip("xy", metric.columns, strict=False)
    }
