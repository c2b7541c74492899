"""Scores of a multiclass log in a warehouse: each class against the rest, and who was taken for whom."""

from __future__ import annotations

from functools import reduce
from operator import add, and_

import ibis
import numpy as np

from plumbline.domain.log_spec import LogSpec
from plumbline.profiling.bins import Grid, Ints
from plumbline.profiling.count_classes import CLASS_SUMS, class_population, class_sums, classes_by_window
from plumbline.profiling.parts import Key
from plumbline.profiling.profile import ALL, POSITIVE, UNKNOWN, Classes, Population, Slice, Sums
from plumbline.profiling.score_sums import EPSILON
from plumbline.profiling.session import Arrays
from plumbline.profiling.warehouse_columns import by_window
from plumbline.profiling.warehouse_engine import Engine, all_of
from plumbline.profiling.warehouse_numbers import Expression, Limbs, passed, product, real, with_bins
from plumbline.profiling.warehouse_parts import TablePart
from plumbline.profiling.warehouse_scores import sliced


def count_tables_classes(engine: Engine, part: TablePart, spec: LogSpec, grid: Grid) -> dict[Key, Classes]:
    """Every class, the confusion of every slice, and the sums over whole distributions, by window."""
    limbs = part.limbs()
    queries = {name: _one_vs_rest(part, spec, grid, name, limbs) for name in spec.classes}
    one_vs_rest = {
        name: {key: _population(each, grid, name, limbs) for key, each in by_window(part, lines).items()}
        for name, lines in all_of(engine, queries)
    }
    confusion, sums = _confusions(engine, part, spec, grid), _sums(engine, part, spec, grid, limbs)
    return classes_by_window(spec, grid, one_vs_rest, confusion, sums)


def _one_vs_rest(part: TablePart, spec: LogSpec, grid: Grid, name: str, limbs: Limbs) -> Expression:
    """Rows by window, bin and outcome; sums by window, band and outcome, since of one row a sum is its value."""
    rows, label = part.rows, part.rows.label_word()
    outcome = ibis.cases((label.isnull(), UNKNOWN), (label == name, POSITIVE), else_=0).cast("int64")
    # As a case: PostgreSQL casts no truth to an eight-byte number.
    chosen = ibis.cases((_predicted(part, spec) == list(spec.classes).index(name), 1), else_=0).cast("int64")
    read = {"p": rows.number(spec.classes[name]), "o": outcome, "c": chosen}
    narrow = rows.table.select(w=part.window(), **read, **part.weights())
    narrow = with_bins(narrow.filter(narrow.p.notnull()), "p", grid.scores[name])
    p, units = narrow.p, grid.units
    digits = {f"s{at}": each for at, each in enumerate(part.digits(narrow, p, units["score"], limbs=limbs))}
    digits |= {f"q{at}": each for at, each in enumerate(part.digits(narrow, p, units["square"], 2, limbs=limbs))}
    keyed = narrow.select("w", "o", "c", "k", *part.m, band=passed(p, grid.bands), **digits)
    summed = {digit: keyed[digit].sum() for digit in digits}
    cells = keyed.group_by("w", "o", "c", "k", "band").aggregate(n=part.tally(keyed), **summed)
    banded = ibis.window(group_by=[cells.w, cells.o, cells.band])
    told = {digit: cells[digit].sum().over(banded).cast("int64") for digit in digits}
    return cells.select("w", "o", "c", "k", "band", "n", **told)


def _population(lines: Arrays, grid: Grid, name: str, limbs: Limbs) -> Population:
    score, squares = (limbs.total([lines[f"{letter}{at}"] for at in range(limbs.count)]) for letter in "sq")
    # The sum of a band stands on each of its lines: it is taken once.
    _, first = np.unique(np.stack([lines["o"], lines["band"]]), axis=1, return_index=True)
    once = np.zeros(len(score), dtype=np.int64)
    once[first] = 1
    told = [lines[column] for column in ("o", "c", "n")]
    columns = np.column_stack([*told, score * once, squares * once, lines["band"]]).astype(np.int64)
    return class_population(grid.scores[name], grid, columns, lines["k"].astype(np.int64))


