"""The parts that pages are made of: the verdict, the head, the figure, the choice of a model."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Literal, TypeVar

import plotly.graph_objects as go
import streamlit as st

from plumbline.domain.results import Level
from plumbline.services.views.status import MARKS, WORDS
from plumbline.ui import session, tables
from plumbline.ui.words import plain, with_commands

T = TypeVar("T")
Width = int | Literal["stretch"]
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


def remark(sentence: str, level: Level | None = None) -> None:
    """A further thing to know, beneath the first."""
    lead = f"{badge(level)} " if level else ""
    st.markdown(f"{lead}{plain(sentence)}")


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


def figure(
    fig: go.Figure, *, data: tables.Rows, name: str, alt: str = "", opens: Callable[[str], None] | None = None
) -> None:
    """A figure told in words as well (its own, unless `alt` is given), with the table behind it; SVG by the browser.

    `opens` is handed what a mark stands for (its `customdata`) when somebody clicks it.
    """
    alt = alt or str((fig.layout.meta or {}).get("alt", "")) or "Chart"
    menu = {
        "displaylogo": False,
        "displayModeBar": "hover",
        "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d", "zoomIn2d", "zoomOut2d", "pan2d", "zoom2d"],
        "toImageButtonOptions": {"format": "svg", "filename": name},
    }
    key = f"figure-{name}{session.remembered(f'drawn-{name}') or ''}"
    picked: Any = partial(_clicked, name, key, opens) if opens else "ignore"
    st.plotly_chart(fig, key=key, config=menu, alt=alt, theme=None, on_select=picked, selection_mode="points")
    with st.expander("The figures behind this chart"):
        st.caption(plain(alt))
        tables.wrapped(data, name=f"{name}-data", alt=f"Figures behind: {alt}")


def _clicked(name: str, key: str, opens: Callable[[str], None]) -> None:
    points = session.chosen(key).selection.points
    told = next((str(point["customdata"]) for point in points if point.get("customdata")), "")
    if told:
        # Drawn anew, nothing in the chart stays picked: a second click on the same mark counts again.
        session.remember(f"drawn-{name}", (session.remembered(f"drawn-{name}") or 0) + 1)
        opens(told)


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


def slide(label: str, options: Sequence[float], *, key: str, words: Callable[[float], str], default: float) -> float:
    """One of many numbers in order, kept in the address; what is asked for gives way to the nearest that is here."""
    asked = _number(st.query_params.get(key))
    wanted = session.chosen(key) if asked is None else asked
    session.choose(key, min(options, key=lambda one: abs(one - (default if wanted is None else float(wanted)))))
    return float(st.select_slider(label, options, format_func=words, key=key, on_change=_to_address, args=(key,)))


def starts_anew(key: str, *, subject: str) -> None:
    """A choice is forgotten when the subject that it was made of gives way to another; before its widget is drawn."""
    before = session.remembered(f"{key}-of")
    session.remember(f"{key}-of", subject)
    if before not in (None, subject):
        session.forget(key)
        st.query_params.pop(key, None)


def _number(text: str | None) -> float | None:
    try:
        found = float(text or "nan")
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _from_address(label: str, key: str, options: Sequence[T], default: T | None) -> None:
    """The address decides; a widget's own binding would write its labels there, not the ids that people share."""
    asked = st.query_params.get(key)
    known = {str(option): option for option in options}
    if asked is not None and asked not in known:
        st.warning(f"The address asks for {plain(label.lower())} {plain(repr(asked))}, which is not here.")
    if asked in known:
        wanted = known[asked]
    elif session.chosen(key) in options:
        wanted = session.chosen(key)
    else:
        wanted = default if default is not None and default in options else options[0]
    # Also where it is chosen already: on the next page the widget of that name is another, which would show its first.
    session.choose(key, wanted)


def _to_address(key: str) -> None:
    st.query_params[key] = str(session.chosen(key))
