"""What the rows of a warehouse table weigh in all, by window and by slice."""

from __future__ import annotations

import ibis

from plumbline.domain.log_spec import LogSpec, Task
from plumbline.profiling.assemble import WindowCounts, too_heavy
from plumbline.profiling.bins import Grid
from plumbline.profiling.parts import Key
from plumbline.profiling.profile import ALL, Slice
from plumbline.profiling.warehouse_columns import by_window
from plumbline.profiling.warehouse_engine import Engine, all_of
from plumbline.profiling.warehouse_numbers import Expression, weighed
from plumbline.profiling.warehouse_parts import TablePart
from plumbline.profiling.warehouse_scores import sliced
from plumbline.profiling.weights import MOST


def count_weights(engine: Engine, part: TablePart, spec: LogSpec, grid: Grid) -> dict[Key, WindowCounts]:
    """Sums of weights and of their squares, of all rows and, of several classes, by slice; `grid` is a weighed one.

    Raises:
        LogError: a window weighs more than its counts can hold.
    """
    _refuse_too_much(engine, part, spec)
    slicings = {"": ibis.literal("")}
    if spec.task is Task.MULTICLASS:  # with one score a slice's squares are summed with all the rest of it
        slicings |= {by: sliced(part, spec, grid, by) for by in spec.slices}
    found: dict[Key, WindowCounts] = {}
    limbs = part.limbs()
    for by, lines in all_of(engine, {by: _sums(part, word, grid) for by, word in slicings.items()}):
        for key, each in by_window(part, lines).items():
            counts = found.setdefault(key, WindowCounts())
            squares = limbs.total([each[f"q{at}"] for at in range(limbs.count)]).tolist()
            if not by:
                counts.total, counts.total_sq = int(each["n"][0]), int(squares[0])
            if spec.task is Task.MULTICLASS:
                words = zip(each["v"].tolist(), squares, strict=True)
                counts.squares |= {Slice(by, word) if by else ALL: int(square) for word, square in words}
    return found


def _sums(part: TablePart, word: Expression, grid: Grid) -> Expression:
    limbs = part.limbs()
    rows = part.rows.table.select(w=part.window(), v=word, **part.weights())
    digits = limbs.digits(weighed(rows.weight, rows.weight), grid.units["weight_sq"])
    keyed = rows.select("w", "v", "m", **{f"q{at}": digit for at, digit in enumerate(digits)})
    summed = {f"q{at}": keyed[f"q{at}"].sum().cast("int64") for at in range(limbs.count)}
    return keyed.group_by("w", "v").aggregate(n=part.tally(keyed), **summed)


def _refuse_too_much(engine: Engine, part: TablePart, spec: LogSpec) -> None:
    rows = part.rows.table.select(w=part.window(), m=part.weights()["m"].cast("float64"))
    found = engine.fetch(rows.group_by("w").aggregate(weight=rows.m.sum()))
    for window, weight in zip(found["w"].tolist(), found["weight"].tolist(), strict=True):
        if weight > MOST:
            raise too_heavy(spec, part.key(window))
