"""Scores by outcome and decision of every population of a warehouse table, grouped there and made profiles here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import numpy as np

from plumbline.domain.log_spec import LogSpec
from plumbline.profiling.bins import Grid
from plumbline.profiling.parts import Key
from plumbline.profiling.populations import Lines, populations
from plumbline.profiling.profile import OTHER, SCORE, Population, Slice
from plumbline.profiling.score_sums import Term, terms
from plumbline.profiling.session import Arrays
from plumbline.profiling.warehouse_columns import by_window
from plumbline.profiling.warehouse_engine import Engine, all_of
from plumbline.profiling.warehouse_numbers import Expression, Limbs, passed, with_bins
from plumbline.profiling.warehouse_parts import TablePart
from plumbline.profiling.warehouse_terms import term_expressions


def count_tables_scores(
    engine: Engine, part: TablePart, spec: LogSpec, grid: Grid
) -> dict[Key, dict[Slice, Population]]:
    """Every declared slice, and all rows, by window."""
    scored = _scored(engine, part, spec, grid)
    found: dict[Key, dict[Slice, Population]] = {}
    slicings: list[str | None] = [*spec.slices] or [None]
    names = {by: f"v{at}" for at, by in enumerate(slicings)}
    cells = dict(all_of(engine, {name: scored.cells(name) for name in names.values()}))
    sums = {name: scored.added(lines) for name, lines in all_of(engine, {n: scored.sums(n) for n in names.values()})}
    # Every row stands in one slice of a slicing, so all rows are those of any slicing.
    whole = min(names.values(), key=lambda name: len(cells[name]["n"]))
    for by in (None, *spec.slices):
        places = {value: at for at, value in enumerate((*grid.slices[by], OTHER))} if by else {}
        name = names[by] if by else whole
        windows = by_window(part, cells[name]), by_window(part, sums[name])
        for key in windows[0]:
            lines = [_placed(each[key], places, order) for each, order in zip(windows, _ORDERS, strict=True)]
            found.setdefault(key, {}).update(populations(lines[0], lines[1], by, spec, grid))
    return found


def sliced(part: TablePart, spec: LogSpec, grid: Grid, by: str) -> Expression:
    """The slice a row belongs to; values that are not counted on their own are pooled."""
    value = part.rows.slice_value(spec.slices[by])
    return ibis.cases((value.isin(list(grid.slices[by])), value), else_=OTHER)


_ORDERS = (("o", "k", "v"), ("band", "d", "o", "v"))  # numpy names the first key last


@dataclass(frozen=True, slots=True)
class _Scored:
    """The scored rows as narrow whole numbers, kept in the warehouse: reckoned once, then grouped once a slicing."""

    table: Expression
    terms: tuple[Term, ...]
    limbs: Limbs

    def cells(self, slicing: str) -> Expression:
        rows = self.table.select("w", "k", "o", v=self.table[slicing])
        return rows.group_by("w", "v", "k", "o").aggregate(n=rows.count())

    def sums(self, slicing: str) -> Expression:
        rows = self.table.select("w", "o", "d", "band", *self.digits, v=self.table[slicing])
        told = {digit: ibis.coalesce(rows[digit].sum(), 0).cast("int64") for digit in self.digits}
        return rows.group_by("w", "v", "o", "d", "band").aggregate(n=rows.count(), **told)

    @property
    def digits(self) -> list[str]:
        return [f"t{at}_{nth}" for at in range(len(self.terms)) for nth in range(self.limbs.count)]

    def added(self, lines: Arrays) -> Arrays:
        """The sums as whole numbers by their names."""
        found = {name: lines[name] for name in ("w", "v", "o", "d", "band", "n")}
        for at, term in enumerate(self.terms):
            total = np.zeros(len(lines["n"]), dtype=object)
            for nth in range(self.limbs.count):
                total += lines[f"t{at}_{nth}"].astype(object) << (nth * self.limbs.bits)
            found[term.name] = total
        return found


def _scored(engine: Engine, part: TablePart, spec: LogSpec, grid: Grid) -> _Scored:
    asked, units = terms(spec), grid.units | {"one": 1.0}
    rows = with_bins(_rows(part, spec, grid), "p", grid.scores[SCORE])
    values = term_expressions(rows, spec)
    limbs = _room(engine, part, rows, [(values[term.name], units[term.unit]) for term in asked])
    digits = {
        f"t{at}_{nth}": digit
        for at, term in enumerate(asked)
        for nth, digit in enumerate(limbs.digits(values[term.name], units[term.unit]))
    }
    slices = [f"v{at}" for at in range(max(len(spec.slices), 1))]
    kept = rows.select("w", "k", "o", "d", *slices, band=passed(rows.p, grid.bands), **digits)
    return _Scored(engine.keep(kept), asked, limbs)


def _rows(part: TablePart, spec: LogSpec, grid: Grid) -> Expression:
    """Window, slices, score, outcome and decision, and what the sums are made of."""
    rows = part.rows
    slices = [sliced(part, spec, grid, by) for by in spec.slices] or [ibis.literal("")]
    house = {
        f"{axis}{at}": rows.number(column)
        for at, metric in enumerate(spec.counted_metrics)
        for axis, column in zip("xy", metric.columns, strict=False)
    }
    roles = {"p": rows.number(spec.score or ""), "y": rows.label(), "o": rows.outcome(), "d": rows.decision()}
    named = {f"v{at}": word for at, word in enumerate(slices)}
    narrow = rows.table.select(w=part.window(), **roles, **named, **house)
    return narrow.filter(narrow.p.notnull())


def _room(engine: Engine, part: TablePart, rows: Expression, values: Sequence[tuple[Expression, float]]) -> Limbs:
    """As few digits as hold the largest value of each sum."""
    narrow = rows.select(**{f"m{at}": value.abs() for at, (value, _) in enumerate(values)})
    found = engine.fetch(narrow.aggregate(**{f"m{at}": narrow[f"m{at}"].max() for at in range(len(values))}))
    largest = [found[f"m{at}"][0] for at in range(len(values))]
    limbs = Limbs.for_rows(part.size)
    held = all(
        most is None or np.isnan(most) or limbs.hold(float(most), unit)
        for most, (_, unit) in zip(largest, values, strict=True)
    )
    return limbs if held else Limbs.for_rows(part.size, wide=True)


def _placed(lines: Arrays, places: dict[str, int], order: Sequence[str]) -> Lines:
    """Slices by their number, and the lines in order of it, then of the rest."""
    numbered = lines | {"v": np.asarray([places.get(value, 0) for value in lines["v"].tolist()], dtype=np.int64)}
    at = np.lexsort([numbered[name] for name in order])
    return {name: values[at] for name, values in numbered.items()}
