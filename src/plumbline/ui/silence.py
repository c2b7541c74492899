"""Silent failures on a page: what happened, since when, what to do; and what was looked for where there is none."""

from __future__ import annotations

import streamlit as st

from plumbline.services.views.drift import DriftView
from plumbline.services.views.status import marked
from plumbline.ui import components, tables
from plumbline.ui.words import plain


def failures(view: DriftView, model: str) -> None:
    """The failures of the chosen window, or that none was found; then what the newest run told of its log."""
    _table(view, model)
    for note in view.notes:
        st.caption(plain(f"Of the newest run's log: {note}"))


def _table(view: DriftView, model: str) -> None:
    if not view.failures:
        if view.looked:
            st.caption(plain(view.looked))
        return
    components.section("Silent failures", "Settle these first: what they touch makes every figure below doubtful.")
    rows = [
        {
            "Status": marked(one.level),
            "Failure": one.kind,
            "Where": one.column,
            "What happened": one.says,
            "Since": one.since,
            "What to do": one.next_step,
        }
        for one in view.failures
    ]
    tables.wrapped(rows, name="silent-failures", alt=f"Silent failures of {model}")
