"""Open the tables of a run and hold them to the model file: columns there, types right, features found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import ibis

from plumbline.domain.errors import LogError
from plumbline.domain.log_spec import LogSpec
from plumbline.profiling.opening import KEYLIKE, Opened, number_columns, required_columns
from plumbline.profiling.profile import LABEL, SCORE
from plumbline.profiling.rows import OFFSET, latest
from plumbline.profiling.warehouse_engine import Engine
from plumbline.profiling.warehouse_numbers import Expression, absent
from plumbline.profiling.warehouse_rows import LATER, TableRows


def open_tables(
    engine: Engine, spec: LogSpec, log: str, reference: str | None, labels: str | None, now: datetime | None = None
) -> tuple[Opened, tuple[TableRows, ...]]:
    """Check everything before a single row is counted; what is opened, and the readings, the reference first.

    Raises:
        LogError: names the table and the column that cannot be used, or the table that is on both sides.
    """
    if reference is not None:
        # The table given says what the reference is; the log's own marks no longer do.
        spec = replace(spec, reference_column=None, reference_equals=None)
        if reference == log:
            raise LogError(
                "The reference overlaps the log: both are the same table", where=f"table {log}",
                remedy="Give the reference and the log as different tables.",
            )  # fmt: skip
    elif spec.reference_column is None:
        raise LogError(
            "There is no reference", where=f"table {log}",
            remedy="Give --reference TABLE, or reference = { column = ..., equals = ... } under [log].",
        )  # fmt: skip
    readings = [TableRows(spec, log, engine.table(log), until=latest(now))]
    if reference is not None:
        readings.insert(0, TableRows(spec, reference, engine.table(reference), reference_table=True))
    if labels is not None:
        later = _later_labels(engine, spec, labels)
        readings = [_joined(rows, later) for rows in readings]
    numeric, words, notes = _features(engine, spec, readings[0])
    for rows in readings:
        _check(engine, rows, numeric, words)
        notes += _zone_note(engine, rows)
    opened = Opened(spec=spec, readings=(), numeric=numeric, words=words, notes=tuple(notes), sources=())
    return opened, tuple(readings)


def used_columns(spec: LogSpec, numeric: Sequence[str], words: Sequence[str]) -> tuple[str, ...]:
    """Columns that decide what is counted of a row, time first."""
    house = [column for metric in spec.counted_metrics for column in metric.columns]
    sliced = [column for columns in spec.slices.values() for column in columns]
    named = [spec.timestamp, spec.window_column, spec.score, *spec.classes.values(), spec.label, LATER]
    named += [spec.decision_column, spec.weight, *numeric, *words, *sliced, *house]
    return tuple(dict.fromkeys(column for column in named if column))


def _later_labels(engine: Engine, spec: LogSpec, name: str) -> Expression:
    """Later outcomes by id; of several for one id the smallest stands, for a table has no order of rows."""
    if spec.id is None:
        raise LogError("Labels join the log by id", where=f"table {name}", remedy="Name the id column under [log].")
    label = spec.label or LABEL
    rows = TableRows(spec, name, engine.table(name))
    rows.require(spec.id, "id")
    rows.require(label, "label")
    lines = rows.table.select(plumbline_id=rows.word(spec.id), **{LATER: rows.word(label)})
    lines = lines.filter(lines[LATER].notnull())
    order = [engine.by_letter(lines[LATER])]
    ranked = lines.mutate(nth=ibis.row_number().over(ibis.window(group_by=lines.plumbline_id, order_by=order)))
    return engine.keep(ranked.filter(ranked.nth == 0).select("plumbline_id", LATER))


def _joined(rows: TableRows, later: Expression) -> TableRows:
    columns = rows.table.columns
    joined = rows.table.left_join(later, rows.word(rows.spec.id or "") == later.plumbline_id)
    return replace(rows, table=joined.select(*columns, LATER), joined=True)


def _features(engine: Engine, spec: LogSpec, rows: TableRows) -> tuple[tuple[str, ...], tuple[str, ...], list[str]]:
    if spec.numeric is not None or spec.categorical is not None:
        return spec.numeric or (), spec.categorical or (), []
    kept = {*spec.role_columns, SCORE, LABEL, LATER}
    types = {name: kind for name, kind in rows.table.schema().items() if name not in kept}
    numeric = tuple(name for name, kind in types.items() if kind.is_numeric())
    words = [name for name, kind in types.items() if kind.is_string() or kind.is_boolean()]
    keys = _row_names(engine, rows, words)
    notes = [f"{name}: left out of the features, nearly every row has a value of its own." for name in keys]
    skipped = [name for name in types if name not in numeric and name not in words]
    if skipped:
        notes.append(f"Left out of the features by type: {', '.join(skipped)}.")
    return numeric, tuple(name for name in words if name not in keys), notes


def _row_names(engine: Engine, rows: TableRows, words: Sequence[str]) -> list[str]:
    if not words:
        return []
    told: dict[str, Expression] = {}
    for at, name in enumerate(words):
        told |= {f"v{at}": rows.table[name].approx_nunique(), f"n{at}": rows.table[name].count()}
    found = engine.fetch(rows.table.aggregate(**told))
    return [name for at, name in enumerate(words) if found[f"v{at}"][0] > max(KEYLIKE, found[f"n{at}"][0] / 2)]


def _check(engine: Engine, rows: TableRows, numeric: Sequence[str], words: Sequence[str]) -> None:
    joined, reference = rows.joined, rows.reference_table
    for column, role in required_columns(rows.spec, numeric, words, joined=joined, reference=reference):
        rows.require(column, role)
    for column in number_columns(rows.spec, numeric):
        _require_number(engine, rows, column)
    if not reference:
        rows.time()


def _require_number(engine: Engine, rows: TableRows, column: str) -> None:
    """Refuse a column that holds something else than numbers, naming a value of it."""
    if rows.is_plain(column):
        return
    value = rows.word(column)
    broken = absent(rows.number(column)) if rows.is_text(column) else ibis.literal(True)
    strangers = rows.table.filter(value.notnull() & broken)
    found = engine.fetch(strangers.aggregate(value=rows.of(strangers).word(column).min()))["value"][0]
    if found is not None:
        raise LogError(
            f"Column '{column}' must hold numbers, not {found!r}",
            where=f"table {rows.name}",
            remedy="Correct the column, or name another under [log].",
        )


def _zone_note(engine: Engine, rows: TableRows) -> list[str]:
    """A sentence when times as text carry several offsets, or some carry one and some do not."""
    column = rows.spec.timestamp
    if column is None or column not in rows.table.columns or not rows.is_text(column):
        return []
    value = rows.table[column]
    offset = ibis.cases((value.re_search(OFFSET), value.re_extract(OFFSET, 1)), else_="none")
    narrow = rows.table.filter(value.notnull()).select(offset=offset).distinct()
    found = sorted(engine.fetch(narrow.limit(10))["offset"].tolist())
    if len(found) < 2:
        return []
    taken = "all were taken to UTC, those without as UTC."
    return [f"{rows.name}: times carry several offsets ({', '.join(found)}); {taken}"]
