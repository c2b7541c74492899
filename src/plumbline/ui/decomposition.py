"""Why did it change: the split of a figure's change on the performance page, redrawn by itself."""

from __future__ import annotations

import streamlit as st

from plumbline.charts import decomposition as charts
from plumbline.services.decomposition import decomposition_view
from plumbline.services.views.decomposition import DecompositionView, Split
from plumbline.ui import analytics, behind, cached, components
from plumbline.ui.words import plain

_ABOUT = (
    "Mix is who is in the population, at the two windows' average figure of each segment; within segments is how each "
    "behaves, at its average share. They add up to the change exactly (Kitagawa 1955)."
)


@st.fragment
def section(model: str, version: str, window: str, metric: str) -> None:
    """Its controls redraw it alone."""
    # Whoever turns to another model or measure above is shown that one here too, until they choose here.
    components.starts_anew("figure", subject=f"{model} {metric}")
    view = _view(model, version, window, metric)
    components.section("Why did it change")
    if view.figures:
        with analytics.controls():
            analytics.select("Figure", view.figures, key="figure", current=view.figure, width=240)
            analytics.select("By segment", view.dimensions, key="by", current=view.by, width=200)
            analytics.select("Against", view.baselines, key="against", current=view.against, width=240)
    for sentence in view.said:
        components.empty(sentence)
    if view.split:
        _picture(view.split)


def _view(model: str, version: str, window: str, metric: str) -> DecompositionView:
    def chosen(view: DecompositionView) -> dict[str, str]:
        return {"figure": view.figure, "by": view.by, "against": view.against}

    choices = {key: analytics.asked(key) for key in ("figure", "by", "against")}
    return cached.settled(decomposition_view, chosen, model, model, version, window=window, metric=metric, **choices)


def _picture(split: Split) -> None:
    figure = charts.waterfall(split, dark=components.dark())
    components.figure(figure, data=behind.parts(split), name="decomposition")
    if split.note:
        st.markdown(plain(split.note))
    st.caption(plain(_ABOUT + _pooled(split)))


def _pooled(split: Split) -> str:
    if not split.pooled:
        return ""
    named = ", ".join(split.pooled[:6]) + ("" if len(split.pooled) <= 6 else f" and {len(split.pooled) - 6} more")
    return f" Small segments stand together, under the policy's minimum of rows in a window: {named}."
