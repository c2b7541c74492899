"""Ids that come twice: found exactly, in bounded memory, and for ids that ascend in one narrow pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from plumbline.domain.errors import LogError
from plumbline.profiling.record_batches import numbers_in
from plumbline.profiling.rows import Key, Rows, safe_window
from plumbline.profiling.session import Session, together
from plumbline.profiling.sources import quote, text

DUPLICATE = "duplicate id"
Repeated = Sequence[tuple[bool, Key | None, int]]  # (reference?, window, how many later rows)
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
_AT_ONCE = 2_000_000  # hashes that are sorted at once: 16 MB
_SUSPECTS = 500_000  # ids that are compared as text at once


def duplicates(session: Session, readings: Sequence[Rows]) -> dict[int, Repeated]:
    """Later rows of an id, counted by file; they are added to the table `reject`.

    Raises:
        LogError: an id stands in the reference and in the log.
    """
    if not readings or readings[0].spec.id is None or _ascending(session, readings):
        return {}
    found: dict[int, dict[tuple[bool, Key | None], int]] = {}
    shared: list[tuple[int, str]] = []
    for suspects in _suspects(session, readings):
        session.run("CREATE OR REPLACE TABLE suspect (hash UBIGINT)")
        _insert(session, suspects)
        shared += _compare(session, readings)
        for part, reference, window, count in session.rows(
            "SELECT part, reference, w, count(*) FROM later GROUP BY ALL ORDER BY ALL"
        ):
            mine = found.setdefault(part, {})
            mine[reference, window] = mine.get((reference, window), 0) + count
    _refuse_overlap(session, readings, shared)
    return {part: [(*place, count) for place, count in counts.items()] for part, counts in found.items()}


def _ascending(session: Session, readings: Sequence[Rows]) -> bool:
    """Whether whole ids ascend strictly within each file and the files' ranges do not meet: then none comes twice."""
    column = readings[0].spec.id or ""
    if any(rows.source.types[column] not in _WHOLE for rows in readings):
        return False
    asked = [f"SELECT {quote(column)} AS id FROM {rows.source.relation}" for rows in readings]
    spans = list(together([partial(_span, session, sql) for sql in asked]))
    ordered = sorted(span for span in spans if span)
    return None not in spans and all(before[1] < after[0] for before, after in pairwise(ordered))


def _span(session: Session, sql: str) -> tuple[int, ...] | None:
    """First and last id of a file; empty without rows; None where an id is missing or does not ascend."""
    first = last = None
    for batch in session.batches(sql):
        if batch.column("id").null_count:
            return None
        ids = numbers_in(batch.column("id"))
        if (last is not None and ids[0] <= last) or not (ids[1:] > ids[:-1]).all():
            return None
        first, last = int(ids[0]) if first is None else first, int(ids[-1])
    return () if first is None or last is None else (first, last)


def _suspects(session: Session, readings: Sequence[Rows]) -> Iterator[npt.NDArray[np.uint64]]:
    """Hashes that come twice, a share of them at a time: every id that comes twice has such a hash."""
    rows = sum(session.rows(f"SELECT count(*) FROM {each.source.relation}")[0][0] for each in readings)
    folder = session.scratch / "hashes"
    folder.mkdir()
    files = [folder / str(at) for at in range(-(-rows // _AT_ONCE) or 1)]
    _spread(session, readings, files)
    for path in files:
        hashes = np.sort(np.fromfile(path, dtype=np.uint64))
        path.unlink()
        twice = np.unique(hashes[1:][hashes[1:] == hashes[:-1]])
        for start in range(0, len(twice), _SUSPECTS):
            yield twice[start : start + _SUSPECTS]
    folder.rmdir()


def _spread(session: Session, readings: Sequence[Rows], files: Sequence[Path]) -> None:
    """Write every id's hash into the file of its range."""
    streams = [path.open("wb") for path in files]
    try:
        for rows in readings:
            word = rows.word(rows.spec.id or "")
            sql = f"SELECT hash({word}) AS h FROM {rows.source.relation} r WHERE {word} IS NOT NULL"
            for batch in session.batches(sql):
                hashes = numbers_in(batch.column("h"))
                # The upper half of the bits, times the number of files, over 2^32: a range of its own each.
                share = ((hashes >> np.uint64(32)) * np.uint64(len(files))) >> np.uint64(32)
                for at, stream in enumerate(streams):
                    (hashes if len(streams) == 1 else hashes[share == at]).tofile(stream)
    finally:
        for stream in streams:
            stream.close()


def _insert(session: Session, suspects: npt.NDArray[np.uint64]) -> None:
    cursor = session.cursor()
    cursor.register("offered", pa.table({"hash": suspects}))
    cursor.execute("INSERT INTO suspect SELECT hash FROM offered")


def _compare(session: Session, readings: Sequence[Rows]) -> list[tuple[int, str]]:
    """Hold the suspects' ids against each other as text: `later` has all rows of an id but the first.

    Returns how many ids stand on both sides, and the first of them.
    """
    named = " UNION ALL ".join(_named(each, number) for number, each in enumerate(readings))
    session.run(f"CREATE OR REPLACE TABLE named AS {named}")
    session.run(
        "CREATE OR REPLACE TABLE later AS SELECT part, row_number, reference, w FROM "
        "(SELECT *, row_number() OVER (PARTITION BY id ORDER BY part, row_number) AS nth FROM named) WHERE nth > 1"
    )
    session.run("INSERT INTO reject SELECT part, row_number FROM later")
    both = session.rows(
        "SELECT count(*), min(id) FROM (SELECT id FROM named GROUP BY id "
        "HAVING bool_or(reference) AND NOT bool_and(reference))"
    )[0]
    return [(both[0], both[1])] if both[0] else []


def _named(rows: Rows, number: int) -> str:
    word = rows.word(rows.spec.id or "")
    return (
        f"SELECT {word} AS id, {number} AS part, r.file_row_number AS row_number, "
        f"{rows.is_reference()} AS reference, {safe_window(rows)} AS w FROM {rows.source.relation} r "
        f"WHERE hash({word}) IN (SELECT hash FROM suspect) "
        f"AND r.file_row_number NOT IN (SELECT row_number FROM reject WHERE part = {number})"
    )


def _refuse_overlap(session: Session, readings: Sequence[Rows], shared: Sequence[tuple[int, str]]) -> None:
    if not shared:
        return
    total, first = sum(count for count, _ in shared), min(word for _, word in shared)
    for rows in readings:
        found = session.rows(
            f"SELECT min(r.file_row_number) FROM {rows.source.relation} r "
            f"WHERE {rows.word(rows.spec.id or '')} = {text(first)} AND NOT {rows.is_reference()}"
        )[0][0]
        if found is not None:
            raise LogError(
                f"The reference overlaps the log: rows in both: {total:,}, the first with {rows.spec.id} = {first!r}",
                where=rows.source.place(found),
                remedy="Take those rows out of one of the two.",
            )
