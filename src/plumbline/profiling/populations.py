"""Populations made from grouped lines: cells of the score by outcome, and sums by outcome, decision and band."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from plumbline.domain.log_spec import LogSpec, ScoreKind, Task
from plumbline.profiling.bins import Grid, Ints
from plumbline.profiling.columns import narrowed
from plumbline.profiling.profile import ALL, OTHER, POSITIVE, SCORE, UNKNOWN, Population, Slice, Sums
from plumbline.profiling.score_sums import DERIVED_FROM, ROW, summed_names, terms
from plumbline.profiling.scores import CountedScores

Lines = dict[str, npt.NDArray[Any]]
Whole = npt.NDArray[Any]  # int64, or Python integers where 64 bits were too few


def populations(cells: Lines, sums: Lines, by: str | None, spec: LogSpec, grid: Grid) -> dict[Slice, Population]:
    """The populations of one window and one slicing.

    Lines are ordered by slice `v` (its place among `grid.slices[by]`; their number for the others), then by the rest:
    `cells` has v, k (fine bin), o (outcome), n; `sums` has v, o, d, band, n and the sum of each term in whole units.
    """
    if not len(sums["n"]):
        return {}
    cube = _Cube(cells, sums, grid, spec)
    values = (*grid.slices[by], OTHER) if by else ()
    return _split(by, values, cube, spec)


def squares(sums: Lines, by: str | None, grid: Grid) -> dict[Slice, int]:
    """Sums of squared weights by slice; lines as for `populations`."""
    values = (*grid.slices[by], OTHER) if by else ()
    found: dict[Slice, int] = {}
    for value, square in zip(sums["v"].tolist(), sums["weight_sq"].tolist(), strict=True):
        each = Slice(by, values[value]) if by else ALL
        found[each] = found.get(each, 0) + square
    return found


class _Cube:
    """Cells and sums of one slicing, both ordered by slice; runs of one slice are populations."""

    def __init__(self, cells: Lines, sums: Lines, grid: Grid, spec: LogSpec) -> None:
        self.arrays, self.bins = sums, grid.scores[SCORE]
        self.n, self.outcome, self.decision, self.band = (
            sums[name].astype(np.int64) for name in ("n", "o", "d", "band")
        )
        changed = _changes(sums["v"])
        self.starts, self.population = np.flatnonzero(changed), np.cumsum(changed) - 1
        self.bands = len(grid.bands) + 1
        self._take_cells(cells)
        self.totals = _totals(self, spec, grid)
        units = ROW | grid.units
        self.names = tuple(name for name, _ in summed_names(spec))
        self.units = tuple(units[unit] for _, unit in summed_names(spec))

    def _take_cells(self, cells: Lines) -> None:
        changed, bin_of = _changes(cells["v"]), cells["k"].astype(np.int64)
        first = changed | (np.diff(bin_of, prepend=-1) != 0)
        self.cell_bin = bin_of[first]
        self.counts = np.zeros((len(self.cell_bin), 3), dtype=np.int64)
        self.counts[np.cumsum(first) - 1, cells["o"]] = cells["n"]  # each cell and outcome comes once
        of_population = (np.cumsum(changed) - 1)[first]
        self.ends = np.searchsorted(of_population, np.arange(len(self.starts) + 1))

    def summed(self, values: Whole, where: npt.NDArray[np.bool_] | None = None) -> Whole:
        """Sum by population of integers, of all lines or of those `where`."""
        kept: Whole = _roomy(values if where is None else np.where(where, values, 0))
        return np.add.reduceat(kept, self.starts)

    def tabled(self, shape: tuple[int, ...], *places: Ints, values: Whole) -> Whole:
        """Counts spread over a table."""
        roomy = _roomy(values)
        table: Whole = np.zeros(math.prod(shape), dtype=roomy.dtype)
        np.add.at(table, np.ravel_multi_index(places, shape), roomy)
        return narrowed(table).reshape(shape)


def _changes(keys: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """True where a key differs from the one before, and at the first."""
    changed = np.ones(len(keys), dtype=bool)
    changed[1:] = keys[1:] != keys[:-1]
    return changed


def _roomy(values: Whole) -> Whole:
    """The same integers, as Python's own where their sum could pass 64 bits."""
    if values.dtype == object or not len(values) or int(np.abs(values).max()) < 2**62 // len(values):
        return values
    return values.astype(object)


