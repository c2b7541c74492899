"""The log made ready to be counted: which rows count, in which windows, and why the others do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import numpy as np

from plumbline.domain.errors import LogError
from plumbline.domain.results import REFERENCE
from plumbline.profiling.rows import OFFSET, Rows
from plumbline.profiling.session import Arrays, Session
from plumbline.profiling.sources import quote, text

DUPLICATE = "duplicate id"
Key = int | str  # a window's number, or its own text, or "reference"


@dataclass(frozen=True, slots=True)
class Part:
    """The countable rows of one file that belong to the reference, or to the log."""

    rows: Rows
    reference: bool
    keys: tuple[Key, ...]
    filters: tuple[str, ...]
    size: int

    @property
    def clause(self) -> str:
        """FROM and WHERE."""
        where = f" WHERE {' AND '.join(self.filters)}" if self.filters else ""
        return f"FROM {relation(self.rows)}{where}"

    @property
    def window(self) -> str | None:
        """SQL for the window, or None when all rows share one."""
        return None if len(self.keys) == 1 else self.rows.window()

    def groups(self, arrays: Arrays) -> Iterator[tuple[Key, slice]]:
        """Where each window's lines stand in arrays that are ordered by `w`."""
        size = len(next(iter(arrays.values())))
        if len(self.keys) == 1 or not size:
            yield from [(self.keys[0], slice(0, size))] if size else []
            return
        windows = arrays["w"]
        starts = [0, *(np.flatnonzero(windows[1:] != windows[:-1]) + 1).tolist(), size]
        for start, end in pairwise(starts):
            key = windows[start]
            yield key if isinstance(key, str) else int(key), slice(start, end)


@dataclass(slots=True)
class Span:
    """What the first look found about a window."""

    rows: int = 0
    first: datetime | None = None
    last: datetime | None = None
    quarantine: Counter[str] = field(default_factory=Counter)

    def widen(self, first: datetime | None, last: datetime | None) -> None:
        self.first = min((each for each in (self.first, first) if each), default=None)
        self.last = max((each for each in (self.last, last) if each), default=None)


@dataclass(slots=True)
class Prepared:
    parts: list[Part]
    spans: dict[Key, Span]
    rows_in: int
    quarantine: Counter[str]  # rows of no window included
    notes: list[str]


def relation(rows: Rows) -> str:
    """What stands after FROM: the file as r, later labels as j."""
    if not rows.joined or rows.spec.id is None:
        return f"{rows.source.relation} r"
    return f"{rows.source.relation} r LEFT JOIN later_label j ON j.id = {rows.word(rows.spec.id)}"


def prepare(session: Session, readings: Sequence[Rows]) -> Prepared:
    """Look once at the narrow columns of every file: count, quarantine, find the windows.

    Raises:
        LogError: the reference shares an id with the log, or a side has no usable row.
    """
    session.db.execute("CREATE TEMP TABLE reject (part INTEGER, row_number BIGINT)")
    found = Prepared([], {}, 0, Counter(), [])
    looks = [_look(session, rows, number) for number, rows in enumerate(readings)]
    again = _duplicates(session, readings)
    for number, (rows, look) in enumerate(zip(readings, looks, strict=True)):
        _gather(found, rows, number, look, again.get(number, []))
    for span in found.spans.values():
        found.quarantine.update(span.quarantine)
    found.spans.pop("", None)
    _refuse_empty(session, found, readings)
    return found


def _look(session: Session, rows: Rows, number: int) -> list[tuple[Any, ...]]:
    inner = (
        f"SELECT {rows.is_reference()} AS reference, {rows.reason()} AS reason, "
        f"{_safe_window(rows)} AS w, {rows.time()} AS t, r.file_row_number AS row_number FROM {relation(rows)}"
    )
    look = session.rows(
        f"SELECT reference, w, reason, count(*), min(t), max(t) FROM ({inner}) GROUP BY ALL ORDER BY ALL"
    )
    if any(line[2] is not None for line in look):
        session.db.execute(f"INSERT INTO reject SELECT {number}, row_number FROM ({inner}) WHERE reason IS NOT NULL")
    return look


def _safe_window(rows: Rows) -> str:
    return f"CASE WHEN NOT {rows.is_reference()} THEN {'NULL' if rows.reference_file else rows.window()} END"


def _duplicates(session: Session, readings: Sequence[Rows]) -> dict[int, list[tuple[bool, Key | None]]]:
    """Later rows of an id, by file: (reference?, window) each; they are added to the rejects."""
    if not readings or readings[0].spec.id is None:
        return {}
    session.db.execute(
        f"CREATE TEMP VIEW named AS {' UNION ALL '.join(_named(each, n) for n, each in enumerate(readings))}"
    )
    session.db.execute(
        "CREATE TEMP TABLE twice AS SELECT id, bool_or(reference) AND NOT bool_and(reference) AS on_both_sides "
        "FROM named WHERE id IS NOT NULL GROUP BY id HAVING count(*) > 1"
    )
    _refuse_overlap(session, readings)
    session.db.execute(
        "CREATE TEMP TABLE later AS SELECT part, row_number, reference, w FROM "
        "(SELECT *, row_number() OVER (PARTITION BY id ORDER BY part, row_number) AS nth "
        "FROM named WHERE id IN (SELECT id FROM twice)) WHERE nth > 1"
    )
    session.db.execute("INSERT INTO reject SELECT part, row_number FROM later")
    found: dict[int, list[tuple[bool, Key | None]]] = {}
    for part, reference, window in session.rows("SELECT part, reference, w FROM later ORDER BY ALL"):
        found.setdefault(part, []).append((reference, window))
    return found


