"""Scores by outcome and decision of every population of a warehouse table, grouped there and made profiles here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import numpy as np

from plumbline.domain.log_spec import LogSpec
from plumbline.profiling.assemble import WindowCounts
from plumbline.profiling.bins import Grid
from plumbline.profiling.parts import Key
from plumbline.profiling.populations import Lines, populations, squares
from plumbline.profiling.profile import OTHER, SCORE
from plumbline.profiling.score_sums import ROW, terms
from plumbline.profiling.session import Arrays
from plumbline.profiling.warehouse_columns import by_window
from plumbline.profiling.warehouse_engine import Engine, all_of
from plumbline.profiling.warehouse_numbers import Expression, Limbs, passed, weighed, with_bins
from plumbline.profiling.warehouse_parts import TablePart
from plumbline.profiling.warehouse_terms import Power, factors, powers_of


def count_tables_scores(engine: Engine, part: TablePart, spec: LogSpec, grid: Grid) -> dict[Key, WindowCounts]:
    """Every declared slice, and all rows, by window."""
    scored = _scored(engine, part, spec, grid)
    slicings = {f"v{at}": by for at, by in enumerate((None, *spec.slices))}
    sums = dict(all_of(engine, {name: scored.sums(name) for name in slicings}))
    found: dict[Key, WindowCounts] = {}
    for name, by in slicings.items():
        # One slicing at a time: of a large log there are millions of lines.
        cells = engine.fetch(scored.cells(name))
        places = {value: at for at, value in enumerate((*grid.slices[by], OTHER))} if by else {}
        windows = by_window(part, cells), by_window(part, scored.added(sums[name]))
        for key in windows[0]:
            lines = [_placed(part.kept(each[key]), places, order) for each, order in zip(windows, _ORDERS, strict=True)]
            counts = found.setdefault(key, WindowCounts())
            counts.populations |= populations(lines[0], lines[1], by, spec, grid)
            if part.unit:
                counts.squares |= squares(lines[1], by, grid)
    return found


def sliced(part: TablePart, spec: LogSpec, grid: Grid, by: str) -> Expression:
    """The slice a row belongs to; values that are not counted on their own are pooled."""
    value = part.rows.slice_value(spec.slices[by])
    return ibis.cases((value.isin(list(grid.slices[by])), value), else_=OTHER)


_ORDERS = (("o", "k", "v"), ("band", "d", "o", "v"))  # numpy names the first key last


@dataclass(frozen=True, slots=True)
class _Scored:
    """The scored rows and what is summed of each, kept in the warehouse: reckoned once, then grouped once a slicing."""

    part: TablePart
    table: Expression
    summed: dict[str, tuple[Power, float]]  # by the name of the sum, with its unit
    limbs: Limbs

    def cells(self, slicing: str) -> Expression:
        rows = self.table.select("w", "k", "o", *self.part.m, v=self.table[slicing])
        return rows.group_by("w", "v", "k", "o").aggregate(n=self.part.tally(rows))

    def sums(self, slicing: str) -> Expression:
        digits = {
            f"t{at}_{nth}": digit
            for at, ((column, exponent), unit) in enumerate(self.summed.values())
            for nth, digit in enumerate(self.limbs.digits(self.table[column], unit, exponent))
        }
        rows = self.table.select("w", "o", "d", "band", *self.part.m, v=self.table[slicing], **digits)
        told = {digit: ibis.coalesce(rows[digit].sum(), 0).cast("int64") for digit in digits}
        return rows.group_by("w", "v", "o", "d", "band").aggregate(n=self.part.tally(rows), **told)

    def added(self, lines: Arrays) -> Arrays:
        """The sums as whole numbers by their names."""
        found = {name: lines[name] for name in ("w", "v", "o", "d", "band", "n")}
        for at, name in enumerate(self.summed):
            found[name] = self.limbs.total([lines[f"t{at}_{nth}"] for nth in range(self.limbs.count)])
        return found


def _scored(engine: Engine, part: TablePart, spec: LogSpec, grid: Grid) -> _Scored:
    powers, units = powers_of(spec), ROW | grid.units
    summed = {term.name: (powers[term.name], units[term.unit]) for term in terms(spec)}
    rows = with_bins(_rows(part, spec, grid), "p", grid.scores[SCORE])
    slices = [f"v{at}" for at in range(len(spec.slices) + 1)]
    made = factors(rows, spec)
    if part.unit:
        # Of a weight there is no power: each sum gets a column of its own.
        made = {
            f"u{at}": weighed(made[column], rows.weight, exponent)
            for at, ((column, exponent), _) in enumerate(summed.values())
        }
        summed = {name: ((f"u{at}", 1), unit) for at, (name, (_, unit)) in enumerate(summed.items())}
        made |= {"m": rows.m, "u": weighed(rows.weight, rows.weight)}
        summed["weight_sq"] = ("u", 1), units["weight_sq"]
    kept = rows.select("w", "k", "o", "d", *slices, band=passed(rows.p, grid.bands), **made)
    table = engine.keep(kept)
    return _Scored(part, table, summed, _room(engine, part, table, summed))


def _rows(part: TablePart, spec: LogSpec, grid: Grid) -> Expression:
    """Window, slices, score, outcome and decision, and what the sums are made of."""
    rows = part.rows
    slices = [ibis.literal(""), *(sliced(part, spec, grid, by) for by in spec.slices)]
    house = {
        f"{axis}{at}": rows.number(column)
        for at, metric in enumerate(spec.counted_metrics)
        for axis, column in zip("xy", metric.columns, strict=False)
    }
    roles = {"p": rows.number(spec.score or ""), "y": rows.label(), "o": rows.outcome(), "d": rows.decision()}
    named = {f"v{at}": word for at, word in enumerate(slices)}
    narrow = rows.table.select(w=part.window(), **roles, **named, **house, **part.weights())
    return narrow.filter(narrow.p.notnull())


def _room(engine: Engine, part: TablePart, table: Expression, summed: dict[str, tuple[Power, float]]) -> Limbs:
    """As few digits as hold the largest value of each sum."""
    columns = dict.fromkeys(column for (column, _), _ in summed.values())
    found = engine.fetch(table.aggregate(**{column: table[column].abs().max() for column in columns}))
    limbs = Limbs.for_rows(part.size)
    held = all(
        found[column][0] is None or limbs.hold(float(found[column][0]), unit, exponent)
        for (column, exponent), unit in summed.values()
    )
    return limbs if held else Limbs.for_rows(part.size, wide=True)


def _placed(lines: Arrays, places: dict[str, int], order: Sequence[str]) -> Lines:
    """Slices by their number, and the lines in order of it, then of the rest."""
    numbered = lines | {"v": np.asarray([places.get(value, 0) for value in lines["v"].tolist()], dtype=np.int64)}
    at = np.lexsort([numbered[name] for name in order])
    return {name: values[at] for name, values in numbered.items()}
