"""Drift: has the population moved since the reference, and did anything fail in silence?"""

import streamlit as st

from plumbline.charts import drift as charts
from plumbline.ui import analytics, behind, components, passport, silence, tables, words

if page := analytics.about("Drift"):
    view, dark = analytics.drift(page.model.model_id, page.version), components.dark()
    page.head(view.headline)
    if view.trend is None:
        components.empty("Drift by column would be here.", f"Run plumbline monitor for {page.model.name}.")
        st.stop()
    with analytics.controls():
        analytics.select("Window", view.windows, key="window", current=view.window)
        analytics.select("Column", view.columns, key="column", current=view.column)
        analytics.pills("Measure", view.metrics, key="metric", current=view.trend.metric.key)
    silence.failures(view, page.model.name)
    grid = st.grid(4, min_column_width=239)
    with grid.cell(column_span=3):
        figure = charts.column_by_window(view.trend, window=view.window, dark=dark)
        components.figure(figure, data=behind.trend(view.trend), name="drift", opens=passport.ask)
    with grid.cell():
        analytics.status(view.status)
    pictures = st.grid(2, min_column_width=420)
    if view.distribution:
        with pictures.cell():
            components.figure(
                charts.distributions(view.distribution, dark=dark),
                data=behind.bins(view.distribution),
                name="distributions",
            )
    with pictures.cell():
        if view.explained:
            figure = charts.importance_against_drift(view.ranked, window=view.window, dark=dark)
            components.figure(figure, data=behind.ranked(view), name="importance-drift")
        else:
            components.section("Importance against drift")
            components.empty("No explanation is stored, so importance is not known.", "Run plumbline explain.")
    components.section("Columns", view.order)
    st.caption(words.with_commands(view.self_test))
    tables.wrapped(behind.ranked(view), name="columns", alt=f"Columns of {page.model.name}, by what needs attention")
