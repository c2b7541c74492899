"""Scores of a multiclass log: each class against the rest, and who was taken for whom."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from plumbline.domain.log_spec import LogSpec
from plumbline.profiling.bins import Grid, Ints, NumericBins, real
from plumbline.profiling.columns import exact_total
from plumbline.profiling.parts import Key, Part
from plumbline.profiling.profile import ALL, POSITIVE, UNKNOWN, Classes, Population, Slice, Sums
from plumbline.profiling.score_sums import CLIP, ROW
from plumbline.profiling.scores import CountedScores
from plumbline.profiling.session import Arrays, Session, fixed_sum
from plumbline.profiling.slices import slice_sql
from plumbline.profiling.sources import text

CLASS_SUMS = (("log_loss", "loss"), ("log_loss_sq", "loss_sq"), ("brier", "square"), ("brier_sq", "square"))


def count_classes(session: Session, part: Part, spec: LogSpec, grid: Grid) -> dict[Key, Classes]:
    """Every class, the confusion of every slice, and the sums over whole distributions, by window."""
    one_vs_rest = {name: _one_vs_rest(session, part, spec, grid, name) for name in spec.classes}
    confusion = _confusions(session, part, spec, grid)
    sums = _sums(session, part, spec, grid)
    return classes_by_window(spec, grid, one_vs_rest, confusion, sums)


def classes_by_window(
    spec: LogSpec,
    grid: Grid,
    one_vs_rest: Mapping[str, Mapping[Key, Population]],
    confusion: Mapping[Key, dict[Slice, Ints]],
    sums: Mapping[Key, Sums],
) -> dict[Key, Classes]:
    """What was counted by class put together by window; a class may have no row in one."""
    nobody = {name: empty_population(grid.scores[name], grid) for name in spec.classes}
    return {
        key: Classes(
            names=tuple(spec.classes),
            one_vs_rest={name: one_vs_rest[name].get(key, nobody[name]) for name in spec.classes},
            confusion=tables,
            sums=sums[key],
        )
        for key, tables in confusion.items()
    }


def no_classes(spec: LogSpec, grid: Grid) -> Classes:
    """A window without rows."""
    names = tuple(spec.classes)
    return Classes(
        names=names,
        one_vs_rest={name: empty_population(grid.scores[name], grid) for name in names},
        confusion={ALL: np.zeros((len(names), len(names) + 1), dtype=np.int64)},
        sums=class_sums(grid, (0, 0, 0, 0)),
    )


def empty_population(bins: NumericBins, grid: Grid) -> Population:
    """One class of a window without rows."""
    return class_population(bins, grid, np.zeros((0, 6), dtype=np.int64), np.zeros(0, dtype=np.int64))


def _one_vs_rest(session: Session, part: Part, spec: LogSpec, grid: Grid, name: str) -> dict[Key, Population]:
    bins, rows = grid.scores[name], part.rows
    window, by = ("", "") if part.window is None else (f"{part.window} AS w, ", "w, ")
    label = rows.label_word()
    outcome = f"CASE WHEN {label} IS NULL THEN {UNKNOWN} WHEN {label} = {text(name)} THEN 1 ELSE 0 END"
    chosen = f"CASE WHEN {_predicted(part, spec)} = {list(spec.classes).index(name)} THEN 1 ELSE 0 END"
    inner = (
        f"SELECT {window}{rows.number(spec.classes[name])} AS p, {outcome} AS o, {chosen} AS c{part.weighed} "
        f"{part.clause}"
    )
    units, times = grid.units, _times(part, grid)
    arrays = session.tally(
        lambda kind: (
            f"SELECT {by}{bins.key_sql('p')} AS k, o, c, {part.tally} AS n, "
            f"{fixed_sum(f'p{times}', units['score'], kind)} AS s, "
            f"{fixed_sum(f'p * p{times}', units['square'], kind)} AS q FROM ({inner}) WHERE p IS NOT NULL "
            f"GROUP BY {by}k, o, c ORDER BY {by}k, o, c"
        )
    )
    found = {}
    for key, lines in part.groups(arrays):
        columns = [arrays[column][lines].astype(np.int64) for column in ("o", "c", "n", "s", "q")]
        bin_of = bins.resolve(arrays["k"][lines])
        band = bins.merge_at(grid.bands, bin_of)
        found[key] = class_population(bins, grid, np.column_stack([*columns, band]), bin_of)
    return found


def class_population(bins: NumericBins, grid: Grid, lines: Ints, bin_of: Ints) -> Population:
    """Lines of outcome, whether the class was chosen, rows, sums of scores and of their squares, and band."""
    outcome, chosen, rows, score, squares, band = lines.T
    scores = _cells(bin_of, outcome, rows)
    known = outcome != UNKNOWN
    banded = []
    for values in (rows, score, np.where(outcome == POSITIVE, rows, 0)):
        table = np.zeros(len(grid.bands) + 1, dtype=np.int64)
        np.add.at(table, band[known], values[known])
        banded.append(table)
    decisions = np.zeros((3, 3), dtype=np.int64)
    decisions[2] = scores.counts.sum(axis=0)
    sums = {
        "score": (exact_total(score), "score"),
        "score_sq": (exact_total(squares), "square"),
        "expected": (exact_total(score[known]), "score"),
        "expected_sq": (exact_total(squares[known]), "square"),
        "actual": (int(rows[outcome == POSITIVE].sum()), "one"),
    }
    units = ROW | grid.units
    return Population(
        bins=bins,
        scores=scores,
        decisions=decisions,
        band_rows=banded[0],
        band_score_units=banded[1],
        band_actual_units=banded[2],
        sums=Sums(
            names=tuple(sums),
            totals=tuple(total for total, _ in sums.values()),
            units=tuple(units[unit] for _, unit in sums.values()),
        ),
        chosen=_cells(bin_of[chosen == 1], outcome[chosen == 1], rows[chosen == 1]),
    )


def _cells(bin_of: Ints, outcome: Ints, rows: Ints) -> CountedScores:
    index, cell = np.unique(bin_of, return_inverse=True)
    counts = np.zeros((len(index), 3), dtype=np.int64)
    np.add.at(counts, (cell, outcome), rows)
    return CountedScores(index.astype(np.int64), counts)


def _confusions(session: Session, part: Part, spec: LogSpec, grid: Grid) -> dict[Key, dict[Slice, Ints]]:
    found: dict[Key, dict[Slice, Ints]] = {}
    size = len(spec.classes)
    for by in (None, *spec.slices):
        value = "''" if by is None else slice_sql(part.rows, spec, grid, by)
        window, key_too = ("", "") if part.window is None else (f"{part.window} AS w, ", "w, ")
        arrays = session.arrays(
            f"SELECT {key_too}v, predicted, actual, {part.tally} AS n FROM (SELECT {window}{value} AS v, "
            f"{_predicted(part, spec)} AS predicted, {_actual(part, spec)} AS actual{part.weighed} {part.clause}) "
            f"WHERE predicted IS NOT NULL GROUP BY {key_too}v, predicted, actual ORDER BY {key_too}v"
        )
        for key, lines in part.groups(arrays):
            each = zip(*(arrays[name][lines].tolist() for name in ("v", "predicted", "actual", "n")), strict=True)
            tables = found.setdefault(key, {})
            for word, predicted, actual, rows in each:
                place = ALL if by is None else Slice(by, word)
                tables.setdefault(place, np.zeros((size, size + 1), dtype=np.int64))[predicted, actual] += rows
    return found


def _predicted(part: Part, spec: LogSpec) -> str:
    scores = [part.rows.number(column) for column in spec.classes.values()]
    best = f"greatest({', '.join(scores)})"
    whens = " ".join(f"WHEN {score} = {best} THEN {at}" for at, score in enumerate(scores))
    return f"CASE {' '.join(f'WHEN {score} IS NULL THEN NULL' for score in scores)} {whens} END"


def _actual(part: Part, spec: LogSpec) -> str:
    label = part.rows.label_word()
    whens = " ".join(f"WHEN {label} = {text(name)} THEN {at}" for at, name in enumerate(spec.classes))
    return f"CASE {whens} ELSE {len(spec.classes)} END"


def _sums(session: Session, part: Part, spec: LogSpec, grid: Grid) -> dict[Key, Sums]:
    rows, label = part.rows, part.rows.label_word()
    window, by = ("", "") if part.window is None else (f"{part.window} AS w, ", "w, ")
    scores = {name: rows.number(column) for name, column in spec.classes.items()}
    own = " ".join(f"WHEN {label} = {text(name)} THEN {score}" for name, score in scores.items())
    errors = [f"({score} - CAST({label} = {text(name)} AS INTEGER))" for name, score in scores.items()]
    apart = " + ".join(f"{error} * {error}" for error in errors)
    # greatest() passes over NULL: an outcome not yet known must not count as the worst one.
    loss = f"CASE WHEN own IS NOT NULL THEN -ln(greatest(own, {CLIP})) END"
    expressions = {
        "log_loss": loss,
        "log_loss_sq": f"({loss}) * ({loss})",
        "brier": "apart",
        "brier_sq": "apart * apart",
    }
    units, times = grid.units, _times(part, grid)
    summed = {n: (f"({expressions[n]}){times}", units[u]) for n, u in CLASS_SUMS}
    arrays = session.tally(
        lambda kind: (
            f"SELECT {by}{', '.join(f'{fixed_sum(*each, kind)} AS {n}' for n, each in summed.items())} "
            f"FROM (SELECT {window}CASE {own} END AS own, {apart} AS apart{part.weighed} {part.clause}) "
            f"{'GROUP BY w ORDER BY w' if by else ''}"
        )
    )
    return {
        key: class_sums(grid, tuple(int(arrays[name][lines][0]) for name, _ in CLASS_SUMS))
        for key, lines in part.groups(arrays)
    }


def _times(part: Part, grid: Grid) -> str:
    """SQL: times the row's weight, where rows count by weight."""
    return f" * (m * {real(grid.units['one'])})" if part.weight else ""


