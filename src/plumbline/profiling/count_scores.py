"""Scores by outcome and decision of every population of a part, with the sums behind each performance figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from plumbline.domain.log_spec import LogSpec, ScoreKind, Task
from plumbline.profiling.bins import Grid, Ints, NumericBins, real
from plumbline.profiling.parts import Key, Part
from plumbline.profiling.profile import ALL, OTHER, POSITIVE, SCORE, UNKNOWN, Population, Slice, Sums
from plumbline.profiling.rows import Rows
from plumbline.profiling.session import Arrays, Session, fixed_sum
from plumbline.profiling.sources import text

Whole = npt.NDArray[Any]  # int64, or Python integers where 64 bits were too few
# The machine epsilon of a double, as scikit-learn clips a probability before its logarithm.
CLIP = real(float(np.finfo(np.float64).eps))
RELATIVE_CAP = "1e4"  # an outcome next to nothing would drown all the others


@dataclass(frozen=True, slots=True)
class Term:
    """One sum of the query: SQL over score p, outcome y, and its unit's name in the grid."""

    name: str
    sql: str
    unit: str


def terms(spec: LogSpec) -> tuple[Term, ...]:
    """The sums that a kind of score needs; those that follow from others are left out."""
    found = [Term("s", "p", "score"), Term("q", "p * p", "square")]
    if spec.task is Task.REGRESSION:
        found += [
            Term("y", "y", "score"),
            Term("yy", "y * y", "square"),
            Term("py", "p * y", "square"),
            Term("absolute", "abs(p - y)", "score"),
            Term("fourth", "(p - y) * (p - y) * (p - y) * (p - y)", "fourth"),
            Term("relative", f"least(abs((p - y) / nullif(y, 0)), {RELATIVE_CAP})", "relative"),
            Term("relative_sq", f"least(abs((p - y) / nullif(y, 0)), {RELATIVE_CAP}) ** 2", "relative_sq"),
            Term("relative_n", "CASE WHEN y <> 0 THEN 1 END", "one"),
        ]
    elif spec.score_kind is ScoreKind.PROBABILITY:
        loss = f"-ln(least(greatest(CASE WHEN y = 1 THEN p ELSE 1 - p END, {CLIP}), 1 - {CLIP}))"
        found += [
            Term("brier_sq", "(p - y) * (p - y) * (p - y) * (p - y)", "square"),
            Term("log_loss", f"CASE WHEN y IS NOT NULL THEN {loss} END", "loss"),
            Term("log_loss_sq", f"CASE WHEN y IS NOT NULL THEN {loss} * {loss} END", "loss_sq"),
        ]
    return (*found, *_house_terms(spec))


def _house_terms(spec: LogSpec) -> list[Term]:
    found = []
    for at, metric in enumerate(spec.counted_metrics):
        x, y = f"x{at}", f"y{at}" if metric.ratio else "0"
        held = f"isfinite({x}) AND isfinite({y})" if metric.ratio else f"isfinite({x})"
        key = metric.key
        found += [
            Term(f"{key}:n", f"CASE WHEN {held} THEN 1 END", "one"),
            Term(f"{key}:x", f"CASE WHEN {held} THEN {x} END", f"{key}:x"),
            Term(f"{key}:xx", f"CASE WHEN {held} THEN {x} * {x} END", f"{key}:xx"),
        ]
        if metric.ratio:
            for name, product in (("y", y), ("yy", f"{y} * {y}"), ("xy", f"{x} * {y}")):
                found.append(Term(f"{key}:{name}", f"CASE WHEN {held} THEN {product} END", f"{key}:{name}"))
    return found


def count_populations(session: Session, part: Part, spec: LogSpec, grid: Grid) -> dict[Key, dict[Slice, Population]]:
    """Every declared slice, and all rows, by window."""
    found: dict[Key, dict[Slice, Population]] = {}
    for by in (None, *spec.slices):
        for key, populations in _count_slice(session, part, spec, grid, by).items():
            found.setdefault(key, {}).update(populations)
    return found


