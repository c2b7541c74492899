"""Since you were last here: what others did meanwhile, in one line and a list."""

from __future__ import annotations

import streamlit as st

from plumbline.ui import readings, session
from plumbline.ui.words import moment, plain

SHOWN = 12


def show() -> None:
    """Under the head of the page where a person lands."""
    found = session.visit()
    if found is None:
        return
    if found.last_visit is None:
        st.caption("This is your first visit.")
        return
    when = moment(found.last_visit, found.actor.zone)
    happened = readings.since(found.last_visit)
    if not happened:
        st.caption(f"Since you were last here ({when}) nobody else has changed anything.")
        return
    entries = "1 entry" if len(happened) == 1 else f"{len(happened)} entries"
    with st.expander(f"Since you were last here ({when}): {entries} by others"):
        for line in happened[:SHOWN]:
            st.markdown(f"- {plain(line)}")
        if len(happened) > SHOWN:
            st.caption(f"and {len(happened) - SHOWN} more, on the audit page")
