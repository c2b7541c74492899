"""Segments: where does the model stand less true than on the whole?"""

import streamlit as st

from plumbline.charts import segments as charts
from plumbline.ui import analytics, behind, components, own, passport

if page := analytics.about("Segments"):
    view, dark = analytics.segments(page.model.model_id, page.version), components.dark()
    page.head(view.headline)
    if view.metric is None or view.cells is None or view.trend is None:
        components.empty(
            "Figures by segment would be here.", "Name segments in the model file, then run plumbline monitor."
        )
        st.stop()
    with analytics.controls():
        analytics.select("Window", view.windows, key="window", current=view.window)
        analytics.select("By", view.dimensions, key="by", current=view.dimension)
        analytics.select("Measure", view.metrics, key="metric", current=view.metric.key)
    figure = charts.by_segment(view.rows, view.metric, overall=view.overall, window=view.window, dark=dark)
    components.figure(figure, data=behind.segments(view), name="segments")
    if view.left_out:
        st.caption(view.left_out)
    figure = charts.through_time(view.cells, view.metric, dark=dark)
    components.figure(figure, data=behind.cells(view.cells, view.metric), name="segments-windows")
    components.section("One segment through time")
    analytics.select("Segment", view.segments, key="segment", current=view.segment, width=320)
    grid = st.grid(4, min_column_width=239)
    with grid.cell(column_span=3):
        figure = charts.one_segment(view.trend, window=view.window, dark=dark)
        components.figure(figure, data=behind.trend(view.trend), name="segment", opens=passport.ask)
    with grid.cell():
        analytics.status(view.status)
    own.columns(view, page.model.name)
