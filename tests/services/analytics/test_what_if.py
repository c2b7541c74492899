"""Scenarios and cut-offs on a log whose truths are known: what is as it is gives the figures of record."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from plumbline.domain.log_spec import Task, parse_log
from plumbline.domain.results import REFERENCE
from plumbline.domain.toml_table import Table
from plumbline.profiling.count import count
from plumbline.profiling.profile import ALL
from plumbline.services import stored
from plumbline.services.by_window import metric_words
from plumbline.services.context import Context
from plumbline.services.cut_off import NO_OUTCOME, SELECTED, at_cut_off, cumulative, cut_offs
from plumbline.services.measure_operating import worth
from plumbline.services.measure_performance import side_by_side
from plumbline.services.scenario import scenario, set_share
from plumbline.services.scenario_ground import Ground, ground, ground_of
from plumbline.services.views.cut_off import CutOffs
from plumbline.services.views.scenario import Expected
from plumbline.store.measurements import Selection


def recorded(measured: Context, window: str) -> dict[str, float]:
    subject = stored.subject(measured, "lender", "1")
    found = stored.results(measured, subject, Selection(windows=(window,), segment_by=(None,), columns=(None,)))
    kept = {one.result.measurement.metric: one.result.measurement.estimate for one in found}
    return {key: value for key, value in kept.items() if value is not None}


def on_ground(measured: Context, window: str = "2026-09") -> Ground:
    found = ground(measured, "lender", "1", window=window)
    assert isinstance(found, Ground), found
    return found


def by_key(expected: tuple[Expected, ...]) -> dict[str, Expected]:
    return {one.metric.key: one for one in expected}


def test_the_mix_of_today_gives_the_figures_of_record(measured: Context) -> None:
    kept = recorded(measured, "2026-09")
    found = by_key(scenario(on_ground(measured), preset="share").expected)
    assert {"base_rate", "selection_rate", "mean_score", "accuracy", "recall", "roc_auc"} <= set(found)
    for key in found.keys() - {"observed_expected"}:
        assert found[key].then == pytest.approx(kept[key], rel=1e-9), key
        assert found[key].change == pytest.approx(0.0, abs=1e-12)


def test_a_share_of_one_gives_that_segments_own_figures(measured: Context) -> None:
    on = on_ground(measured)
    found = by_key(scenario(on, preset="share", segment="north", share=1.0).expected)
    subject = stored.subject(measured, "lender", "1")
    of_north = Selection(windows=("2026-09",), segment_by=("region",), segments=("north",), columns=(None,))
    kept = {
        one.result.measurement.metric: one.result.measurement for one in stored.results(measured, subject, of_north)
    }
    for key in ("base_rate", "brier_score", "mean_score", "roc_auc"):
        assert found[key].then == pytest.approx(kept[key].estimate, rel=1e-9)
        assert found[key].n == 3000, "n is the rows behind the scenario, not the rows it imagines"
    assert found["roc_auc"].low == pytest.approx(kept["roc_auc"].low, abs=2e-3)


def test_a_downturn_doubles_the_third_that_fares_worst(measured: Context) -> None:
    on = on_ground(measured)
    view = scenario(on, preset="downturn")
    worst = view.mix[0]
    assert worst.rate == max(row.rate for row in view.mix if row.rate is not None)
    assert worst.then / (1 - worst.then) == pytest.approx(2 * worst.now / (1 - worst.now))
    assert sum(row.then for row in view.mix) == pytest.approx(1.0)
    assert by_key(view.expected)["base_rate"].change > 0
    assert "stay as they were in September 2026" in view.said[0], "the assumption stands on the screen"
    assert all(f"{one.method} (" in view.said[-1] and one.metric.title in view.said[-1] for one in view.expected)


def test_the_reference_mix_returns(measured: Context) -> None:
    on = on_ground(measured)
    assert on.reference is not None
    view = scenario(on, preset=REFERENCE)
    assert [row.then for row in view.mix] == pytest.approx(on.reference.tolist())
    assert sorted(row.then for row in view.mix) == pytest.approx([1 / 3, 2 / 3])


def by_region(folder: Path, before: list[str], now: list[str | None]) -> Ground:
    """A ground of 100 rows by region named, then and now."""
    rows = pd.DataFrame({"region": np.repeat([*before, *now], 100)})
    rows["month"], rows["score"] = "a", np.random.default_rng(6).uniform(size=len(rows))
    rows["split"] = np.where(np.arange(len(rows)) < 100 * len(before), "reference", "live")
    rows.to_parquet(folder / "log.parquet")
    given = {
        "score": "score", "window": {"column": "month"}, "segments": ["region"], "numeric": [], "categorical": [],
        "reference": {"column": "split", "equals": "reference"},
    }  # fmt: skip
    spec = parse_log(Table(given, file="m.toml", path="[log]"), Task.BINARY, ())
    counted = count(spec, model_id="m", version_id="1", log=[folder / "log.parquet"])
    found = ground_of(spec, counted.windows[0], counted.reference, "region", 30)
    assert isinstance(found, Ground), found
    return found


def test_what_the_reference_had_and_the_window_lacks_is_said(tmp_path: Path) -> None:
    on = by_region(tmp_path, ["east", "east", "north", "south"], ["north", "south", "south"])
    view = scenario(on, preset=REFERENCE)
    assert sorted(row.then for row in view.mix) == pytest.approx([0.5, 0.5])
    assert "50.0 % of the reference's rows are of segments that this window has no rows of: east." in view.said
    assert not any("east" in each for each in scenario(on, preset="downturn").said)


def test_a_reference_without_any_of_the_segments_has_no_mix_to_return(tmp_path: Path) -> None:
    on = by_region(tmp_path, ["east", "west"], ["unheard of", None])
    assert on.reference is None
    assert REFERENCE not in {choice.key for choice in on.controls.presets}


def test_without_outcomes_only_what_needs_none_is_expected(measured: Context) -> None:
    view = scenario(on_ground(measured, "2026-10"), preset="downturn")
    assert {one.metric.key for one in view.expected} == {"mean_score", "selection_rate", "complaint_rate"}
    assert view.said[1].startswith("Left out for want of rows")


def test_no_ground_without_a_window(measured: Context) -> None:
    assert ground(measured, "lender", "1", window="1999-01") == stored.NOTHING_MEASURED


@pytest.mark.parametrize("share", [0.0, 0.35, 1.0])
def test_the_others_keep_their_proportions(share: float) -> None:
    then = set_share(np.array([0.1, 0.3, 0.6]), 1, share)
    assert then.sum() == pytest.approx(1.0)
    assert then[1] == pytest.approx(share)
    assert then[2] == pytest.approx(6 * then[0])


def cuts(measured: Context, window: str = "2026-09") -> CutOffs:
    found = cut_offs(measured, "lender", "1", window=window)
    assert isinstance(found, CutOffs), found
    return found


def test_at_the_cut_off_in_use_the_figures_are_those_of_record(measured: Context) -> None:
    on, kept = cuts(measured), recorded(measured, "2026-09")
    view = at_cut_off(on)
    assert view.cut_off == 0.5
    for one in view.rates:
        if one.metric.key in kept:
            assert one.value == pytest.approx(kept[one.metric.key], rel=1e-12), one.metric.key
            assert one.in_use == one.value
    assert {"flagged", "selection_rate", "recall", "precision"} <= {one.metric.key for one in view.rates}


def test_counts_at_every_place_are_those_of_the_rows(measured: Context, lender_log: pd.DataFrame) -> None:
    september = lender_log[(lender_log["time"] >= "2026-09-01") & (lender_log["time"] < "2026-10-01")]
    on = cuts(measured)
    assert len(on.options) > 100
    for at, option in enumerate(on.options):
        flagged = september["score"] >= option
        assert on.events[at] == int((flagged & (september["label"] == 1)).sum())
        assert on.others[at] == int((flagged & (september["label"] == 0)).sum())


def test_a_higher_cut_off_flags_no_more(measured: Context) -> None:
    on = cuts(measured)
    flagged = np.add(on.others, on.events)
    assert (np.diff(flagged) <= 0).all()
    assert (np.diff(on.options) > 0).all()


def test_what_is_asked_for_is_met_by_the_nearest_place(measured: Context) -> None:
    on = cuts(measured)
    assert at_cut_off(on, 9.0).cut_off == on.options[-1]
    assert at_cut_off(on, 0.3).cut_off == 0.3, "tenths are edges"


def test_without_outcomes_only_decisions_are_told(measured: Context) -> None:
    view = at_cut_off(cuts(measured, "2026-10"), 0.4)
    assert view.confusion is None
    assert NO_OUTCOME in view.said
    told = {one.metric.key for one in view.rates if one.value is not None}
    assert told == {"flagged", "selection_rate"}


def test_value_at_the_cut_off_in_use_is_the_figure_of_record(measured: Context) -> None:
    subject = stored.subject(measured, "lender", "1")
    spec, profile = stored.log_spec(measured, subject), stored.profile(measured, subject, "2026-09")
    assert spec is not None
    assert profile is not None
    spec = replace(spec, value={"tp": 0.0, "fp": -200.0, "fn": -9000.0, "tn": 400.0})
    kept = worth(side_by_side([profile.populations[ALL]]), spec)["business_value_total"]
    found = at_cut_off(cumulative(profile.populations[ALL], spec, "2026-09")).rates[-1]
    assert found.metric == metric_words("business_value_total")
    assert (found.value, found.low, found.high) == pytest.approx((kept.value[0], kept.low[0], kept.high[0]))


def test_a_cut_off_in_use_beyond_every_score_flags_nobody(tmp_path: Path) -> None:
    score = np.random.default_rng(4).uniform(0.0, 0.6, 2_000)
    log = pd.DataFrame({"score": score, "label": (score > 0.3).astype(int), "month": "a", "split": "live"})
    log.loc[:1_000, "split"] = "reference"
    log.to_parquet(tmp_path / "log.parquet")
    given = {
        "score": "score", "label": "label", "decision": {"threshold": 0.8}, "window": {"column": "month"},
        "reference": {"column": "split", "equals": "reference"}, "numeric": [], "categorical": [],
    }  # fmt: skip
    spec = parse_log(Table(given, file="m.toml", path="[log]"), Task.BINARY, ())
    counted = count(spec, model_id="m", version_id="1", log=[tmp_path / "log.parquet"])
    view = at_cut_off(cumulative(counted.windows[0].populations[ALL], spec, "a"))
    assert view.cut_off == 0.8
    assert next(one for one in view.rates if one.metric.key == "selection_rate").in_use == 0.0


def test_value_is_that_of_the_four_cells_with_limits(measured: Context) -> None:
    on = replace(cuts(measured), value=(0.0, -200.0, -9000.0, 400.0))
    view = at_cut_off(on, 0.4)
    found, table = view.rates[-1], view.confusion
    assert table is not None
    assert found.value == pytest.approx(-200 * table.fp - 9000 * table.fn + 400 * table.tn)
    assert found.low is not None
    assert found.value is not None
    assert found.high is not None
    assert found.low < found.value < found.high


def test_selective_outcomes_are_said(measured: Context) -> None:
    view = at_cut_off(replace(cuts(measured), seen_when=0))
    assert view.said == (SELECTED.format(decision=0),)
