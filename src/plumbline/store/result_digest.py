"""The hash that binds a run's results to its event: over the sorted canonical JSON lines of `Result.as_json`."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import filterfalse
from typing import Any

from plumbline.domain.chain import sha256
from plumbline.domain.results import Result, iso
from plumbline.store.database import Cursor
from plumbline.store.result_columns import side_by_side

# The keys of `Result.as_json`, by what they hold; a line is without the optional ones where they are empty.
TIMES = ("window_start", "window_end")
COUNTS = ("n", "events")
NUMBERS = (
    *("estimate", "low", "high", "confidence", "label_share", "reference", "effect", "p_adjusted", "error_bound"),
    *("lowest", "highest"),
)
TEXTS = (
    *("window", "metric", "column", "segment_by", "segment", "method", "verdict", "reason", "rule", "policy"),
    "population",
)
OPTIONAL = ("lowest", "highest", "population")
KEYS = tuple(sorted((*TIMES, *COUNTS, *NUMBERS, *TEXTS)))
AT_ONCE = 200_000  # rows whose lines are held together


def digest(results: Sequence[Result]) -> str:
    """The hash of these results, whatever their order: `digest_of` their `as_json`, made column by column.

    Raises:
        ValueError: a number is not finite.
    """
    columns = side_by_side(results)
    given = [key for key in KEYS if key not in OPTIONAL or any(value is not None for value in columns[key])]
    # One row a time would spend nearly everything on building and walking dictionaries.
    words = [_parts(name, columns[name]) for name in given]
    line = "{" + "".join("%s" if name in OPTIONAL else f"{_named(name)}%s" for name in given) + "}"
    return sha256("\n".join(sorted(line % each for each in zip(*words, strict=True))))


def stored_digests(cursor: Cursor) -> Iterator[tuple[tuple[str, int], str]]:
    """((run, its seq), hash) of what is stored under each run, recomputed for proof by the engine itself.

    The engine writes a line as JSON does, but for control characters and parts of a second: a hash that differs
    is to be made again from the rows before it is believed; one that agrees was made of the same text.
    """
    for first, last in _batches(cursor):
        query = f"""select run_id, run_seq, sha256(string_agg(line, chr(10) order by line)) from
            (select run_id, run_seq, {_line_sql()} as line from result where run_seq between ? and ?)
            group by run_id, run_seq"""
        for run_id, seq, found in cursor.execute(query, [first, last]).fetchall():
            yield (str(run_id), int(seq)), str(found)


def _batches(cursor: Cursor) -> Iterator[tuple[int, int]]:
    """Ranges of `run_seq` that hold about as many rows as are held together."""
    first, last, rows = 0, 0, 0
    for seq, count in cursor.execute("select run_seq, count(*) from result group by 1 order by 1").fetchall():
        if rows and rows + count > AT_ONCE:
            yield first, last
            first, rows = seq, 0
        last, rows = seq, rows + count
    if rows:
        yield first, last


def _named(key: str) -> str:
    """A key as it stands in a line; the first one is not optional."""
    return f'{"" if key == KEYS[0] else ","}"{key}":'


def _parts(name: str, values: Sequence[Any]) -> list[str]:
    """Each value as it stands in a line, of an optional key with its name."""
    words = _words(name, values)
    if name not in OPTIONAL:
        return words
    return ["" if value is None else _named(name) + word for value, word in zip(values, words, strict=True)]


def _line_sql() -> str:
    return " || ".join(["'{'", *map(_part_sql, KEYS), "'}'"])


def _part_sql(key: str) -> str:
    if key in OPTIONAL:
        return f"""case when "{key}" is null then '' else '{_named(key)}' || {_word_sql(key)} end"""
    return f"'{_named(key)}' || {_word_sql(key)}"


def _word_sql(key: str) -> str:
    value = f'"{key}"'
    if key in TEXTS:
        value = rf"""'"' || replace(replace({value}, '\', '\\'), '"', '\"') || '"'"""
    elif key in TIMES:
        value = f"""'"' || strftime({value}, '%Y-%m-%dT%H:%M:%SZ') || '"'"""
    return f"coalesce(cast({value} as varchar), 'null')"


def _words(name: str, values: Sequence[Any]) -> list[str]:
    """Each value as JSON writes it."""
    if name in NUMBERS:
        endless = next(filterfalse(math.isfinite, filter(None, values)), None)
        if endless is not None:
            raise ValueError(f"{endless} cannot stand in a result")
        write_number = float.__repr__
        return ["null" if value is None else write_number(value) for value in values]
    if name in COUNTS:
        return ["null" if value is None else int.__repr__(value) for value in values]
    write: Callable[[Any], str] = _time if name in TIMES else _text
    known = {value: write(value) for value in set(values)}
    return [known[value] for value in values]


def _text(value: str | None) -> str:
    return json.dumps(value, ensure_ascii=False)


def _time(value: datetime | None) -> str:
    return _text(iso(value))
