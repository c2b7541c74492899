"""Explanations: what the model weighs on the whole, and why one row scored as it did."""

import streamlit as st

from plumbline.charts import explanations as charts
from plumbline.ui import analytics, behind, components

if page := analytics.about("Explanations"):
    view, dark = analytics.explanations(page.model.model_id, page.version), components.dark()
    page.head(view.headline)
    if view.provenance is None or view.waterfall is None:
        components.empty("Importance and the reasons of single rows would be here.", view.remedy)
        st.stop()
    pictures = st.grid(2, min_column_width=420)
    with pictures.cell():
        figure = charts.importance(view.importances, view.provenance, dark=dark)
        components.figure(figure, data=behind.importances(view.importances), name="importance")
    with pictures.cell():
        figure = charts.beeswarm(view.swarms, view.provenance, dark=dark)
        components.figure(figure, data=behind.swarms(view.swarms), name="beeswarm")
    components.section("One row")
    label = f"Row and its prediction ({view.provenance.unit}), highest first"
    analytics.select(label, view.rows, key="row", current=view.row, width=420)
    figure = charts.waterfall(view.waterfall, view.provenance, dark=dark)
    components.figure(figure, data=behind.steps(view.waterfall), name="waterfall")
