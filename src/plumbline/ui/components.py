"""The parts that pages are made of: the verdict, the head, the table, the figure, the choice of a model."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from typing import Any, Literal, TypeAlias, TypeVar

import plotly.graph_objects as go
import pyarrow as pa
import streamlit as st

from plumbline.domain.results import Level
from plumbline.reports import spreadsheet
from plumbline.services.views.status import MARKS, WORDS
from plumbline.ui import session
from plumbline.ui.words import plain, with_commands

T = TypeVar("T")
Rows: TypeAlias = Sequence[Any] | pa.Table
Width = int | Literal["stretch"]
# Up to so many rows a table stands whole; longer ones scroll in themselves.
WHOLE = 24
COLOURS = {Level.GREEN: "green", Level.WATCH: "blue", Level.AMBER: "orange", Level.RED: "red", Level.GREY: "gray"}


def dark() -> bool:
    """Whether this browser shows the dark theme: figures are drawn for it."""
    return st.context.theme.type == "dark"


def badge(level: Level, text: str = "") -> str:
    """Mark and word in the verdict's colour, as Markdown."""
    return f":{COLOURS[level]}-badge[{MARKS[level]} {plain(text or WORDS[level])}]"


def verdict(level: Level, text: str = "") -> None:
    """Colour, mark and word, then the sentence: never colour alone."""
    st.markdown(f"{badge(level)} {plain(text)}")


def page_head(title: str, sentence: str, level: Level | None = None) -> None:
    """The page's name, small, and the first thing to know, large."""
    st.title(title, anchor=False)
    lead = f"{badge(level)} " if level else ""
    st.markdown(f"{lead}**{plain(sentence)}**")


def section(title: str, note: str = "") -> None:
    st.subheader(title, anchor=False)
    if note:
        st.caption(plain(note))


def empty(what: str, do: str = "") -> None:
    """What would be here, and the one thing to do."""
    st.info(f"{plain(what)} {with_commands(do)}".rstrip())


def two_columns() -> tuple[Any, Any]:
    """Three fifths and two fifths side by side; one above the other where the screen is narrow."""
    grid = st.grid(5, min_column_width=170, gap="medium")
    return grid.cell(column_span=3), grid.cell(column_span=2)


@contextmanager
def row(key: str) -> Iterator[None]:
    """A line with its one action at the right."""
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key=key
    ):
        yield


def as_arrow(rows: Rows) -> pa.Table:
    """Rows (mappings or dataclasses) as the table that travels to the browser; by way of pandas it costs ten times."""
    if isinstance(rows, pa.Table):
        return rows
    return pa.Table.from_pylist([row if isinstance(row, Mapping) else _cells(row) for row in rows])


def _cells(row: Any) -> dict[str, Any]:
    return {each.name: getattr(row, each.name) for each in fields(row)}


def table(
    rows: Rows,
    *,
    name: str,
    alt: str,
    columns: Mapping[str, Any] | None = None,
    order: Sequence[str] | None = None,
    pick: bool = False,
    download: bool = True,
) -> int | None:
    """A table named for assistive technology, with its CSV; returns the picked row's position when `pick` is set."""
    state: Any = st.dataframe(
        as_arrow(rows),
        height="content" if len(rows) <= WHOLE else "auto",
        hide_index=True,
        column_config=dict(columns or {}),
        column_order=order,
        key=f"table-{name}",
        alt=alt,
        on_select="rerun" if pick else "ignore",
        selection_mode="single-cell",
    )
    if download:
        csv_download(rows, name)
    picked = state.selection.cells if pick else []
    return int(picked[0][0]) if picked else None


def as_wide_as_its_texts(rows: Sequence[Mapping[str, str]], name: str) -> dict[str, Any]:
    """The settings of that column; a grid by itself cuts texts of more than some 25 letters."""
    return {name: st.column_config.TextColumn(width=20 + 7 * max((len(row[name]) for row in rows), default=0))}


def facts(values: Mapping[str, str], *, name: str, alt: str) -> None:
    """Fields and their values, with their CSV; long values wrap, which a grid's cells do not."""
    shown = {"Field": [f"**{plain(field)}**" for field in values], "Value": [plain(value) for value in values.values()]}
    st.table(pa.table(shown), hide_header=True, alt=alt)
    csv_download([{"field": field, "value": value} for field, value in values.items()], name)


def as_csv(rows: Rows) -> bytes:
    """The rows as a file for a spreadsheet, with the mark by which one knows UTF-8."""
    return codecs.BOM_UTF8 + spreadsheet.as_csv(as_arrow(rows).to_pylist())


def csv_download(rows: Rows, name: str) -> None:
    """The rows behind a table or figure."""
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


def figure(fig: go.Figure, *, data: Rows, name: str, alt: str = "") -> None:
    """A figure told in words as well (its own, unless `alt` is given), with the table behind it; SVG by the browser."""
    alt = alt or str((fig.layout.meta or {}).get("alt", "")) or "Chart"
    menu = {
        "displaylogo": False,
        "displayModeBar": "hover",
        "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d", "zoomIn2d", "zoomOut2d", "pan2d", "zoom2d"],
        "toImageButtonOptions": {"format": "svg", "filename": name},
    }
    st.plotly_chart(fig, key=f"figure-{name}", config=menu, alt=alt, theme=None)
    with st.expander("The figures behind this chart"):
        st.caption(plain(alt))
        table(data, name=f"{name}-data", alt=f"Figures behind: {alt}")


def choice(
    label: str,
    options: Sequence[T],
    *,
    key: str,
    words: Callable[[T], str] = str,
    default: T | None = None,
    width: Width = "stretch",
) -> T:
    """One of several, kept in the address as `?key=`; an unknown value in the address is said, not guessed."""
    _from_address(label, key, options, default)
    picked = st.selectbox(label, options, format_func=words, key=key, on_change=_to_address, args=(key,), width=width)
    return options[0] if picked is None else picked


def segments(
    label: str, options: Sequence[T], *, key: str, words: Callable[[T], str] = str, default: T | None = None
) -> T:
    """The same for few short options: all are seen at once."""
    _from_address(label, key, options, default)
    picked = st.segmented_control(
        label, options, format_func=words, key=key, on_change=_to_address, args=(key,), required=True, wrap=True
    )
    return options[0] if picked is None else picked


def _from_address(label: str, key: str, options: Sequence[T], default: T | None) -> None:
    """The address decides; a widget's own binding would write its labels there, not the ids that people share."""
    asked = st.query_params.get(key)
    known = {str(option): option for option in options}
    if asked is not None and asked not in known:
        st.warning(f"The address asks for {plain(label.lower())} {plain(repr(asked))}, which is not here.")
    if asked in known:
        wanted = known[asked]
    elif session.chosen(key) in options:
        return
    else:
        wanted = default if default is not None and default in options else options[0]
    if session.chosen(key) != wanted:
        session.choose(key, wanted)


def _to_address(key: str) -> None:
    st.query_params[key] = str(session.chosen(key))