def class_weights(
    session: Session, part: Part, spec: LogSpec, grid: Grid
) -> dict[Key, tuple[int, int, dict[Slice, int]]]:
    """By window, the sums of all weights and of their squares, and of the squares by slice; `grid` is a weighed one."""
    found: dict[Key, tuple[int, int, dict[Slice, int]]] = {}
    for by in (None, *spec.slices):
        arrays = _weights(session, part, grid, "''" if by is None else slice_sql(part.rows, spec, grid, by))
        for key, lines in part.groups(arrays):
            words, weights, squares = (arrays[name][lines].tolist() for name in ("v", "m", "q"))
            if by is None:
                found[key] = int(sum(weights)), int(sum(squares)), {ALL: int(sum(squares))}
            else:
                found[key][2].update({Slice(by, word): int(q) for word, q in zip(words, squares, strict=True)})
    return found


def _weights(session: Session, part: Part, grid: Grid, value: str) -> Arrays:
    square = f"1e0{_times(part, grid)}{_times(part, grid)}"
    window, by = ("", "") if part.window is None else (f"{part.window} AS w, ", "w, ")
    return session.tally(
        lambda kind: (
            f"SELECT {by}v, {part.tally} AS m, {fixed_sum(square, grid.units['weight_sq'], kind)} AS q "
            f"FROM (SELECT {window}{value} AS v{part.weighed} {part.clause}) GROUP BY {by}v ORDER BY {by}v"
        )
    )


def class_sums(grid: Grid, totals: tuple[int, ...]) -> Sums:
    return Sums(
        names=tuple(name for name, _ in CLASS_SUMS),
        totals=totals,
        units=tuple(grid.units[unit] for _, unit in CLASS_SUMS),
    )
