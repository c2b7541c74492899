"""Judged measurements: written once per run, read as the latest run that measured each window."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import pyarrow as pa

from plumbline.domain.results import Level, Measurement, Result, Verdict, Window
from plumbline.store.arrow_columns import counts, moments, numbers, texts
from plumbline.store.database import Cursor, aware, aware_or_none, naive
from plumbline.store.result_columns import MEASURED, side_by_side
from plumbline.workflow.events import Recorded

NUMBERS = frozenset(
    {
        "estimate",
        "low",
        "high",
        "confidence",
        "label_share",
        "reference",
        "effect",
        "p_value",
        "p_adjusted",
        "error_bound",
        "lowest",
        "highest",
    }
)
COUNTS = frozenset({"n", "events", "n_reference"})
MOMENTS = frozenset({"window_start", "window_end"})
COLUMNS = ", ".join(
    f'"{name}"'
    for name in (
        *("result_id", "run_id", "run_seq", "model_id", "version_id", "recorded_at"),
        *("window", "window_start", "window_end", *MEASURED, "verdict", "reason", "rule", "policy"),
    )
)

_LEVELS = {level.value: level for level in Level}


@dataclass(frozen=True, slots=True)
class StoredResult:
    """A judged measurement with where it came from."""

    result_id: str
    run_id: str
    run_seq: int
    model_id: str
    version_id: str
    recorded_at: datetime
    result: Result


def insert_results(
    cursor: Cursor, recorded: Recorded, *, run_id: str, version_id: str, results: Sequence[Result]
) -> None:
    """Write a run's results beside its event; the caller holds the transaction."""
    if not results:
        return
    cursor.register("incoming_results", pa.table(_columns(results)))
    try:
        cursor.execute(
            """insert into result by name select ? || ':' || number as result_id, ? as run_id, ? as run_seq,
            ? as model_id, ? as version_id, ?::timestamp as recorded_at, * exclude (number) from incoming_results""",
            [run_id, run_id, recorded.seq, recorded.entity_id, version_id, naive(recorded.recorded_at)],
        )
    finally:
        cursor.unregister("incoming_results")


def current(
    cursor: Cursor,
    *,
    model_id: str | None = None,
    version_id: str | None = None,
    windows: Sequence[str] | None = None,
    metrics: Sequence[str] | None = None,
    overall: bool = False,
    columns: Sequence[str] | None = None,
    levels: Sequence[Level] | None = None,
) -> tuple[StoredResult, ...]:
    """The standing results in order of window.

    `overall` leaves out segments and groups; `columns` keeps figures of these columns and of none.
    """
    conditions, values = _conditions(model_id, version_id, windows, metrics, overall, columns, levels)
    query = f"""select {COLUMNS} from current_result where {conditions}
        order by model_id, version_id, window_start nulls first, "window", metric, "column", segment_by, segment"""
    return tuple(_stored(cursor.execute(query, values).fetchall()))


def of_run(cursor: Cursor, run_id: str) -> tuple[Result, ...]:
    """Exactly what one run wrote."""
    rows = cursor.execute(f"select {COLUMNS} from result where run_id = ?", [run_id]).fetchall()
    return tuple(stored.result for stored in _stored(rows))


def by_id(cursor: Cursor, result_id: str) -> StoredResult | None:
    """One result, whether it still stands or a later run has superseded it."""
    rows = cursor.execute(f"select {COLUMNS} from result where result_id = ?", [result_id]).fetchall()
    return next(_stored(rows), None)


def of_figure(cursor: Cursor, one: StoredResult) -> tuple[StoredResult, ...]:
    """What every run said of the same figure of the same window, in the order of the runs."""
    m = one.result.measurement
    rows = cursor.execute(
        f"""select {COLUMNS} from result
        where model_id = ? and version_id = ? and "window" = ? and metric = ? and "column" is not distinct from ?
            and segment_by is not distinct from ? and segment is not distinct from ? order by run_seq""",
        [one.model_id, one.version_id, one.result.window.label, m.metric, m.column, m.segment_by, m.segment],
    ).fetchall()
    return tuple(_stored(rows))


def tested_with(cursor: Cursor, one: StoredResult, *, all_rows_too: bool) -> int:
    """How many figures of its kind had a p-value in the same run and window: those it was corrected among.

    A figure of all rows is not of the kind of those of segments, unless `all_rows_too`.
    """
    m = one.result.measurement
    row = cursor.execute(
        """select count(*) from result where run_id = ? and "window" = ? and metric = ? and p_value is not null
        and ("column" is null) = ? and (? or (segment_by is null) = ?)""",
        [one.run_id, one.result.window.label, m.metric, m.column is None, all_rows_too, m.segment_by is None],
    ).fetchone()
    return int(row[0]) if row else 0


