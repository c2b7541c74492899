"""The share of one segment: set by hand, and at what it is when another segment is turned to."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def share() -> None:
    import numpy as np
    import streamlit as st

    from plumbline.services.scenario_ground import Ground
    from plumbline.services.views.by_window import Choice, MetricWords
    from plumbline.services.views.scenario import Controls
    from plumbline.ui import what_if

    names = ("north", "south")
    controls = Controls(dimensions=(), presets=(), segments=tuple(Choice(name, name) for name in names))
    on = Ground(
        window="2026-09",
        by="region",
        controls=controls,
        segments=names,
        rows=np.array([20.0, 80.0]),
        reference=None,
        rates=None,
        ranked_by=MetricWords(key="base_rate", title="Event rate"),
        figures=(),
        scores=None,
    )
    segment, part = what_if.share_of(on)
    st.text(f"{segment} {part}")


def test_another_segment_starts_at_the_share_that_it_has() -> None:
    at = AppTest.from_function(share, default_timeout=30).run()
    assert at.text[0].value == "north 0.2"
    at.select_slider(key="mix_share").set_value(0.6).run()
    assert at.text[0].value == "north 0.6"
    at.selectbox(key="mix_segment").select("south").run()
    assert at.text[0].value == "south 0.8"


def test_a_share_in_the_address_is_that_of_its_segment() -> None:
    at = AppTest.from_function(share, default_timeout=30)
    at.query_params["mix_segment"], at.query_params["mix_share"] = "south", "0.3"
    at.run()
    assert at.text[0].value == "south 0.3"