def _totals(cube: _Cube, spec: LogSpec, grid: Grid) -> dict[str, Whole]:
    """Every sum of `summed_names`, by population."""
    a, known = cube.arrays, cube.outcome != UNKNOWN
    found: dict[str, Whole] = {
        "score": cube.summed(a["s"]),
        "score_sq": cube.summed(a["q"]),
        "expected": cube.summed(a["s"], known),
        "expected_sq": cube.summed(a["q"], known),
    }
    if spec.task is Task.REGRESSION:
        found |= _regression(cube, known)
    else:
        found["actual"] = cube.summed(cube.n, cube.outcome == POSITIVE)
        if spec.score_kind is ScoreKind.PROBABILITY:
            found |= _probability(cube, found, round((ROW | grid.units)["one"] / grid.units["score"]))
    kept = [term.name for term in terms(spec) if term.name not in DERIVED_FROM]
    # The house's own metrics ("key:x") have rows of their own; the others need the outcome.
    return found | {name: cube.summed(a[name], None if ":" in name else known) for name in kept}


def _probability(cube: _Cube, found: dict[str, Whole], one: int) -> dict[str, Whole]:
    expected, squares = found["expected"].astype(object), found["expected_sq"].astype(object)
    # (p - y)^2 = p^2 - 2 p y + y^2, summed in one unit, is exact.
    of_positives = cube.summed(cube.arrays["s"], cube.outcome == POSITIVE).astype(object)
    return {"variance": expected - squares, "brier": squares - 2 * of_positives + found["actual"].astype(object) * one}


def _regression(cube: _Cube, known: npt.NDArray[np.bool_]) -> dict[str, Whole]:
    a = cube.arrays
    actual, expected = cube.summed(a["y"]).astype(object), cube.summed(a["s"], known).astype(object)
    cross, squares = cube.summed(a["py"]).astype(object), cube.summed(a["q"], known).astype(object)
    actual_sq = cube.summed(a["yy"]).astype(object)
    return {
        "actual": actual,
        "actual_sq": actual_sq,
        "cross": cross,
        "error": expected - actual,
        "squared": squares - 2 * cross + actual_sq,
        "squared_sq": cube.summed(a["fourth"], known),
    }


def _split(by: str | None, values: Sequence[str], cube: _Cube, spec: LogSpec) -> dict[Slice, Population]:
    size = len(cube.starts)
    decisions = cube.tabled((size, 3, 3), cube.population, cube.decision, cube.outcome, values=cube.n)
    banded = _bands(cube, size)
    losses = _losses(cube, size) if by is None and spec.task is Task.REGRESSION else None
    found: dict[Slice, Population] = {}
    for at, start in enumerate(cube.starts):
        inside = slice(cube.ends[at], cube.ends[at + 1])
        found[Slice(by, values[int(cube.arrays["v"][start])]) if by else ALL] = Population(
            bins=cube.bins,
            scores=CountedScores(cube.cell_bin[inside], cube.counts[inside]),
            decisions=decisions[at],
            band_rows=banded[0][at],
            band_score_units=banded[1][at],
            band_actual_units=banded[2][at],
            sums=Sums(
                names=cube.names,
                totals=tuple(int(cube.totals[name][at]) for name in cube.names),
                units=cube.units,
            ),
            band_loss_units=None if losses is None else losses[at],
        )
    return found


def _bands(cube: _Cube, size: int) -> tuple[Whole, Whole, Whole]:
    known = cube.outcome != UNKNOWN
    actual = cube.arrays["y"] if "y" in cube.arrays else np.where(cube.outcome == POSITIVE, cube.n, 0)
    shape = (size, cube.bands)
    columns = (np.where(known, cube.n, 0), np.where(known, cube.arrays["s"], 0), np.where(known, actual, 0))
    rows, score, outcome = (
        cube.tabled(shape, cube.population, cube.band, values=np.asarray(column)) for column in columns
    )
    return rows, score, outcome


def _losses(cube: _Cube, size: int) -> Whole:
    """Sums of |error|, error^2 and error^4 by band. Shape (size, 3, bands)."""
    a, known = cube.arrays, cube.outcome != UNKNOWN
    q, cross, actual = (a[name].astype(object) for name in ("q", "py", "yy"))
    columns = (a["absolute"], q - 2 * cross + actual, a["fourth"])
    shape = (size, cube.bands)
    tables = [cube.tabled(shape, cube.population, cube.band, values=np.where(known, each, 0)) for each in columns]
    return narrowed(np.stack(tables, axis=1))
