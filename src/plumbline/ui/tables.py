"""Tables: those that are read, whose cells wrap, and those whose rows are picked; each with its CSV."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any, TypeAlias

import pyarrow as pa
import streamlit as st

from plumbline.reports import spreadsheet
from plumbline.ui.words import day, moment, plain

Rows: TypeAlias = Sequence[Any] | pa.Table
# Up to so many rows stand at once; of longer tables one page.
PAGE = 25
# Of more columns nobody reads a line across: they stand in a grid, which moves sideways under its first column.
ACROSS = 10
# What belongs to the cell before it stands in that cell, where there is something to say; the CSV has it apart.
REMARKS = {
    "Interval": "({})",
    "Labels in": "(labels in: {})",
    "Over all rows": "(over all rows: {})",
    "Rule": "({})",
    "Change": "({})",
    "Unseen": "unseen {}",
    "n": "(n\N{NO-BREAK SPACE}{})",
    "Role": "({})",
    "Hash": "{}",
    "Importance": "(importance {})",
    "Where": "({})",
    "SHA-256": "SHA-256 {}",
    "In their words": "“{}”",
}
NOTHING = ("", "0 %", "no change")
# Names that are longer than a narrow column may break where their parts meet, hashes anywhere after their beginning;
# a number never.
LONG_NAME = re.compile(r"(?<![\w.])(?!\d+\.\d)[\w./]{16,}")
JOINT = re.compile(r"(?<=[._/])(?=\w)|(?<=[0-9a-f]{16})(?=\w)")


def wrapped(rows: Rows, *, name: str, alt: str, download: bool = True, page: int = PAGE) -> None:
    """A table to read: long texts wrap, which a grid's cells do not, so that nothing is cut at any width."""
    table = as_arrow(rows)
    if table.num_columns > ACROSS:
        pinned = {table.column_names[0]: st.column_config.TextColumn(pinned=True)}
        st.dataframe(table, hide_index=True, column_config=pinned, key=f"table-{name}", alt=alt)
    else:
        st.table(_cells(_page(table, name, page)), border="horizontal", hide_index=True, alt=alt)
    if download:
        csv_download(table, name)


def facts(values: Mapping[str, str], *, name: str, alt: str, download: bool = True) -> None:
    """Fields and their values, with their CSV."""
    shown = {"Field": [f"**{plain(field)}**" for field in values], "Value": [_safe(value) for value in values.values()]}
    st.table(pa.table(shown), border="horizontal", hide_header=True, alt=alt)
    if download:
        csv_download([{"field": field, "value": value} for field, value in values.items()], name)


def picked(rows: Rows, *, name: str, alt: str, columns: Mapping[str, Any]) -> int | None:
    """A grid of at most a page of rows, all in sight, one of which may be picked; returns its position."""
    state: Any = st.dataframe(
        as_arrow(rows),
        height="content",
        hide_index=True,
        column_config=dict(columns),
        key=f"table-{name}",
        alt=alt,
        on_select="rerun",
        selection_mode="single-cell",
    )
    return int(state.selection.cells[0][0]) if state.selection.cells else None


def csv_download(rows: Rows, name: str) -> None:
    """The rows behind a table or figure, all of them."""
    st.download_button(
        "CSV",
        # Made when somebody asks: for every table of every run it would cost 10 ms each.
        lambda: as_csv(rows),
        file_name=f"{name}.csv",
        mime="text/csv",
        key=f"csv-{name}",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
        help="Download these rows",
    )


def as_csv(rows: Rows) -> bytes:
    """The rows as a file for a spreadsheet, with the mark by which one knows UTF-8."""
    return codecs.BOM_UTF8 + spreadsheet.as_csv(as_arrow(rows).to_pylist())


def as_arrow(rows: Rows) -> pa.Table:
    """Rows (mappings or dataclasses) as the table that travels to the browser; by way of pandas it costs ten times."""
    if isinstance(rows, pa.Table):
        return rows
    return pa.Table.from_pylist([row if isinstance(row, Mapping) else _values(row) for row in rows])


def _values(row: Any) -> dict[str, Any]:
    return {each.name: getattr(row, each.name) for each in fields(row)}


def _page(table: pa.Table, name: str, rows: int) -> pa.Table:
    pages = -(-table.num_rows // rows)
    if pages < 2:
        return table
    number = st.pagination(pages, key=f"page-{name}")
    return table.slice((number - 1) * rows, rows)


def _cells(table: pa.Table) -> pa.Table:
    """Each cell in words, remarks within the column before them."""
    cells: dict[str, list[str]] = {}
    before = ""
    for column in table.column_names:
        texts = [_words(value) for value in table[column].to_pylist()]
        if column in REMARKS and before:
            remarks = ("" if text in NOTHING else REMARKS[column].format(text) for text in texts)
            cells[before] = [f"{text} {remark}".strip() for text, remark in zip(cells[before], remarks, strict=True)]
        else:
            cells[column], before = texts, column
    return pa.table({column: [_safe(text) for text in texts] for column, texts in cells.items()})


def _safe(text: str) -> str:
    """Without markup; a verdict's mark stays beside its word, and long names break at their joints."""
    mark, _, rest = text.partition(" ")
    kept = f"{mark}\N{NO-BREAK SPACE}{rest}" if len(mark) == 1 and not mark.isalnum() else text
    return plain(LONG_NAME.sub(lambda name: JOINT.sub("\N{ZERO WIDTH SPACE}", name[0]), kept))


def _words(value: object) -> str:
    """A cell as it is read; what is absent is left empty."""
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
