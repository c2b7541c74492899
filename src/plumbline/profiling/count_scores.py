"""Scores by outcome and decision of every population of a part, with the sums behind each performance figure."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from plumbline.domain.log_spec import LogSpec, ScoreKind, Task
from plumbline.profiling.bins import Grid, Ints, passed_sql
from plumbline.profiling.parts import Key, Part
from plumbline.profiling.profile import ALL, OTHER, POSITIVE, SCORE, UNKNOWN, Population, Slice, Sums
from plumbline.profiling.rows import Rows
from plumbline.profiling.score_sums import DERIVED_FROM, summed_names, terms
from plumbline.profiling.session import Arrays, Session, fixed, whole_sum
from plumbline.profiling.sources import quote, text

Whole = npt.NDArray[Any]  # int64, or Python integers where 64 bits were too few


def count_populations(session: Session, part: Part, spec: LogSpec, grid: Grid) -> dict[Key, dict[Slice, Population]]:
    """Every declared slice, and all rows, by window."""
    session.lay_out("scored", lambda kind: _scored(part, spec, grid, kind))
    found: dict[Key, dict[Slice, Population]] = {}
    for at, by in enumerate((None, *spec.slices)):
        for key, populations in _count_slice(session, part, spec, grid, by, at).items():
            found.setdefault(key, {}).update(populations)
    return found


def _scored(part: Part, spec: LogSpec, grid: Grid, kind: str) -> str:
    """The scored rows as narrow whole numbers: read and reckoned once, then grouped once a slice."""
    units = grid.units | {"one": 1.0}
    numbers = [f'{fixed(term.sql, units[term.unit], kind)} AS "{term.name}"' for term in terms(spec)]
    slices = [f"{_place_sql(grid.slices[by], f's{at}')} AS v{at}" for at, by in enumerate(spec.slices, start=1)]
    window = ["w"] if part.window else []
    kept = [*window, f"{grid.scores[SCORE].key_sql('p')} AS k", "o", "d", f"{passed_sql('p', grid.bands)} AS band"]
    return f"SELECT {', '.join([*kept, *numbers, *slices])} FROM ({_inner(part, spec)}) WHERE p IS NOT NULL"


def _place_sql(values: tuple[str, ...], word: str) -> str:
    """SQL: where a word stands among `values`; their number where it does not."""
    return f"coalesce(enum_code(TRY_CAST({word} AS ENUM ({', '.join(map(text, values))}))), {len(values)})"


def _count_slice(
    session: Session, part: Part, spec: LogSpec, grid: Grid, by: str | None, at: int
) -> dict[Key, dict[Slice, Population]]:
    keys = [*(["w"] if part.window else []), *([f"v{at}"] if by else [])]
    order = "".join(f"{key}, " for key in keys)
    cells = session.arrays(f"SELECT {order}k, o, count(*) AS n FROM scored GROUP BY {order}k, o ORDER BY {order}k, o")
    if not len(cells["n"]):
        return {}
    names = [term.name for term in terms(spec)]
    sums = session.tally(
        lambda kind: (
            f"SELECT {order}o, d, band, count(*) AS n, "
            + ", ".join(f"{whole_sum(quote(name), kind)} AS {quote(name)}" for name in names)
            + f" FROM scored GROUP BY {order}o, d, band ORDER BY {order}o, d, band"
        )
    )
    cube = _Cube(cells, sums, keys, grid, spec)
    values = (*grid.slices[by], OTHER) if by else ()
    return _split(part, by, values, sums[f"v{at}"] if by else None, cube)


def _inner(part: Part, spec: LogSpec) -> str:
    rows = part.rows
    selected = [
        f"{rows.number(spec.score or '')} AS p",
        f"{rows.label()} AS y",
        f"{rows.outcome()} AS o",
        f"{rows.decision()} AS d",
        *_house_columns(rows, spec),
        *(f"{rows.slice_value(columns)} AS s{at}" for at, columns in enumerate(spec.slices.values(), start=1)),
    ]
    if part.window:
        selected.append(f"{part.window} AS w")
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
    """Cells and sums of one slicing, both ordered by window and slice; runs of equal keys are populations."""

    def __init__(self, cells: Arrays, sums: Arrays, keys: list[str], grid: Grid, spec: LogSpec) -> None:
        self.arrays, self.bins = sums, grid.scores[SCORE]
        self.n, self.outcome, self.decision, self.band = (
            sums[name].astype(np.int64) for name in ("n", "o", "d", "band")
        )
        changed = _changes(sums, keys)
        self.starts, self.population = np.flatnonzero(changed), np.cumsum(changed) - 1
        self.bands = len(grid.bands) + 1
        self._take_cells(cells, keys)
        self.totals = _totals(self, spec, grid)
        units = grid.units | {"one": 1.0}
        self.names = tuple(name for name, _ in summed_names(spec))
        self.units = tuple(units[unit] for _, unit in summed_names(spec))

    def _take_cells(self, cells: Arrays, keys: list[str]) -> None:
        changed, bin_of = _changes(cells, keys), self.bins.resolve(cells["k"])
        first = changed | (np.diff(bin_of, prepend=-1) != 0)
        self.cell_bin = bin_of[first]
        outcome, n = cells["o"].astype(np.int64), cells["n"].astype(np.int64)
        self.counts = self.tabled((len(self.cell_bin), 3), np.cumsum(first) - 1, outcome, values=n)
        of_population = (np.cumsum(changed) - 1)[first]
        self.ends = np.searchsorted(of_population, np.arange(len(self.starts) + 1))

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


def _changes(arrays: Arrays, keys: list[str]) -> npt.NDArray[np.bool_]:
    """True where a line's keys differ from the line before, and at the first."""
    changed = np.zeros(len(arrays["n"]), dtype=bool)
    changed[0] = True
    for key in keys:
        changed[1:] |= arrays[key][1:] != arrays[key][:-1]
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
            found |= _probability(cube, found, round(1 / grid.units["score"]))
    return found | {term.name: cube.summed(a[term.name]) for term in terms(spec) if term.name not in DERIVED_FROM}


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


def _split(
    part: Part, by: str | None, values: tuple[str, ...], place: Whole | None, cube: _Cube
) -> dict[Key, dict[Slice, Population]]:
    size = len(cube.starts)
    decisions = cube.tabled((size, 3, 3), cube.population, cube.decision, cube.outcome, values=cube.n)
    banded = _bands(cube, size)
    found: dict[Key, dict[Slice, Population]] = {}
    for at, start in enumerate(cube.starts):
        window = cube.arrays["w"][start] if part.window else part.keys[0]
        key: Key = window if isinstance(window, str) else int(window)
        each = ALL if place is None else Slice(by, values[int(place[start])])
        inside = slice(cube.ends[at], cube.ends[at + 1])
        found.setdefault(key, {})[each] = Population(
            bins=cube.bins,
            index=cube.cell_bin[inside],
            counts=cube.counts[inside],
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
