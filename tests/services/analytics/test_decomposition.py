"""The split of a change on a log whose truths are known: it adds up to the figures of record."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plumbline.domain.log_spec import LogSpec, Task, parse_log
from plumbline.domain.results import REFERENCE
from plumbline.domain.toml_table import Table
from plumbline.services import decomposition, stored
from plumbline.services.context import Context
from plumbline.services.decomposition import decomposition_view, pooled_sides
from plumbline.services.views.decomposition import Effect, Split
from plumbline.store.measurements import Selection


def split(measured: Context, figure: str, window: str = "2026-09", against: str = "") -> Split:
    view = decomposition_view(measured, "lender", "1", window=window, figure=figure, against=against)
    assert view.split is not None, view.said
    return view.split


def recorded(measured: Context, figure: str) -> dict[str, float]:
    subject = stored.subject(measured, "lender", "1")
    found = stored.results(measured, subject, Selection(metrics=(figure,), segment_by=(None,), columns=(None,)))
    return {
        one.result.window.label: one.result.measurement.estimate
        for one in found
        if one.result.measurement.estimate is not None
    }


@pytest.mark.parametrize(
    "figure",
    [
        *("base_rate", "brier_score", "log_loss", "mean_score", "selection_rate", "accuracy", "recall", "precision"),
        *("specificity", "complaint_rate"),
    ],
)
def test_every_split_starts_and_ends_at_the_figure_of_record(measured: Context, figure: str) -> None:
    found, kept = split(measured, figure), recorded(measured, figure)
    assert found.before == pytest.approx(kept[REFERENCE], rel=1e-9)
    assert found.after == pytest.approx(kept["2026-09"], rel=1e-9)
    assert found.change.value == pytest.approx(found.after - found.before)
    assert found.mix.value + found.within.value == pytest.approx(found.change.value)
    assert sum(one.both.value for one in found.segments) == pytest.approx(found.change.value)
    assert {one.segment for one in found.segments} == {"north", "south"}


def test_a_ratio_is_split_by_its_difference_and_says_so(measured: Context) -> None:
    view = decomposition_view(measured, "lender", "1", window="2026-09", metric="observed_expected")
    assert view.split is not None
    assert view.split.metric.title == "Observed less expected"
    assert view.said[0].startswith("Observed / expected is a ratio of two sums")


def test_a_ranking_is_not_split_and_says_so(measured: Context) -> None:
    view = decomposition_view(measured, "lender", "1", window="2026-09", metric="roc_auc")
    assert view.figure == "base_rate"
    assert "it is not a mean over rows" in view.said[0]
    assert "roc_auc" not in {choice.key for choice in view.figures}


def test_scores_pushed_up_for_some_are_a_change_within_segments(measured: Context) -> None:
    """A fifth of September's scores were set to .9, in both regions alike; the regions kept their shares."""
    found = split(measured, "mean_score")
    assert found.within.real
    assert not found.mix.real
    assert found.finding.startswith("Mean score rose ")
    assert "within chance) from mix" in found.finding
    assert "in all 2 segments, most in 'south'" in found.finding


def test_the_window_before_may_stand_for_the_reference(measured: Context) -> None:
    found = split(measured, "mean_score", against="previous")
    assert found.baseline == "2026-08"
    assert found.before == pytest.approx(recorded(measured, "mean_score")["2026-08"], rel=1e-9)
    first = decomposition_view(measured, "lender", "1", window="2026-08", against="previous")
    assert first.against == REFERENCE, "before the first window there is none"


def test_without_outcomes_what_needs_them_is_not_split(measured: Context) -> None:
    view = decomposition_view(measured, "lender", "1", window="2026-10", figure="base_rate")
    assert view.split is None
    assert view.said == (
        "Event rate is not split: October 2026 has 0 rows with a known outcome, and the policy asks for 100.",
    )
    assert split(measured, "mean_score", window="2026-10").n_after == 3000


def test_an_unknown_choice_falls_back(measured: Context) -> None:
    asked = decomposition_view(measured, "lender", "1", window="2026-09", figure="nonsense", by="age", against="1999")
    assert asked == decomposition_view(measured, "lender", "1", window="2026-09")
    assert decomposition_view(measured, "lender", "1", window="1999-01").said == (stored.NOTHING_MEASURED,)


def test_small_segments_stand_together_and_move_nothing() -> None:
    before = {"a": (500.0, 50.0, 50.0), "b": (40.0, 4.0, 4.0), "gone": (300.0, 60.0, 60.0)}
    after = {"a": (500.0, 70.0, 70.0), "b": (60.0, 9.0, 9.0), "c": (10.0, 5.0, 5.0)}
    names, one, two, pooled = pooled_sides(before, after, 100)
    assert names == ["a", "gone", decomposition.SMALL]
    assert pooled == ("b", "c")
    assert one.n.tolist() == [500, 300, 40]
    assert two.n.tolist() == [500, 0, 70], "a segment that left altogether has no thin figure to hide"
    assert two.of_all == pytest.approx(84 / 570)


def _spec(**changes: object) -> LogSpec:
    raw = {"timestamp": "time", "score": "score", "label": "label", "segments": ["region"]} | changes
    return parse_log(Table(raw, file="m.toml", path="[log]"), Task.BINARY, ())


def test_what_cannot_be_split_says_what_it_would_take() -> None:
    assert "segments = " in decomposition.not_split(_spec(segments=[]), measured=True)
    assert "by weight" in decomposition.not_split(_spec(weight="exposure"), measured=True)
    assert decomposition.not_split(_spec(), measured=True) == ""


def test_a_change_that_cancels_out_is_not_called_none(measured: Context) -> None:
    found = split(measured, "mean_score")
    mix, within = Effect(0.021, 0.015, 0.027), Effect(-0.02, -0.03, -0.01)
    said = decomposition.finding(replace(found, change=Effect(0.001, -0.01, 0.012), mix=mix, within=within))
    assert said == "Mean score has hardly moved (+0.0010): +0.0210 from mix, −0.0200 within segments"


def test_what_grew_and_changed_at_once_is_said_where_it_is_much(measured: Context) -> None:
    quiet = split(measured, "mean_score")
    assert quiet.note == "", "the regions kept their shares"
    moved = replace(quiet, change=Effect(-0.05, -0.06, -0.04), interaction=Effect(-0.02, -0.03, -0.01))
    assert decomposition.interaction(moved).startswith("−0.020 (−0.030 to −0.010) come from segments")
    assert decomposition.interaction(replace(moved, interaction=Effect(-0.02, -0.05, 0.01))) == "", "within chance"