def _confusions(engine: Engine, part: TablePart, spec: LogSpec, grid: Grid) -> dict[Key, dict[Slice, Ints]]:
    found: dict[Key, dict[Slice, Ints]] = {}
    slicings = {"": ibis.literal("")} | {by: sliced(part, spec, grid, by) for by in spec.slices}
    size = len(spec.classes)
    for by, lines in all_of(engine, {by: _confusion(part, spec, word) for by, word in slicings.items()}):
        for key, each in by_window(part, lines).items():
            tables = found.setdefault(key, {})
            for word, predicted, actual, rows in zip(*(each[c].tolist() for c in ("v", "i", "j", "n")), strict=True):
                place = Slice(by, word) if by else ALL
                tables.setdefault(place, np.zeros((size, size + 1), dtype=np.int64))[predicted, actual] += rows
    return found


def _confusion(part: TablePart, spec: LogSpec, word: Expression) -> Expression:
    rows, label = part.rows, part.rows.label_word()
    actual = ibis.cases(*((label == name, at) for at, name in enumerate(spec.classes)), else_=len(spec.classes))
    predicted, j = _predicted(part, spec), actual.cast("int64")
    lines = rows.table.filter(predicted.notnull()).select(w=part.window(), v=word, i=predicted, j=j, **part.weights())
    return lines.group_by("w", "v", "i", "j").aggregate(n=part.tally(lines))


def _predicted(part: TablePart, spec: LogSpec) -> Expression:
    """The class of the largest score, the first of equal ones; null where a score is missing."""
    scores = [part.rows.number(column) for column in spec.classes.values()]
    best, complete = ibis.greatest(*scores), reduce(and_, (score.notnull() for score in scores))
    return ibis.cases(*((complete & (score == best), at) for at, score in enumerate(scores))).cast("int64")


def _sums(engine: Engine, part: TablePart, spec: LogSpec, grid: Grid, limbs: Limbs) -> dict[Key, Sums]:
    rows = _losses(part, spec)
    powers = {"log_loss": ("loss", 1), "log_loss_sq": ("loss", 2), "brier": ("apart", 1), "brier_sq": ("apart", 2)}
    digits = {
        f"{name}{at}": digit
        for name, unit in CLASS_SUMS
        for at, digit in enumerate(
            part.digits(rows, rows[powers[name][0]], grid.units[unit], powers[name][1], limbs=limbs)
        )
    }
    keyed = rows.select("w", **digits)
    lines = engine.fetch(
        keyed.group_by("w").aggregate(**{d: ibis.coalesce(keyed[d].sum(), 0).cast("int64") for d in digits})
    )
    return {
        key: class_sums(
            grid, tuple(limbs.total([each[f"{n}{at}"][0] for at in range(limbs.count)]) for n, _ in CLASS_SUMS)
        )
        for key, each in by_window(part, lines).items()
    }


def _losses(part: TablePart, spec: LogSpec) -> Expression:
    """By row: the loss of the outcome's own score, null where none is known, and how far all scores lie from it."""
    label = part.rows.label_word()
    scores = {name: part.rows.number(column) for name, column in spec.classes.items()}
    own = ibis.cases(*((label == name, score) for name, score in scores.items()))
    away = [score - (label == name).cast("int32").cast("float64") for name, score in scores.items()]
    apart = reduce(add, (product(each, each) for each in away))
    rows = part.rows.table.select(w=part.window(), own=own, apart=apart, **part.weights())
    held = ibis.ifelse(rows.own < real(EPSILON), real(EPSILON), rows.own)
    return rows.select("w", "apart", *part.weights(), loss=-held.ln())
