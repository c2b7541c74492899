"""Inventory: every model that is registered, what needs attention first."""

import streamlit as st

from plumbline.ui import components, handing_over, readings, register

view = readings.inventory()
components.page_head("Inventory", view.sentence)
if not view.lines:
    components.empty("Registered models will stand here.", "Register one with `plumbline register FILE.toml`.")
    st.stop()

lines = register.filtered(view.lines)
st.caption(f"{len(lines)} of {len(view.lines)} models. Open a row for its model.")
if lines:
    register.table(lines)
else:
    components.empty("No model matches these filters.", "Clear one of them.")
handing_over.whole_inventory()
