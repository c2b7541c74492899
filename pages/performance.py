"""Performance: does the model still rank, predict and decide as well as on its reference?"""

import streamlit as st

from plumbline.charts import performance as charts
from plumbline.ui import analytics, behind, components, decomposition, passport, score_pictures, tables, what_if
from plumbline.ui.words import plain

if page := analytics.about("Performance"):
    view, dark = analytics.performance(page.model.model_id, page.version), components.dark()
    page.head(view.headline, view.described, view.divergence)
    if view.trend is None:
        components.empty("Figures by month would be here.", f"Run plumbline monitor for {page.model.name}.")
        st.stop()
    with analytics.controls():
        analytics.select("Window", view.windows, key="window", current=view.window, width=200)
        analytics.pills("Measure", view.metrics, key="metric", current=view.trend.metric.key)
    grid = st.grid(4, min_column_width=239)
    with grid.cell(column_span=3):
        figure = charts.metric_by_window(view.trend, window=view.window, dark=dark)
        components.figure(figure, data=behind.trend(view.trend), name="performance", opens=passport.ask)
    with grid.cell():
        analytics.status(view.status)
    st.caption(plain(view.change))
    decomposition.section(page.model.model_id, page.version, view.window, view.trend.metric.key)
    if view.bands:
        components.section("Event rate at equal score", "Now, and as the reference would have it at these scores.")
        tables.wrapped(view.bands, name="bands", alt=f"Event rates of {page.model.name} by band of score")
    if view.classes:
        components.section("Each class", "Against all others. Figures of all rows are their plain means.")
        tables.wrapped(view.classes, name="classes", alt=f"Figures of each class of {page.model.name}")
    score_pictures.pictures(view, dark=dark)
    what_if.section(page.model.model_id, page.version, view.window)
    components.section(
        "All figures of the window", "The house's own figures stand among them; what needs attention first."
    )
    passport.menu(view.figures, key="all")
    tables.wrapped(view.overview, name="all-figures", alt=f"All performance figures of {page.model.name}")
