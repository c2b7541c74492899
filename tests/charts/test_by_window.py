"""The by-window chart: every state of a window has a shape of its own."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from plumbline.charts import performance
from plumbline.charts.horizontals import spread, value_range
from plumbline.domain.results import Level
from plumbline.services.views.by_window import Limit, Maturity, Trend


def _named(trend: Trend, **options: Any) -> dict[str, Any]:
    figure = performance.metric_by_window(trend, **options).to_plotly_json()
    return {trace["name"]: trace for trace in figure["data"] if trace.get("name")}


def test_each_verdict_has_its_own_mark_and_provisional_points_are_hollow(trend: Trend) -> None:
    traces = _named(trend)
    assert {name: len(trace["x"]) for name, trace in traces.items()} == {
        "○ not measured": 2,
        "95 % interval": 20,  # ten judged windows with an interval, there and back
        "● within": 4,
        "◆ watch": 2,
        "▲ amber": 2,
        "■ breach": 2,
        "provisional": 1,
        "rows": 12,
    }
    symbols = [traces[name]["marker"]["symbol"] for name in ("● within", "◆ watch", "▲ amber", "■ breach")]
    assert symbols == ["circle", "diamond", "triangle-up", "square"]
    hollow = traces["provisional"]["marker"]
    assert hollow["color"] != hollow["line"]["color"]


def test_what_is_provisional_stands_apart_with_an_interval_of_its_own(trend: Trend) -> None:
    figure = performance.metric_by_window(trend).to_plotly_json()
    line = next(trace for trace in figure["data"] if trace.get("mode") == "lines" and "fill" not in trace)
    joined = dict(zip(line["x"], line["y"], strict=True))
    assert joined["2026-08"] == 0.662
    assert joined["2026-09"] is None
    own = _named(trend)["provisional"]["error_y"]
    assert own["array"] == pytest.approx([0.015])
    assert own["arrayminus"] == pytest.approx([0.015])


def test_what_cannot_be_judged_is_told_from_labels_to_come(trend: Trend) -> None:
    thin = [replace(one, maturity=Maturity.THIN) if one.window == "2026-09" else one for one in trend.points]
    traces = _named(replace(trend, points=tuple(thin)))
    assert list(traces["not judged"]["x"]) == ["2026-09"]
    assert "provisional" not in traces


def test_rows_without_an_outcome_stand_in_outline_on_those_that_have_one(trend: Trend) -> None:
    assert "outcome to come" not in _named(trend)
    late = [replace(one, unlabelled=5900, label_share=0.2625) if one.n == 2100 else one for one in trend.points]
    waiting = _named(replace(trend, points=tuple(late)))["outcome to come"]
    assert (list(waiting["base"]), list(waiting["y"])) == ([2100], [5900])
    assert "26.2 % of the labels in" in waiting["hovertext"][0]


def test_a_mark_names_its_result_for_whoever_clicks_it(trend: Trend) -> None:
    named = [replace(one, result_id=f"run:{one.window}") for one in trend.points]
    traces = _named(replace(trend, points=tuple(named)))
    assert list(traces["○ not measured"]["customdata"]) == ["run:2026-09", "run:2026-10"]
    assert list(traces["■ breach"]["customdata"]) == ["run:2026-07", "run:2026-08"]


def test_a_grey_window_is_hatched_with_its_reason_and_never_joins_the_line(trend: Trend) -> None:
    hatched = _named(trend)["○ not measured"]
    assert list(hatched["x"]) == ["2026-09", "2026-10"]
    assert hatched["marker"]["pattern"]["shape"] == "/"
    assert "Said in words" in hatched["hovertext"][1]


def test_bounds_over_all_rows_are_whiskers_within_the_axis(trend: Trend) -> None:
    assert "over all rows, worst to best" not in _named(trend)
    held = tuple(replace(p, population="the 60 % of rows", lowest=0.4, highest=0.9) for p in trend.points)
    whiskers = _named(replace(trend, points=held))["over all rows, worst to best"]
    assert list(whiskers["y"][:3]) == [0.4, 0.9, None]
    assert len(whiskers["x"]) == 3 * len(held)
    figure = performance.metric_by_window(replace(trend, points=held))
    assert "AUC, rows with an outcome" in figure.layout.title.text.replace("<br>", " ")
    low, high = value_range(replace(trend, points=held))
    assert low < 0.4 < 0.9 < high
    assert "Over all rows: 0.400 to 0.900" in _named(replace(trend, points=held))["○ not measured"]["hovertext"][1]


def test_the_title_says_what_happened_and_the_words_carry_window_and_n(trend: Trend) -> None:
    figure = performance.metric_by_window(trend)
    words = figure.layout.title.text.replace("<br>", " ")
    assert "AUC left its limits in May 2026 and has not come back" in words
    assert "November 2025 to October 2026" in words
    assert "12 windows" in figure.layout.meta["alt"]


def test_limits_are_dashed_and_named_by_their_clause(trend: Trend) -> None:
    layout = performance.metric_by_window(trend).to_plotly_json()["layout"]
    dashed = [shape for shape in layout["shapes"] if shape["line"].get("dash") in ("dash", "dot")]
    assert [shape["y0"] for shape in dashed] == [0.706, 0.681]
    assert sum("credit_pd.auc_drop" in label["text"] for label in layout["annotations"]) == 2


def test_figure_and_rows_stand_above_each_other_on_one_time_axis_not_on_two_scales(trend: Trend) -> None:
    layout = performance.metric_by_window(trend).to_plotly_json()["layout"]
    assert layout["yaxis2"]["domain"][1] < layout["yaxis"]["domain"][0]
    assert layout["yaxis3"]["visible"] is False


def test_a_far_limit_does_not_flatten_the_figure(trend: Trend) -> None:
    low, high = value_range(replace(trend, limits=(Limit(-9.0, Level.RED, "far"),)))
    assert 0.6 < low < high < 0.8


def test_text_from_outside_is_never_markup(trend: Trend) -> None:
    figure = performance.metric_by_window(replace(trend, subject="<script>alert(1)</script>"))
    assert "<script>" not in figure.layout.title.text


@pytest.mark.parametrize("dark", [False, True])
def test_words_are_drawn_in_the_themes_own_ink(trend: Trend, dark: bool) -> None:
    figure = performance.metric_by_window(trend, dark=dark)
    assert figure.layout.font.color == ("#E6EBF1" if dark else "#1B2430")


def test_an_empty_trend_says_so(trend: Trend) -> None:
    figure = performance.metric_by_window(replace(trend, points=()))
    assert "has not been measured" in figure.layout.title.text


def test_labels_are_pushed_apart_in_order() -> None:
    places = spread([0.5, 0.51, 0.99, 1.0], 0.1)
    assert all(later - earlier >= 0.1 - 1e-9 for earlier, later in pairwise(places))
    assert max(places) <= 1.0
