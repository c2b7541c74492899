"""The log made ready to be counted: which rows count, in which windows, and why the others do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from plumbline.domain.errors import LogError
from plumbline.domain.results import REFERENCE
from plumbline.profiling.duplicates import DUPLICATE, Repeated, duplicates
from plumbline.profiling.mending import remedy
from plumbline.profiling.rows import FUTURE, LATER, OFFSET, Key, Rows, relation, safe_window
from plumbline.profiling.session import Arrays, Session, together
from plumbline.profiling.sources import quote, text
from plumbline.profiling.weights import MOST
from plumbline.profiling.windows import number_sql

__all__ = ["DUPLICATE", "Key"]


@dataclass(frozen=True, slots=True)
class Part:
    """The countable rows of one file that belong to the reference, or to the log."""

    rows: Rows
    reference: bool
    keys: tuple[Key, ...]
    filters: tuple[str, ...]
    size: int
    sizes: tuple[int, ...] = ()  # rows of each window, in the order of `keys`
    weight: str | None = None  # SQL of the whole units that a row counts for; None: every row counts once

    @property
    def weighed(self) -> str:
        """What an inner SELECT must add for `tally`."""
        return f", {self.weight} AS m" if self.weight else ""

    @property
    def tally(self) -> str:
        """SQL of how much a group counts; held where 64 bits would overflow, which is refused later on."""
        return f"CAST(least(sum(m), {MOST}) AS BIGINT)" if self.weight else "count(*)"

    @property
    def clause(self) -> str:
        """FROM and WHERE, with later labels joined."""
        return f"FROM {relation(self.rows)}{self._where}"

    def clause_for(self, *expressions: str) -> str:
        """FROM and WHERE for these expressions: later labels are joined only where one of them asks for the label."""
        if any(LATER in each for each in expressions):
            return self.clause
        return f"FROM {self.rows.source.relation} r{self._where}"

    @property
    def _where(self) -> str:
        return f" WHERE {' AND '.join(self.filters)}" if self.filters else ""

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
    files: set[Path] = field(default_factory=set)

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
    unplaced: dict[Path, Counter[str]] = field(default_factory=dict)  # those by file


def prepare(session: Session, readings: Sequence[Rows], *, held: Collection[Key] = ()) -> Prepared:
    """Look once at the narrow columns of every file: count, quarantine, find the windows.

    `held` are windows that an earlier run counted; a side with any of them need have no row here.

    Raises:
        LogError: the reference shares an id with the log, or a side has no usable row.
    """
    session.run("CREATE TABLE reject (part INTEGER, row_number BIGINT)")
    found = Prepared([], {}, 0, Counter(), [])
    looks = list(together([partial(_look, session, rows, number) for number, rows in enumerate(readings)]))
    again = duplicates(session, readings)
    for number, (rows, look) in enumerate(zip(readings, looks, strict=True)):
        _gather(found, rows, number, look, again.get(number, ()))
    for span in found.spans.values():
        found.quarantine.update(span.quarantine)
    found.spans.pop("", None)
    _refuse_empty(session, found, readings, held)
    return found


def _look(session: Session, rows: Rows, number: int) -> list[tuple[Any, ...]]:
    """Rows, first and last time by (reference?, window, reason)."""
    glance = _glance(session, rows)
    if glance:
        return [glance]
    inner = (
        f"SELECT {rows.is_reference()} AS reference, {rows.reason()} AS reason, "
        f"{safe_window(rows)} AS w, {rows.time()} AS t, r.file_row_number AS row_number FROM {relation(rows)}"
    )
    look = session.rows(
        f"SELECT reference, w, reason, count(*), min(t), max(t) FROM ({inner}) GROUP BY ALL ORDER BY ALL"
    )
    if any(line[2] is not None for line in look):
        session.run(f"INSERT INTO reject SELECT {number}, row_number FROM ({inner}) WHERE reason IS NOT NULL")
    return look


def _glance(session: Session, rows: Rows) -> tuple[Any, ...] | None:
    """The only line there is, when all rows lie in one window and none is at fault; else None."""
    told = extent(session, rows)
    if not told or session.rows(f"SELECT count(*) FROM {relation(rows)} WHERE {rows.fault()}")[0][0]:
        return None
    window, total, first, last = told
    if rows.until and not rows.reference_file and last.date() > rows.until:
        return None
    return rows.reference_file, window, None, total, first, last


def extent(session: Session, rows: Rows) -> tuple[Any, ...] | None:
    """(window, rows, first and last time) of a file that holds one calendar window or the reference alone; else None.

    Its own statistics tell without a row being read.
    """
    spec, timed = rows.spec, rows.source.types.get(rows.spec.timestamp or "")
    one_side = rows.reference_file or spec.reference_column is None
    if not one_side or timed != "TIMESTAMP" or (spec.window_column and not rows.reference_file):
        return None
    windows = (
        ["NULL", "NULL"] if rows.reference_file else [number_sql(spec.window, f"{end}(t)") for end in ("min", "max")]
    )
    total, known, first, last, opens, closes = session.rows(
        f"SELECT count(*), count(t), min(t), max(t), {', '.join(windows)} "
        f"FROM (SELECT {rows.time()} AS t FROM {rows.source.relation} r)"
    )[0]
    in_one = rows.reference_file or (known == total and opens == closes and opens is not None)
    return (opens, total, first, last) if total and in_one else None


def _gather(
    found: Prepared,
    rows: Rows,
    number: int,
    look: list[tuple[Any, ...]],
    again: Repeated,
) -> None:
    for reference in (True, False):
        keys: dict[Key, int] = {}
        lines = [line[1:] for line in look if line[0] is reference]
        for window, reason, count, first, last in lines:
            # A time that cannot be names no window: nobody waits for that one to fill.
            key = _key(reference, None if reason == FUTURE else window)
            found.rows_in += count
            span = found.spans.setdefault(key, Span())
            span.files.add(rows.source.path)
            if reason is not None:
                span.quarantine[reason] += count
                if key == "":
                    found.unplaced.setdefault(rows.source.path, Counter())[reason] += count
                continue
            keys[key] = count
            span.rows += count
            span.widen(_aware(first), _aware(last))
        repeated = {_key(reference, window): count for side, window, count in again if side is reference}
        for key, count in repeated.items():
            found.spans[key].quarantine[DUPLICATE] += count
            found.spans[key].rows -= count
        rejected = bool(repeated) or any(line[1] is not None for line in lines)
        sizes = tuple(count - repeated.get(key, 0) for key, count in keys.items())
        if sum(sizes):
            filters = _filters(rows, number, reference, look, rejected)
            found.parts.append(Part(rows, reference, tuple(keys), filters, sum(sizes), sizes))


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


def _refuse_empty(session: Session, found: Prepared, readings: Sequence[Rows], held: Collection[Key]) -> None:
    of_reference = found.spans.get(REFERENCE, Span()).quarantine
    for reference, name in ((True, "reference"), (False, "log")):
        if any(part.reference is reference for part in found.parts) or any(
            (key == REFERENCE) is reference for key in held
        ):
            continue
        counts = of_reference if reference else found.quarantine - of_reference
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(counts.items())) or "no rows at all"
        own = [each for each in readings if each.reference_file is reference] or readings
        files = ", ".join(dict.fromkeys(str(each.source.path) for each in own))
        raise LogError(
            f"The {name} has no usable row: {reasons}{_first_reject(session, readings, reference)}",
            where=files,
            remedy=remedy(counts),
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
        f"SELECT DISTINCT coalesce(nullif(regexp_extract({quote(column)}, {text(OFFSET)}, 1), ''), 'none') AS o "
        f"FROM {rows.source.relation} WHERE {quote(column)} IS NOT NULL ORDER BY o LIMIT 10"
    )
    if len(offsets) < 2:
        return None
    named = ", ".join(str(each[0]) for each in offsets)
    return (
        f"{rows.source.path.name}: times carry several offsets ({named}); all were taken to UTC, those without as UTC."
    )
