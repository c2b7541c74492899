"""Portfolio: is the estate within appetite, what changed, and what is asked for today?"""

import streamlit as st

from plumbline.ui import board, components, readings, since
from plumbline.ui.words import plain

view = readings.portfolio()
components.page_head("Portfolio", view.sentence, view.level if view.tiles else None)
since.show()

if not view.tiles:
    components.empty(
        "The board's figures will stand here.",
        "Register a model with `plumbline register FILE.toml`, or build the sample estate with `plumbline demo`.",
    )
    st.stop()

components.section("Since last quarter")
for change in view.changes:
    st.markdown(f"- {plain(change)}")
components.section("Decisions asked for today")
board.decisions(readings.inbox())

components.section("Against appetite")
board.tiles(view.tiles)
components.section("Models in use", "Every check of every model in use, what needs attention first.")
board.heat_map(view.models)
st.caption(plain(view.footer))
