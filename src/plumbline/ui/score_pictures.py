"""The pictures beneath a performance figure: estimates beside the truth, calibration, scores by outcome, decisions."""

from __future__ import annotations

import streamlit as st

from plumbline.charts import estimated
from plumbline.charts import performance as charts
from plumbline.services.views.performance import PerformanceView
from plumbline.ui import behind, components
from plumbline.ui.words import plain


def pictures(view: PerformanceView, *, dark: bool) -> None:
    """Those that the window has, two in a row."""
    grid = st.grid(2, min_column_width=420)
    if view.estimated:
        with grid.cell():
            figure = estimated.against_realised(view.estimated, dark=dark)
            components.figure(figure, data=behind.estimated(view.estimated), name="estimated")
            st.caption(plain(view.estimated.record))
    if view.calibration:
        with grid.cell():
            figure = charts.calibration(view.calibration, dark=dark)
            components.figure(figure, data=behind.calibration(view.calibration), name="calibration")
            st.caption(view.calibration.note)
    if view.distribution:
        with grid.cell():
            figure = charts.score_distribution(view.distribution, dark=dark)
            components.figure(figure, data=behind.scores(view.distribution), name="scores")
    if view.confusion:
        with grid.cell():
            figure = charts.confusion(view.confusion, dark=dark)
            components.figure(figure, data=behind.confusion(view.confusion), name="confusion")
    for sentence in view.absent:
        components.empty(sentence)