def current_runs(cursor: Cursor, model_id: str, version_id: str) -> dict[str, str]:
    """The run that speaks for each window, the reference included."""
    rows = cursor.execute(
        'select "window", arg_max(run_id, run_seq) from result where model_id = ? and version_id = ? group by "window"',
        [model_id, version_id],
    ).fetchall()
    return {str(row[0]): str(row[1]) for row in rows}


def current_levels(cursor: Cursor, model_id: str, version_id: str, windows: Sequence[str]) -> dict[Level, int]:
    """How many standing results of these windows are of each level, without reading them."""
    rows = cursor.execute(
        """select verdict, count(*) from current_result
        where model_id = ? and version_id = ? and list_contains(?::varchar[], "window") group by verdict""",
        [model_id, version_id, list(windows)],
    ).fetchall()
    return {_LEVELS[row[0]]: int(row[1]) for row in rows}


def windows(cursor: Cursor, model_id: str, version_id: str) -> tuple[Window, ...]:
    """The windows measured so far, in order; the reference is not among them."""
    rows = cursor.execute(
        """select "window", min(window_start), max(window_end) from current_result
        where model_id = ? and version_id = ? and "window" <> 'reference'
        group by "window" order by 2 nulls first, 1""",
        [model_id, version_id],
    ).fetchall()
    return tuple(Window(row[0], aware_or_none(row[1]), aware_or_none(row[2])) for row in rows)


def _conditions(
    model_id: str | None,
    version_id: str | None,
    windows: Sequence[str] | None,
    metrics: Sequence[str] | None,
    overall: bool,
    columns: Sequence[str] | None,
    levels: Sequence[Level] | None,
) -> tuple[str, list[Any]]:
    parts, values = ["true"], list[Any]()
    for name, value in (("model_id", model_id), ("version_id", version_id)):
        if value is not None:
            parts.append(f"{name} = ?")
            values.append(value)
    for name, several in (("window", windows), ("metric", metrics), ("verdict", levels)):
        if several is not None:
            parts.append(f'list_contains(?, "{name}")')
            values.append(list(several))
    if overall:
        parts.append("segment_by is null")
    if columns is not None:
        parts.append('("column" is null or list_contains(?, "column"))')
        values.append(list(columns))
    return " and ".join(parts), values


def _columns(results: Sequence[Result]) -> dict[str, pa.Array]:
    found = side_by_side(results)
    return {"number": counts(range(len(results)))} | {name: _column(name)(found[name]) for name in found}


def _column(name: str) -> Callable[[Sequence[Any]], pa.Array]:
    if name in MOMENTS:
        return moments
    return numbers if name in NUMBERS else counts if name in COUNTS else texts


def _stored(rows: Sequence[tuple[Any, ...]]) -> Iterator[StoredResult]:
    end = 9 + len(MEASURED)
    # A few windows and moments stand in thousands of rows: each is made once.
    windows: dict[tuple[Any, ...], Window] = {}
    moments: dict[datetime, datetime] = {}
    for row in rows:
        window = windows.get(row[6:9])
        if window is None:
            window = windows[row[6:9]] = Window(row[6], aware_or_none(row[7]), aware_or_none(row[8]))
        if row[5] not in moments:
            moments[row[5]] = aware(row[5])
        level, reason, rule, policy = row[end:]
        verdict = Verdict(_LEVELS[level], reason, rule, policy)
        measurement = Measurement(**dict(zip(MEASURED, row[9:end], strict=True)))
        result = Result(window, measurement, verdict)
        yield StoredResult(row[0], row[1], row[2], row[3], row[4], moments[row[5]], result)


def strangers(cursor: Cursor, table: Literal["result", "profile", "run_account"]) -> str | None:
    """A run that rows claim to be of, and that no event knows under that place in the log, model and version."""
    row = cursor.execute(
        f"""select run_id from {table} as claimed where not exists (
            select 1 from monitoring_run as known where known.run_id = claimed.run_id and known.seq = claimed.run_seq
            and known.model_id = claimed.model_id and known.version_id = claimed.version_id) limit 1"""
    ).fetchone()
    return None if row is None else str(row[0])


@dataclass(frozen=True, slots=True)
class BoundRun:
    """A run and the hashes that its event binds."""

    run_id: str
    seq: int
    results_sha256: str
    profile_hashes: tuple[str, ...]


def bound_runs(cursor: Cursor) -> tuple[BoundRun, ...]:
    """Every recorded run, in the order of the log."""
    rows = cursor.execute(
        "select run_id, seq, results_sha256, profile_hashes from monitoring_run order by seq"
    ).fetchall()
    return tuple(BoundRun(row[0], row[1], row[2], tuple(json.loads(row[3]))) for row in rows)
