"""Every analytics chart in both themes: words, marks, and the promises of the house."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import plotly.graph_objects as go
import pytest

from plumbline.charts import drift, explanations, performance, segments
from plumbline.charts import estimated as against
from plumbline.charts import fairness as charts
from plumbline.charts.theme import LIGHT
from plumbline.services.views.performance import Estimated

MOST_MARKS = 2000
PICTURES: dict[str, Callable[[Any, bool], go.Figure]] = {
    "calibration": lambda get, dark: performance.calibration(get("calibration"), dark=dark),
    "estimated": lambda get, dark: against.against_realised(get("estimated"), dark=dark),
    "distribution": lambda get, dark: performance.score_distribution(get("distribution"), dark=dark),
    "confusion": lambda get, dark: performance.confusion(get("confusion"), dark=dark),
    "overlay": lambda get, dark: drift.distributions(get("overlay"), dark=dark),
    "quadrant": lambda get, dark: drift.importance_against_drift(get("ranked"), window="2026-10", dark=dark),
    "psi": lambda get, dark: drift.column_by_window(get("psi_trend"), dark=dark),
    "forest": lambda get, dark: segments.by_segment(
        get("forest"), get("trend").metric, overall=None, window="2026-10", dark=dark
    ),
    "heat": lambda get, dark: segments.through_time(get("cells"), get("trend").metric, dark=dark),
    "rates": lambda get, dark: charts.rates(get("fairness"), dark=dark),
    "ratios": lambda get, dark: charts.ratios(get("fairness"), dark=dark),
    "importance": lambda get, dark: explanations.importance(get("bars"), get("provenance"), dark=dark),
    "beeswarm": lambda get, dark: explanations.beeswarm(get("swarms"), get("provenance"), dark=dark),
    "waterfall": lambda get, dark: explanations.waterfall(get("waterfall"), get("provenance"), dark=dark),
}


def _marks(figure: go.Figure) -> int:
    return sum(len(trace.z) * len(trace.x) if trace.type == "heatmap" else len(trace.x) for trace in figure.data)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", PICTURES)
def test_says_finding_window_and_n_and_keeps_to_its_marks(
    name: str, dark: bool, request: pytest.FixtureRequest
) -> None:
    figure = PICTURES[name](request.getfixturevalue, dark)
    words = figure.layout.title.text.replace("<br>", " ")
    assert words.startswith("<b>")
    assert " n " in words or "columns" in words
    assert len(figure.layout.meta["alt"]) > 20
    assert 0 < _marks(figure) <= MOST_MARKS
    assert figure.layout.paper_bgcolor == "rgba(0,0,0,0)"


@pytest.mark.parametrize("name", PICTURES)
def test_figures_hold_plain_lists_so_that_they_can_be_read(name: str, request: pytest.FixtureRequest) -> None:
    text = str(PICTURES[name](request.getfixturevalue, False).to_plotly_json())
    assert "bdata" not in text
    assert "array(" not in text


def test_calibration_carries_the_interval_of_every_band(calibration: Any) -> None:
    observed = performance.calibration(calibration).data[1]
    assert observed.y[3] + observed.error_y.array[3] == pytest.approx(calibration.bins[3].high)
    assert observed.y[3] - observed.error_y.arrayminus[3] == pytest.approx(calibration.bins[3].low)


def test_distributions_draw_the_reference_as_outline_and_the_current_filled(overlay: Any) -> None:
    current, reference = drift.distributions(overlay).data
    assert reference.marker.color == "rgba(0,0,0,0)"
    assert reference.marker.line.width == 2
    assert list(current.y) == list(overlay.current)
    assert list(current.x) == list(reference.x)


def test_a_small_group_is_a_count_and_never_a_rate(fairness: Any) -> None:

    figure = charts.rates(fairness)
    drawn = [x for trace in figure.data if trace.mode == "markers" for x in trace.x]
    assert 0.33 not in drawn
    assert "12 people: too few for a rate" in figure.layout.annotations[0].text


def test_fairness_names_the_reference_and_draws_the_band(fairness: Any) -> None:

    figure = charts.ratios(fairness)
    band = figure.layout.shapes[0]
    assert (band.x0, band.x1) == (0.8, 1.25)
    assert "violation" not in str(figure.to_plotly_json()).lower()
    assert "A = 1" in [annotation.text for annotation in figure.layout.annotations]


def test_groups_keep_their_hue_whatever_their_verdict(fairness: Any) -> None:

    colours = [c for trace in charts.rates(fairness).data if trace.mode == "markers" for c in trace.marker.color]
    assert set(colours) <= set(LIGHT.groups)


def test_the_waterfall_ends_at_the_prediction(waterfall: Any, provenance: Any) -> None:
    figure = explanations.waterfall(waterfall, provenance)
    steps = [x for x, measure in zip(figure.data[0].x, figure.data[0].measure, strict=True) if measure != "total"]
    assert sum(steps) == pytest.approx(waterfall.prediction)
    assert figure.layout.xaxis.title.text == "Log-odds of the outcome (not the probability)"
    assert figure.layout.xaxis.range[0] <= 0 <= figure.layout.xaxis.range[1]


def test_every_explanation_says_how_it_was_made(bars: Any, provenance: Any) -> None:
    words = explanations.importance(bars, provenance).layout.title.text.replace("<br>", " ")
    for part in ("n 1 000 · sampled of 24 000 rows", "interventional", "log-odds", "background of 2 000 rows"):
        assert part in words.replace("\u202f", " ")


def test_an_empty_cell_of_the_heat_map_is_not_a_verdict(cells: Any, trend: Any) -> None:

    holes = replace(cells, points=((None, *cells.points[0][1:]), *cells.points[1:]))
    heat = segments.through_time(holes, trend.metric).data[0]
    assert heat.z[0][0] is None
    assert heat.text[0][0] == ""


def test_segments_without_a_limit_are_not_said_to_be_within_one(forest: Any, trend: Any) -> None:
    free = tuple(replace(row, point=replace(row.point, rule="no-limit")) for row in forest)
    figure = segments.by_segment(free, trend.metric, overall=None, window="2026-10")
    assert "the policy sets no limit on it" in figure.layout.title.text.replace("<br>", " ")


def test_a_quantity_is_not_written_in_per_cent(calibration: Any) -> None:
    assert performance.calibration(calibration).layout.xaxis.tickformat == ".3~%"
    assert performance.calibration(replace(calibration, unit="")).layout.xaxis.tickformat == ".3~g"


def test_estimates_are_dotted_and_what_came_is_solid(estimated: Estimated) -> None:
    band, expected, came = against.against_realised(estimated).data
    assert expected.line.dash == "dot"
    assert came.line.dash is None
    assert len(expected.x) == 11, "a month without an estimate has no point"
    assert len(band.x) == 22
    assert list(came.x) == [point.window for point in estimated.realised]
