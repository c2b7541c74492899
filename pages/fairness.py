"""Fairness: do people of different groups get the favourable decision alike, and how sure are we?"""

import streamlit as st

from plumbline.charts import fairness as charts
from plumbline.ui import analytics, behind, components, passport, tables

if page := analytics.about("Fairness"):
    view, dark = analytics.fairness(page.model.model_id, page.version), components.dark()
    page.head(view.headline, view.label)
    if view.trend is None:
        components.empty("Rates by group would be here.", "Name groups in the model file, then run plumbline monitor.")
        st.stop()
    with analytics.controls():
        analytics.select("Window", view.windows, key="window", current=view.window)
        analytics.select("Groups by", view.attributes, key="by", current=view.attribute)
        analytics.select("Group", view.groups, key="group", current=view.group)
    pictures = st.grid(2, min_column_width=420)
    with pictures.cell():
        components.figure(charts.rates(view, dark=dark), data=behind.groups(view), name="rates")
    with pictures.cell():
        components.figure(charts.ratios(view, dark=dark), data=behind.groups(view), name="ratios")
    grid = st.grid(4, min_column_width=239)
    with grid.cell(column_span=3):
        figure = charts.ratio_by_window(view.trend, window=view.window, dark=dark)
        components.figure(figure, data=behind.trend(view.trend), name="ratio", opens=passport.ask)
    with grid.cell():
        analytics.status(view.status)
    passport.menu(view.figures, key="groups")
    if view.gaps:
        components.section(
            "Other gaps", "Each against the same reference group; an indicator, never a finding by itself."
        )
        tables.wrapped(behind.gaps(view), name="gaps", alt=f"Other disparity indicators of {page.model.name}")
