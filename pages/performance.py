"""Performance: does the model still rank, predict and decide as well as on its reference?"""

import streamlit as st

from plumbline.charts import estimated
from plumbline.charts import performance as charts
from plumbline.ui import analytics, behind, components, decomposition, tables

if page := analytics.about("Performance"):
    view, dark = analytics.performance(page.model.model_id, page.version), components.dark()
    page.head(view.headline)
    if view.trend is None:
        components.empty("Figures by month would be here.", f"Run plumbline monitor for {page.model.name}.")
        st.stop()
    with analytics.controls():
        analytics.select("Window", view.windows, key="window", current=view.window, width=200)
        analytics.pills("Measure", view.metrics, key="metric", current=view.trend.metric.key)
    grid = st.grid(4, min_column_width=239)
    with grid.cell(column_span=3):
        figure = charts.metric_by_window(view.trend, window=view.window, dark=dark)
        components.figure(figure, data=behind.trend(view.trend), name="performance")
    with grid.cell():
        analytics.status(view.status)
    st.caption(view.change)
    decomposition.section(page.model.model_id, page.version, view.window, view.trend.metric.key)
    if view.bands:
        components.section("Event rate at equal score", "Now, and as the reference would have it at these scores.")
        tables.wrapped(view.bands, name="bands", alt=f"Event rates of {page.model.name} by band of score")
    pictures = st.grid(2, min_column_width=420)
    if view.estimated:
        with pictures.cell():
            figure = estimated.against_realised(view.estimated, dark=dark)
            components.figure(figure, data=behind.estimated(view.estimated), name="estimated")
            st.caption(view.estimated.record)
    if view.calibration:
        with pictures.cell():
            components.figure(
                charts.calibration(view.calibration, dark=dark),
                data=behind.calibration(view.calibration),
                name="calibration",
            )
            st.caption(view.calibration.note)
    if view.distribution:
        with pictures.cell():
            components.figure(
                charts.score_distribution(view.distribution, dark=dark),
                data=behind.scores(view.distribution),
                name="scores",
            )
    if view.confusion:
        with pictures.cell():
            components.figure(
                charts.confusion(view.confusion, dark=dark), data=behind.confusion(view.confusion), name="confusion"
            )
    for sentence in view.absent:
        components.empty(sentence)
    components.section(
        "All figures of the window", "The house's own figures stand among them; what needs attention first."
    )
    tables.wrapped(view.overview, name="all-figures", alt=f"All performance figures of {page.model.name}")