def _named(rows: Rows, number: int) -> str:
    return (
        f"SELECT {rows.word(rows.spec.id or '')} AS id, {number} AS part, r.file_row_number AS row_number, "
        f"{rows.is_reference()} AS reference, {_safe_window(rows)} AS w FROM {relation(rows)} "
        f"WHERE r.file_row_number NOT IN (SELECT row_number FROM reject WHERE part = {number})"
    )


def _refuse_overlap(session: Session, readings: Sequence[Rows]) -> None:
    shared = session.rows("SELECT count(*), min(id) FROM twice WHERE on_both_sides")[0]
    if not shared[0]:
        return
    part, row = session.rows(
        f"SELECT part, row_number FROM named WHERE id = {text(shared[1])} AND NOT reference ORDER BY ALL LIMIT 1"
    )[0]
    rows = readings[part]
    raise LogError(
        f"The reference overlaps the log: rows in both: {shared[0]:,}, the first with {rows.spec.id} = {shared[1]!r}",
        where=rows.source.place(row),
        remedy="Take those rows out of one of the two.",
    )


def _gather(
    found: Prepared,
    rows: Rows,
    number: int,
    look: list[tuple[Any, ...]],
    again: list[tuple[bool, Key | None]],
) -> None:
    for reference in (True, False):
        keys: dict[Key, int] = {}
        lines = [line[1:] for line in look if line[0] is reference]
        for window, reason, count, first, last in lines:
            key = _key(reference, window)
            found.rows_in += count
            span = found.spans.setdefault(key, Span())
            if reason is not None:
                span.quarantine[reason] += count
                continue
            keys[key] = count
            span.rows += count
            span.widen(_aware(first), _aware(last))
        repeated = [_key(reference, window) for is_reference, window in again if is_reference is reference]
        for key in repeated:
            found.spans[key].quarantine[DUPLICATE] += 1
            found.spans[key].rows -= 1
        rejected = bool(repeated) or any(line[1] is not None for line in lines)
        size = sum(keys.values()) - len(repeated)
        if size:
            found.parts.append(
                Part(rows, reference, tuple(keys), _filters(rows, number, reference, look, rejected), size)
            )


def _key(reference: bool, window: Key | None) -> Key:
    # Rows without a window are all in quarantine; the empty key holds their counts.
    return REFERENCE if reference else "" if window is None else window


def _filters(rows: Rows, number: int, reference: bool, look: list[tuple[Any, ...]], rejected: bool) -> tuple[str, ...]:
    filters = []
    if len({line[0] for line in look}) > 1:
        filters.append(rows.is_reference() if reference else f"NOT {rows.is_reference()}")
    if rejected:
        filters.append(f"r.file_row_number NOT IN (SELECT row_number FROM reject WHERE part = {number})")
    return tuple(filters)


def _refuse_empty(session: Session, found: Prepared, readings: Sequence[Rows]) -> None:
    files = ", ".join(dict.fromkeys(str(each.source.path) for each in readings))
    of_reference = found.spans.get(REFERENCE, Span()).quarantine
    for reference, name in ((True, "reference"), (False, "log")):
        if any(part.reference is reference for part in found.parts):
            continue
        counts = of_reference if reference else found.quarantine - of_reference
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(counts.items())) or "no rows at all"
        raise LogError(
            f"The {name} has no usable row: {reasons}{_first_reject(session, readings, reference)}",
            where=files,
            remedy="Check the columns named under [log].",
        )


def _first_reject(session: Session, readings: Sequence[Rows], reference: bool) -> str:
    """Row, column and value of a side's first rejected row; empty where there is none."""
    side = "" if reference else "NOT "
    for rows in readings:
        first = session.rows(
            f"SELECT r.file_row_number, {rows.reason()} AS reason FROM {relation(rows)} "
            f"WHERE {side}{rows.is_reference()} AND reason IS NOT NULL ORDER BY r.file_row_number LIMIT 1"
        )
        column = rows.blamed(first[0][1]) if first else None
        if column in rows.source.types and column:
            value = session.rows(
                f"SELECT {rows.word(column)} FROM {rows.source.relation} r WHERE r.file_row_number = {first[0][0]}"
            )[0][0]
            return f"; row {first[0][0] + 1} has {column} = {value!r}"
    return ""


def _aware(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)


def zone_note(session: Session, rows: Rows) -> str | None:
    """A sentence when the times of a file carry several offsets, or some carry one and some do not."""
    column = rows.spec.timestamp
    if column is None or rows.source.types.get(column) != "VARCHAR":
        return None
    offsets = session.rows(
        f"SELECT DISTINCT coalesce(nullif(regexp_extract({quote(column)}, {text(OFFSET)}), ''), 'none') AS o "
        f"FROM {rows.source.relation} WHERE {quote(column)} IS NOT NULL ORDER BY o LIMIT 10"
    )
    if len(offsets) < 2:
        return None
    named = ", ".join(str(each[0]) for each in offsets)
    return (
        f"{rows.source.path.name}: times carry several offsets ({named}); all were taken to UTC, those without as UTC."
    )
