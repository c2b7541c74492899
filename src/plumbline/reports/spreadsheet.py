"""Rows as CSV that a spreadsheet may open without running anything in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """UTF-8, header first, all rows under the fields of the first; empty without rows."""
    text = io.StringIO()
    if rows:
        writer = csv.writer(text)
        writer.writerow(rows[0].keys())
        writer.writerows([cell(row.get(name)) for name in rows[0]] for row in rows)
    return text.getvalue().encode()


def cell(value: Any) -> str:
    """A value as one cell; a text that a spreadsheet would take for a formula is led by an apostrophe.

    >>> cell("=1+1"), cell(-3.5), cell(["a", "b"]), cell(None)
    ("'=1+1", '-3.5', 'a; b', '')
    >>> cell([{"id": "u1", "users": ["-x"]}])
    'id u1, users -x'
    """
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return str(value).lower() if isinstance(value, bool) else str(value)
    text = _words(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _words(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_words(inner)}" for name, inner in value.items() if inner not in (None, "", []))
    if isinstance(value, list | tuple):
        return "; ".join(_words(inner) for inner in value)
    return str(value)
