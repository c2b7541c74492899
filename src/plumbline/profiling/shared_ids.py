"""Whether what is read shares an id with what is not: looked up in the id column alone."""

from __future__ import annotations

from collections.abc import Sequence

from plumbline.domain.results import REFERENCE
from plumbline.profiling.rows import Key, Rows, safe_window
from plumbline.profiling.session import Session
from plumbline.profiling.sources import quote

_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")


def sharing(session: Session, read: Sequence[Rows], rest: Sequence[Rows]) -> set[Key]:
    """Windows of `rest` with an id that `read` has too, and never too few: ids are compared by their hashes."""
    column = read[0].spec.id if read and rest else None
    if column is None:
        return set()
    kinds = {rows.source.types[column] for rows in (*read, *rest)}
    if kinds <= set(_WHOLE) and not _meet(_spans(session, read, column), _spans(session, rest, column)):
        return set()
    session.run("CREATE OR REPLACE TABLE read_id (hash UBIGINT)")
    for rows in read:
        session.run(f"INSERT INTO read_id SELECT {_hash(rows, column, kinds)} FROM {rows.source.relation} r")
    found: set[Key] = set()
    for rows in rest:
        asked = (
            f"SELECT DISTINCT {rows.is_reference()}, {safe_window(rows)} FROM {rows.source.relation} r "
            f"WHERE r.{quote(column)} IS NOT NULL AND {_hash(rows, column, kinds)} IN (SELECT hash FROM read_id)"
        )
        found |= {REFERENCE if reference else window for reference, window in session.rows(asked)}
    session.run("DROP TABLE read_id")
    return found


def _hash(rows: Rows, column: str, kinds: set[str]) -> str:
    # A number and its text have different hashes: where files differ in type, all are taken as text.
    return f"hash(r.{quote(column)})" if len(kinds) == 1 else f"hash({rows.word(column)})"


def _spans(session: Session, readings: Sequence[Rows], column: str) -> list[tuple[int, int]]:
    """Smallest and largest id of each file; a Parquet file says them without being read."""
    name = quote(column)
    asked = [session.rows(f"SELECT min({name}), max({name}) FROM {rows.source.relation}")[0] for rows in readings]
    return [(low, high) for low, high in asked if low is not None]


def _meet(some: Sequence[tuple[int, int]], others: Sequence[tuple[int, int]]) -> bool:
    return any(low <= high_too and low_too <= high for low, high in some for low_too, high_too in others)
