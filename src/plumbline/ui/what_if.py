"""What if: another population, another cut-off; each redrawn by itself from counts that are kept."""

from __future__ import annotations

import streamlit as st

from plumbline.services.cut_off import at_cut_off, cut_offs
from plumbline.services.scenario import scenario
from plumbline.services.scenario_ground import Ground, ground
from plumbline.services.views import figures
from plumbline.services.views.cut_off import CutOffs
from plumbline.ui import analytics, behind, cached, components, session, tables
from plumbline.ui.words import plain

_TABS = ("Another population", "Another cut-off")
_PERCENT = tuple(at / 100 for at in range(101))


@st.fragment
def section(model: str, version: str, window: str) -> None:
    """Two tabs under one heading; only the one that is open is made."""
    components.section("What if", "Counts of the chosen window, weighed or cut otherwise; nothing is counted again.")
    tabs = st.tabs(list(_TABS), key="what_if", default=_first(), on_change="rerun")
    for tab, draw in zip(tabs, (_population, _cut_off), strict=True):
        with tab:
            if tab.open:
                draw(model, version, window)


def _first() -> str:
    """A cut-off in the address is meant to be seen; one default a visit, as another would draw the tabs anew."""
    first = session.remembered("what_if") or _TABS["cut_off" in st.query_params]
    session.remember("what_if", first)
    return str(first)


def _population(model: str, version: str, window: str) -> None:
    on = cached.settled(ground, _by, model, model, version, window=window, by=analytics.asked("mix_by"))
    if isinstance(on, str):
        components.empty(on)
        return
    with analytics.controls():
        analytics.select("By segment", on.controls.dimensions, key="mix_by", current=on.by, width=200)
        analytics.select("Scenario", on.controls.presets, key="scenario", current="downturn", width=420)
    preset = analytics.asked("scenario") or "downturn"
    _told(on, preset)


def _by(found: Ground | str) -> dict[str, str]:
    return {"by": found.by} if isinstance(found, Ground) else {}


def _told(on: Ground, preset: str) -> None:
    segment, share = share_of(on) if preset == "share" else ("", None)
    view = scenario(on, preset=preset, segment=segment, share=share)
    st.markdown(f"**{plain(view.finding)}.**")
    tables.wrapped(behind.expected(view), name="scenario", alt=f"Expected figures: {view.finding}")
    with st.expander("The mix of segments, now and in the scenario"):
        tables.wrapped(behind.mix(view), name="scenario-mix", alt="Shares of segments now and in the scenario")
    for sentence in view.said:
        st.caption(plain(sentence))


def share_of(on: Ground) -> tuple[str, float]:
    """Which segment, and what share of the population it gets; it starts at the share that it has."""
    current = analytics.asked("mix_segment") or on.segments[0]
    analytics.select("Segment", on.controls.segments, key="mix_segment", current=current, width=240)
    segment = analytics.asked("mix_segment") or on.segments[0]
    # Another segment is not given the share that this one was set to.
    components.starts_anew("mix_share", subject=segment)
    at = on.segments.index(segment) if segment in on.segments else 0
    now = round(float(on.rows[at] / on.rows.sum()), 2)
    return segment, components.slide(f"Share of {segment}", _PERCENT, key="mix_share", words=_percent, default=now)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _cut_off(model: str, version: str, window: str) -> None:
    on = cached.view(cut_offs, model, model, version, window=window)
    if isinstance(on, str):
        components.empty(on)
        return
    asked = components.slide(
        "Flagged from a score of", on.options, key="cut_off", words=figures.significant, default=on.nearest(None)
    )
    _decided(on, asked)


def _decided(on: CutOffs, asked: float) -> None:
    view = at_cut_off(on, asked)
    st.markdown(f"**{plain(view.sentence)}.**")
    beside = st.grid(5, min_column_width=170)
    with beside.cell(column_span=3):
        tables.wrapped(behind.rates_at(view, on.in_use), name="cut-off", alt=f"Figures at the cut-off: {view.sentence}")
    if view.confusion:
        with beside.cell(column_span=2):
            tables.wrapped(behind.confusion(view.confusion), name="cut-off-confusion", alt="Decisions against outcomes")
    for sentence in (*view.said, _edges(on)):
        st.caption(plain(sentence))


def _edges(on: CutOffs) -> str:
    rows = figures.count(sum(on.total))
    return (
        f"{figures.window_words(on.window)}, n {rows}. Counts are exact: the slider stands on edges of the frozen bins."
    )