def no_rows(spec: LogSpec, grid: Grid) -> Population:
    """The population of a window without rows."""
    names = tuple(name for name, _ in summed_names(spec))
    nothing, bands = np.zeros(0, dtype=np.int64), np.zeros(len(grid.bands) + 1, dtype=np.int64)
    units = grid.units | {"one": 1.0}
    return Population(
        bins=grid.scores[SCORE],
        index=nothing,
        counts=np.zeros((0, 3), dtype=np.int64),
        decisions=np.zeros((3, 3), dtype=np.int64),
        band_rows=bands,
        band_score_units=bands,
        band_actual_units=bands,
        sums=Sums(names=names, totals=(0,) * len(names), units=tuple(units[unit] for _, unit in summed_names(spec))),
    )


def summed_names(spec: LogSpec) -> tuple[tuple[str, str], ...]:
    """(name, unit's name) of every sum that a population keeps."""
    found = [("score", "score"), ("score_sq", "square"), ("expected", "score"), ("expected_sq", "square")]
    if spec.task is Task.REGRESSION:
        found += [("actual", "score"), ("actual_sq", "square"), ("cross", "square"), ("error", "score")]
        found += [("squared", "square"), ("squared_sq", "fourth")]
    else:
        found.append(("actual", "one"))
        if spec.score_kind is ScoreKind.PROBABILITY:
            found += [("variance", "square"), ("brier", "square")]
    return (*found, *((term.name, term.unit) for term in terms(spec) if term.name not in _DERIVED_FROM))


_DERIVED_FROM = frozenset({"s", "q", "y", "yy", "py", "fourth"})


def _count_slice(
    session: Session, part: Part, spec: LogSpec, grid: Grid, by: str | None
) -> dict[Key, dict[Slice, Population]]:
    bins, asked = grid.scores[SCORE], terms(spec)
    units = grid.units | {"one": 1.0}
    keys = [*(["w"] if part.window else []), *(["v"] if by else [])]
    order = "".join(f"{key}, " for key in keys)

    def query(kind: str) -> str:
        sums = ", ".join(f'{fixed_sum(term.sql, units[term.unit], kind)} AS "{term.name}"' for term in asked)
        return (
            f"SELECT {order}{bins.key_sql('p')} AS k, o, d, count(*) AS n, {sums} "
            f"FROM ({_inner(part, spec, grid, by)}) WHERE p IS NOT NULL GROUP BY {order}k, o, d ORDER BY {order}k, o, d"
        )

    arrays = session.tally(query)
    if not len(arrays["n"]):
        return {}
    return _split(part, arrays, by, _Cube(arrays, keys, bins, grid, spec, asked))


def _inner(part: Part, spec: LogSpec, grid: Grid, by: str | None) -> str:
    rows = part.rows
    selected = [
        f"{rows.number(spec.score or '')} AS p",
        f"{rows.label()} AS y",
        f"{rows.outcome()} AS o",
        f"{rows.decision()} AS d",
        *_house_columns(rows, spec),
    ]
    if part.window:
        selected.append(f"{part.window} AS w")
    if by:
        selected.append(f"{slice_sql(rows, spec, grid, by)} AS v")
    return f"SELECT {', '.join(selected)} {part.clause}"


def slice_sql(rows: Rows, spec: LogSpec, grid: Grid, by: str) -> str:
    """The slice a row belongs to; values that are not counted on their own are pooled."""
    value = rows.slice_value(spec.slices[by])
    known = ", ".join(text(each) for each in grid.slices[by])
    return f"CASE WHEN {value} IN ({known}) THEN {value} ELSE '{OTHER}' END"


def _house_columns(rows: Rows, spec: LogSpec) -> list[str]:
    return [
        f"{rows.number(column)} AS {axis}{at}"
        for at, metric in enumerate(spec.counted_metrics)
        for axis, column in zip("xy", metric.columns, strict=False)
    ]


