"""Monitoring results as the pages ask for them: the current result of each window, filtered where the rows are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from plumbline.domain.results import REFERENCE, Level, Measurement, Result, Verdict, Window
from plumbline.store.database import Cursor, aware, aware_or_none
from plumbline.store.result_columns import MEASURED

_JUDGED = ("verdict", "reason", "rule", "policy", "result_id")
_COLUMNS = ", ".join(f'"{name}"' for name in ("window", "window_start", "window_end", *MEASURED, *_JUDGED))

# The condition on model and version is repeated inside so that no other model's rows are ever looked at.
CURRENT_RESULTS = f"""
select {_COLUMNS} from result
join (
    select "window", max(run_seq) as run_seq from result where model_id = ? and version_id = ? group by "window"
) using ("window", run_seq)
where model_id = ? and version_id = ?
"""
MEASURED_WINDOWS = """
select "window" from result where model_id = ? and version_id = ? and "window" <> ?
group by "window" order by min(window_start) nulls first, "window"
"""
JUDGED_WINDOWS = """
select "window" from (
    select "window", window_start, verdict from result
    where model_id = ? and version_id = ? and "window" <> ? and segment_by is null and "column" is null
        and list_contains(?::varchar[], metric)
    qualify run_seq = max(run_seq) over (partition by "window")
)
group by "window" having bool_or(verdict <> 'grey') order by min(window_start) nulls first, "window"
"""
DIMENSIONS = """
select segment_by from result where model_id = ? and version_id = ? and segment_by is not null
group by segment_by order by min(result_id)
"""
METRICS_BY = """
select metric, bool_or(verdict <> 'grey') from result
where model_id = ? and version_id = ? and segment_by = ? and "window" <> ? and "column" is null
group by metric order by metric
"""
# Of all rows every figure that needs labels has the same share of them.
LABEL_SHARES = """
select "window", min(window_start), max(window_end), recorded_at, max(label_share) from result
where model_id = ? and version_id = ? and segment_by is null and "column" is null and label_share is not null
group by "window", recorded_at, run_seq order by run_seq, 2 nulls first, "window"
"""
REGISTERED = """
select model.family, model.tier, model.task, model.entry, model_version.entry
from model join model_version using (model_id) where model_id = ? and version_id = ?
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which results; empty means any, and None inside `columns` or `segment_by` means "of all"."""

    metrics: tuple[str, ...] = ()
    windows: tuple[str, ...] = ()
    columns: tuple[str | None, ...] = ()
    segment_by: tuple[str | None, ...] = ()
    segments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stored:
    """A result as it stands in the store."""

    result: Result
    result_id: str


@dataclass(frozen=True, slots=True)
class LabelShare:
    """How many of a window's labels were in when one run looked."""

    window: str
    start: datetime | None
    end: datetime | None
    recorded_at: datetime
    share: float

    @property
    def age(self) -> timedelta | None:
        """Since the window's end; never under nothing, for a window may be looked at before it ends."""
        return None if self.end is None else max(self.recorded_at - self.end, timedelta(0))


@dataclass(frozen=True, slots=True)
class Registration:
    """What the register says of a version that its pictures depend on."""

    family: str
    tier: str
    task: str
    jurisdictions: tuple[str, ...]
    spec_json: str
    has_artefact: bool


def current(cursor: Cursor, model_id: str, version_id: str, selection: Selection) -> tuple[Stored, ...]:
    """Current results in order of window; the reference, whose bounds are null, comes first."""
    clauses, values = _where(selection)
    order = ' order by window_start nulls first, "window", segment_by, segment, "column", metric'
    found = cursor.execute(CURRENT_RESULTS + clauses + order, [model_id, version_id, model_id, version_id, *values])
    return tuple(_stored(row) for row in found.fetchall())


def measured_windows(cursor: Cursor, model_id: str, version_id: str) -> tuple[str, ...]:
    """Labels of all measured windows in order, the reference left out."""
    return _texts(cursor, MEASURED_WINDOWS, [model_id, version_id, REFERENCE])


def judged_windows(cursor: Cursor, model_id: str, version_id: str, metrics: Sequence[str]) -> tuple[str, ...]:
    """Windows in which one of these figures of all rows has a verdict that is not grey, in order."""
    return _texts(cursor, JUDGED_WINDOWS, [model_id, version_id, REFERENCE, list(metrics)])


def dimensions(cursor: Cursor, model_id: str, version_id: str) -> tuple[str, ...]:
    """Segments, groups and intersections that results are broken down by."""
    return _texts(cursor, DIMENSIONS, [model_id, version_id])


def metrics_by(cursor: Cursor, model_id: str, version_id: str, dimension: str) -> dict[str, bool]:
    """The metrics measured by this dimension, and whether any of their results has a verdict."""
    rows = cursor.execute(METRICS_BY, [model_id, version_id, dimension, REFERENCE]).fetchall()
    return {str(metric): bool(judged) for metric, judged in rows}


def label_shares(cursor: Cursor, model_id: str, version_id: str) -> tuple[LabelShare, ...]:
    """What every run saw of the labels of every window, the reference included, in the order of the runs."""
    rows = cursor.execute(LABEL_SHARES, [model_id, version_id]).fetchall()
    return tuple(
        LabelShare(row[0], aware_or_none(row[1]), aware_or_none(row[2]), aware(row[3]), float(row[4])) for row in rows
    )


def registered(cursor: Cursor, model_id: str, version_id: str) -> Registration | None:
    row = cursor.execute(REGISTERED, [model_id, version_id]).fetchone()
    if row is None:
        return None
    model, version = json.loads(row[3]), json.loads(row[4])
    jurisdictions = tuple(model["jurisdictions"])
    return Registration(row[0], row[1], row[2], jurisdictions, version["spec_json"], bool(version["artefact"]))


def _texts(cursor: Cursor, sql: str, values: Sequence[Any]) -> tuple[str, ...]:
    return tuple(str(row[0]) for row in cursor.execute(sql, list(values)).fetchall())


def _where(selection: Selection) -> tuple[str, list[Any]]:
    clauses, values = "", list[Any]()
    for column, wanted in (
        ("metric", selection.metrics),
        ("window", selection.windows),
        ("column", selection.columns),
        ("segment_by", selection.segment_by),
        ("segment", selection.segments),
    ):
        if wanted:
            or_null = f' or "{column}" is null' if None in wanted else ""
            clauses += f' and (list_contains(?::varchar[], "{column}"){or_null})'
            values.append([value for value in wanted if value is not None])
    return clauses, values


def _stored(row: tuple[Any, ...]) -> Stored:
    end = 3 + len(MEASURED)
    level, reason, rule, policy, result_id = row[end:]
    window = Window(row[0], aware_or_none(row[1]), aware_or_none(row[2]))
    measurement = Measurement(**dict(zip(MEASURED, row[3:end], strict=True)))
    return Stored(Result(window, measurement, Verdict(Level(level), reason, rule, policy)), result_id)
