"""A file of many windows read window by window, where it lies in order of time: as quick as a file for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from plumbline.profiling.parts import Part
from plumbline.profiling.session import Session
from plumbline.profiling.sources import quote, text
from plumbline.profiling.windows import number_sql, window_of

_OVERLAP = 1.25  # how often a row group may be read, on average


def split_by_window(session: Session, parts: Sequence[Part]) -> list[Part]:
    """The same rows, in one part for each window wherever that costs no second reading."""
    return [each for part in parts for each in (_windows(part) if _in_order(session, part) else [part])]


def _in_order(session: Session, part: Part) -> bool:
    """Whether the file's row groups hold, but for a few, one window each; their statistics tell."""
    spec, source = part.rows.spec, part.rows.source
    calendar = not part.reference and not spec.window_column and len(part.keys) > 1
    if not calendar or source.types.get(spec.timestamp or "") != "TIMESTAMP" or source.path.suffix.lower() == ".csv":
        return False
    ends = [number_sql(spec.window, f"TRY_CAST(stats_{end}_value AS TIMESTAMP)") for end in ("min", "max")]
    groups = session.rows(
        f"SELECT {', '.join(ends)} FROM parquet_metadata({text(str(source.path))}) "
        f"WHERE path_in_schema = {text(spec.timestamp or '')}"
    )
    if any(None in group for group in groups):
        return False
    read = sum(int(last) - int(first) + 1 for first, last in groups)
    return read <= _OVERLAP * len(groups)


def _windows(part: Part) -> Iterator[Part]:
    time = f"r.{quote(part.rows.spec.timestamp or '')}"
    for key, size in zip(part.keys, part.sizes, strict=True):
        if size and isinstance(key, int):
            window = window_of(part.rows.spec.window, key)
            inside = f"{time} >= {_moment(window.start)} AND {time} < {_moment(window.end)}"
            yield replace(part, keys=(key,), filters=(*part.filters, inside), size=size, sizes=(size,))


def _moment(moment: datetime | None) -> str:
    return f"TIMESTAMP '{moment.replace(tzinfo=None).isoformat(' ')}'" if moment else "NULL"