class _Cube:
    """The lines of one query, ordered by window, slice and score bin; runs of equal keys are populations."""

    def __init__(
        self, arrays: Arrays, keys: list[str], bins: NumericBins, grid: Grid, spec: LogSpec, asked: tuple[Term, ...]
    ) -> None:
        self.arrays, self.bins = arrays, bins
        self.n = arrays["n"].astype(np.int64)
        self.outcome, self.decision = arrays["o"].astype(np.int64), arrays["d"].astype(np.int64)
        size = len(self.n)
        changed = np.zeros(size, dtype=bool)
        changed[0] = True
        for key in keys:
            changed[1:] |= arrays[key][1:] != arrays[key][:-1]
        self.starts = np.flatnonzero(changed)
        self.population = np.cumsum(changed) - 1
        bin_of = bins.resolve(arrays["k"])
        new_cell = changed | (np.diff(bin_of, prepend=-1) != 0)
        self.cell = np.cumsum(new_cell) - 1
        self.cell_bin = bin_of[new_cell]
        self.cell_population = self.population[new_cell]
        self.band = bins.merge_at(grid.bands)[bin_of]
        self.bands = len(grid.bands) + 1
        self.totals = _totals(self, spec, grid, asked)
        units = grid.units | {"one": 1.0}
        self.names = tuple(name for name, _ in summed_names(spec))
        self.units = tuple(units[unit] for _, unit in summed_names(spec))

    def summed(self, values: Whole, where: npt.NDArray[np.bool_] | None = None) -> Whole:
        """Sum by population of integers, of all lines or of those `where`."""
        kept: Whole = _roomy(values if where is None else np.where(where, values, 0))
        return np.add.reduceat(kept, self.starts)

    def tabled(self, shape: tuple[int, ...], *places: Ints, values: Whole) -> Whole:
        """Counts spread over a table."""
        roomy = _roomy(values)
        table: Whole = np.zeros(shape, dtype=roomy.dtype)
        np.add.at(table, places, roomy)
        return table


def _roomy(values: Whole) -> Whole:
    """The same integers, as Python's own where their sum could pass 64 bits."""
    if values.dtype == object or not len(values) or int(np.abs(values).max()) < 2**62 // len(values):
        return values
    return values.astype(object)


def _totals(cube: _Cube, spec: LogSpec, grid: Grid, asked: tuple[Term, ...]) -> dict[str, Whole]:
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
            found |= _probability(cube, found, round(1 / grid.units["score"]))
    return found | {term.name: cube.summed(a[term.name]) for term in asked if term.name not in _DERIVED_FROM}


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
        "squared_sq": cube.summed(a["fourth"]),
    }


def _split(part: Part, arrays: Arrays, by: str | None, cube: _Cube) -> dict[Key, dict[Slice, Population]]:
    size = len(cube.starts)
    counts = cube.tabled((len(cube.cell_bin), 3), cube.cell, cube.outcome, values=cube.n)
    decisions = cube.tabled((size, 3, 3), cube.population, cube.decision, cube.outcome, values=cube.n)
    banded = _bands(cube, size)
    cells = np.searchsorted(cube.cell_population, np.arange(size + 1))
    found: dict[Key, dict[Slice, Population]] = {}
    for at, start in enumerate(cube.starts):
        window = arrays["w"][start] if part.window else part.keys[0]
        key: Key = window if isinstance(window, str) else int(window)
        each = ALL if by is None else Slice(by, str(arrays["v"][start]))
        inside = slice(cells[at], cells[at + 1])
        found.setdefault(key, {})[each] = Population(
            bins=cube.bins,
            index=cube.cell_bin[inside],
            counts=counts[inside],
            decisions=decisions[at],
            band_rows=banded[0][at],
            band_score_units=banded[1][at],
            band_actual_units=banded[2][at],
            sums=Sums(
                names=cube.names,
                totals=tuple(int(cube.totals[name][at]) for name in cube.names),
                units=cube.units,
            ),
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
