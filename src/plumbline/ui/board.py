"""The board's screen: twelve tiles, the heat map, the decisions asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from plumbline.charts.theme import look
from plumbline.domain.results import Level
from plumbline.services.views.approvals import CaseLine, Inbox
from plumbline.services.views.portfolio import Tile
from plumbline.services.views.standing import Check, Standing
from plumbline.services.views.status import MARKS, marked
from plumbline.ui import components, navigation, tables
from plumbline.ui.words import day, plain

# Where a cell of the heat map leads.
PAGE_OF = {
    Check.DATA: "drift",
    Check.DRIFT: "drift",
    Check.PERFORMANCE: "performance",
    Check.CALIBRATION: "performance",
    Check.FAIRNESS: "fairness",
    Check.EXPLANATION: "explanations",
}


def tiles(some: Sequence[Tile]) -> None:
    """The board's figures: value, verdict, limit, and what stands behind it."""
    with st.grid(4, min_column_width=230):
        for tile in some:
            with st.container(border=True, gap="xxsmall", height="stretch", key=f"tile-{tile.key}"):
                st.metric(plain(tile.title), "no figure" if tile.level is Level.GREY else tile.value)
                if tile.level:
                    st.markdown(components.badge(tile.level))
                st.caption(f"{plain(tile.note)}  \nLimit: {plain(tile.limit)}")


def decisions(inbox: Inbox) -> None:
    """One line and one action a case; those that wait for the reader first."""
    waiting = (*inbox.mine, *inbox.others)
    if not waiting:
        st.markdown("No decision is asked for.")
        return
    with st.grid(3, min_column_width=300):
        for line in waiting[:6]:
            _decision(line)
    if len(waiting) > 6:
        navigation.link("approvals", f"All {len(waiting)} open cases")


def _decision(line: CaseLine) -> None:
    with st.container(border=True, height="stretch", key=f"asked-{line.case_id}"):
        st.markdown(
            f"**{plain(line.model)} {plain(line.version)}** (tier {line.tier}): {plain(line.asks)}  \n"
            f":gray[{plain(line.type)}, asked for on {day(line.opened_at)}]"
        )
        navigation.link("approvals", "Decide" if line.mine else "Read", case=line.case_id)


def heat_map(models: Sequence[Standing]) -> None:
    """Models by what they are checked for; a cell opens its page. Mark and word stand in every cell."""
    if not models:
        components.empty("No model is in use yet.", "An approved version is put in use by its deployer.")
        return
    frame = pd.DataFrame(
        [
            {"Model": one.about.name, "Tier": one.about.tier}
            | {check.capitalize(): marked(one.of(check).level, one.of(check).words) for check in Check}
            for one in models
        ]
    )
    picked: Any = st.dataframe(
        frame.style.apply(_coloured, axis=None),
        height="content" if len(frame) <= tables.PAGE else "auto",
        hide_index=True,
        key="heat-map",
        alt="Verdicts of each model in use by check; open a cell for its page",
        on_select="rerun",
        selection_mode="single-cell",
        column_config={
            "Model": st.column_config.TextColumn(pinned=True),
            "Tier": st.column_config.TextColumn(width=48),
        },
    )
    st.caption("Open a cell for its page.")
    for row, column in picked.selection.cells:
        _open(models[row], column)


def _coloured(frame: pd.DataFrame) -> pd.DataFrame:
    """The tint and colour of each verdict, found again by its mark."""
    colours = look(components.dark())
    by_mark = {
        MARKS[level]: f"color: {colours.status[level]}; background-color: {colours.tint[level]}" for level in Level
    }
    return frame.map(lambda cell: by_mark.get(str(cell)[:1], ""))


def _open(one: Standing, column: str) -> None:
    names = {check.capitalize(): check for check in Check}
    page = PAGE_OF.get(names[column], "model") if column in names else "model"
    navigation.go(page, model=one.about.model_id, version=one.version)
