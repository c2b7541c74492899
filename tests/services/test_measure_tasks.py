"""Figures of each task from logs counted for real: regression, several classes, overrides, intersections."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import mean_poisson_deviance, r2_score, roc_curve

from plumbline.domain.log_spec import LogSpec, Task, parse_log
from plumbline.domain.models import Tier
from plumbline.domain.results import Level, Measurement
from plumbline.domain.toml_table import Table
from plumbline.policy.judge import judge_window
from plumbline.policy.load import load_policy
from plumbline.profiling.count import count
from plumbline.services.measure import measure_windows

POLICY = load_policy()


def spec(task: Task, metrics: tuple[dict[str, Any], ...] = (), **log: Any) -> LogSpec:
    given = {"timestamp": "at", "reference": {"column": "split", "equals": "reference"}, "window": "month"} | log
    tables = tuple(Table(each, file="model.toml", path="[[metrics]]") for each in metrics)
    return parse_log(Table(given, file="model.toml", path="[log]"), task, tables)


def measured(frame: pd.DataFrame, of: LogSpec, folder: Path) -> tuple[Measurement, ...]:
    """The figures of the one window after the reference."""
    half = len(frame) // 2
    when = np.where(np.arange(len(frame)) < half, "2026-01-10T00:00:00Z", "2026-02-10T00:00:00Z")
    split = np.where(np.arange(len(frame)) < half, "reference", "live")
    frame.assign(at=when, split=split).to_parquet(folder / "log.parquet")
    counted = count(of, model_id="m", version_id="1", log=[folder / "log.parquet"])
    return measure_windows(of, counted.reference, counted.windows, POLICY)[0]


def find(found: tuple[Measurement, ...], metric: str, segment: str | None = None) -> Measurement:
    matches = [m for m in found if (m.metric, m.segment, m.column) == (metric, segment, None)]
    assert len(matches) == 1, f"{metric} {segment}: {len(matches)}"
    return matches[0]


def test_a_percentage_of_almost_nothing_is_withheld_with_the_reason(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"score": rng.gamma(2, 50, 2000), "label": rng.uniform(0.001, 0.01, 2000)})
    figure = find(measured(frame, spec(Task.REGRESSION, score="score", label="label"), tmp_path), "mape")
    assert figure.estimate is None
    assert "near zero" in figure.why_not


def test_regression(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"score": rng.gamma(2, 50, 4000)})
    frame["label"] = frame["score"] * np.where(np.arange(4000) < 2000, 1.0, 1.3) + rng.normal(0, 20, 4000)
    found = measured(frame, spec(Task.REGRESSION, score="score", label="label"), tmp_path)
    late = frame.iloc[2000:]
    error = late["score"] - late["label"]
    for metric, expected in {
        "rmse": (error**2).mean() ** 0.5,
        "mae": error.abs().mean(),
        "mean_error": error.mean(),
        "r2": r2_score(late["label"], late["score"]),
        "actual_expected": late["label"].sum() / late["score"].sum(),
    }.items():
        figure = find(found, metric)
        assert figure.estimate == pytest.approx(expected, rel=1e-6), metric
        assert figure.low is not None
        assert figure.high is not None
        assert figure.low <= expected <= figure.high
    assert find(found, "actual_expected").p_adjusted == pytest.approx(0, abs=1e-6)


def claims() -> pd.DataFrame:
    """Claim counts at the predicted rate; in the later half the order of risks is half lost."""
    rng = np.random.default_rng(11)
    rate = rng.gamma(2, 0.1, 6000) + 0.01
    true = np.where(np.arange(6000) < 3000, rate, (rate + rng.permutation(rate)) / 2)
    return pd.DataFrame({"score": rate, "label": rng.poisson(true).astype(float)})


def test_counts_have_a_deviance_and_an_order(tmp_path: Path) -> None:
    frame = claims()
    found = measured(frame, spec(Task.REGRESSION, score="score", label="label"), tmp_path)
    late = frame.iloc[3000:]
    deviance, order = find(found, "poisson_deviance"), find(found, "gini_lorenz")
    assert deviance.estimate == pytest.approx(mean_poisson_deviance(late["label"], late["score"]), rel=1e-6)
    share = late.sort_values("score")["label"].cumsum() / late["label"].sum()
    exact = 1 - 2 * float((share - late.sort_values("score")["label"] / late["label"].sum() / 2).mean())
    assert order.error_bound is not None
    assert order.estimate == pytest.approx(exact, abs=order.error_bound)
    assert order.estimate == pytest.approx(exact, rel=0.05), "what deciles cost in fact"
    for figure in (deviance, order):
        assert figure.estimate is not None
        assert figure.low is not None
        assert figure.high is not None
        assert figure.low < figure.estimate < figure.high
    assert order.p_value is not None
    assert order.p_value < 0.001, "it fell"


def test_amounts_under_nothing_have_neither(tmp_path: Path) -> None:
    frame = claims()
    frame.loc[5999, "label"] = -1.0
    found = measured(frame, spec(Task.REGRESSION, score="score", label="label"), tmp_path)
    for metric in ("poisson_deviance", "gini_lorenz"):
        assert find(found, metric).estimate is None
        assert "outcomes of 0 or more" in find(found, metric).why_not
    frame["label"] = 0.0
    found = measured(frame, spec(Task.REGRESSION, score="score", label="label"), tmp_path)
    assert find(found, "poisson_deviance").estimate == pytest.approx(2 * frame["score"].iloc[3000:].mean(), rel=1e-6)
    assert "Every outcome is 0" in find(found, "gini_lorenz").why_not


def test_intersections_and_house_ratio(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {"score": rng.random(6000), "sex": rng.choice(["F", "M"], 6000), "race": rng.choice(["x", "y"], 6000)}
    )
    frame["label"] = (rng.random(6000) < frame["score"]).astype(int)
    frame["amount"], frame["lost"] = rng.gamma(2, 10, 6000), rng.gamma(2, 1, 6000)
    of = spec(
        Task.BINARY,
        ({"key": "loss_rate", "ratio": ["lost", "amount"], "direction": "lower"},),
        score="score",
        label="label",
        decision={"threshold": 0.5},
        groups=["sex", "race"],
        intersections=[["sex", "race"]],
        reference_group={"race": "y"},
    )
    found = measured(frame, of, tmp_path)
    late = frame.iloc[3000:]
    assert find(found, "loss_rate").estimate == pytest.approx(late["lost"].sum() / late["amount"].sum(), rel=1e-6)
    rates = (late["score"] >= 0.5).groupby(late["race"]).mean()
    assert find(found, "impact_ratio", "x").estimate == pytest.approx(rates["x"] / rates["y"])
    assert "against race = y" in find(found, "impact_ratio", "x").method
    assert find(found, "impact_ratio", "F*x").segment_by == "sex*race"


def test_rows_that_declare_no_group_are_counted(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    sex = rng.choice(["F", "M"], 4000).astype(object)
    sex[2000:2600] = None
    frame = pd.DataFrame({"score": rng.random(4000), "sex": sex, "x": rng.random(4000)})
    of = spec(Task.BINARY, score="score", decision={"threshold": 0.5}, groups=["sex"], numeric=["x"])
    found = measured(frame, of, tmp_path)
    undeclared = [m for m in found if (m.metric, m.column) == ("missing_rate", "sex")]
    assert [m.estimate for m in undeclared] == [pytest.approx(0.3)]
    assert find(found, "impact_ratio", "(missing)").n == 600, "an own category, never dropped"


def test_overrides(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"score": rng.random(2000), "changed": np.arange(2000) % 10 == 0})
    of = spec(Task.BINARY, score="score", decision={"threshold": 0.5}, override="changed")
    figure = find(measured(frame, of, tmp_path), "override_rate")
    assert figure.estimate == pytest.approx(0.1)
    assert figure.method == "Wilson"


@pytest.fixture(scope="module")
def unequal() -> pd.DataFrame:
    """Events of group F are missed more often, and come more often than predicted; half is the reference."""
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({"score": rng.beta(2, 3, 8000), "sex": rng.choice(["F", "M"], 8000)})
    chance = np.where((frame["sex"] == "F") & (np.arange(8000) >= 4000), frame["score"] * 0.6 + 0.3, frame["score"])
    return frame.assign(label=(rng.random(8000) < chance).astype(int))


def test_gaps_between_groups_are_fairlearns_and_name_whom_they_are_held_against(
    unequal: pd.DataFrame, tmp_path: Path
) -> None:
    of = spec(
        Task.BINARY, score="score", label="label", decision={"threshold": 0.5}, groups=["sex"],
        reference_group={"sex": "M"},
    )  # fmt: skip
    found = measured(unequal, of, tmp_path)
    late = unequal.iloc[4000:]
    hit, event, of_f = late["score"] >= 0.5, late["label"] == 1, late["sex"] == "F"

    def gap(rows: Any, among: Any) -> float:
        return float(rows[among & of_f].mean() - rows[among & ~of_f].mean())

    level = late["label"].groupby(late["sex"]).sum() / late["score"].groupby(late["sex"]).sum()
    for metric, expected in {
        "equal_opportunity_difference": gap(hit, event),
        "equalized_odds_difference": max(abs(gap(hit, event)), abs(gap(hit, ~event))),
        "predictive_parity_difference": gap(event, hit),
        "calibration_gap": level["F"] / level["M"],
    }.items():
        figure = find(found, metric, "F")
        assert figure.estimate == pytest.approx(expected, rel=1e-6), metric
        assert figure.low is not None
        assert figure.high is not None
        assert figure.low <= expected <= figure.high
        assert "against sex = M" in figure.method
        assert figure.label_share == 1.0
        itself = find(found, metric, "M")
        assert itself.estimate == itself.low == itself.high == (1.0 if metric == "calibration_gap" else 0.0)
    opportunity = find(found, "equal_opportunity_difference", "F")
    assert (opportunity.n, opportunity.n_reference) == ((event & of_f).sum(), (event & ~of_f).sum())
    assert find(found, "calibration_gap", "F").effect == pytest.approx(
        level["F"] / level["M"] / (find(found, "calibration_gap", "F").reference or 0)
    )


def test_gaps_that_cannot_be_made_say_why(unequal: pd.DataFrame, tmp_path: Path) -> None:
    points = unequal.assign(score=(unequal["score"] * 500 + 300).round(), label=np.where(unequal["sex"] == "F", 0, 1))
    of = spec(
        Task.BINARY, score="score", label="label", decision={"threshold": 500}, groups=["sex"],
        reference_group={"sex": "M"}, score_kind="points", score_range=[300, 850], higher_is="riskier",
    )  # fmt: skip
    found = measured(points, of, tmp_path)
    assert "needs a probability" in find(found, "calibration_gap", "F").why_not
    assert "row with the event in both groups" in find(found, "equal_opportunity_difference", "F").why_not
    assert "either outcome" in find(found, "equalized_odds_difference", "F").why_not
    assert find(found, "predictive_parity_difference", "F").estimate == pytest.approx(-1.0)


def test_value_and_net_benefit_are_sums_over_decisions_and_outcomes(unequal: pd.DataFrame, tmp_path: Path) -> None:
    value = {"tp": 0, "fp": -200, "fn": -9000, "tn": 400}
    of = spec(
        Task.BINARY, score="score", label="label", decision={"threshold": 0.4}, groups=["sex"], value=value
    )  # fmt: skip
    found = measured(unequal, of, tmp_path)
    late = unequal.iloc[4000:]
    hit, event = late["score"] >= 0.4, late["label"] == 1
    worth = np.select([hit & event, hit & ~event, ~hit & event], [0, -200, -9000], 400)
    by_row, in_all = find(found, "business_value"), find(found, "business_value_total")
    assert by_row.estimate == pytest.approx(worth.mean())
    assert in_all.estimate == pytest.approx(worth.sum())
    assert find(found, "business_value", "F").estimate == pytest.approx(worth[late["sex"] == "F"].mean())
    assert by_row.p_value is not None
    assert by_row.p_value < 0.001, "many more events were missed than on the reference"
    assert in_all.p_value is None
    expected = (hit & event).mean() - (hit & ~event).mean() * 0.4 / 0.6
    assert find(found, "net_benefit").estimate == pytest.approx(expected)
    assert (by_row.n, by_row.events) == (4000, event.sum())


def test_sensitivity_at_a_fixed_specificity_is_on_the_windows_own_curve(unequal: pd.DataFrame, tmp_path: Path) -> None:
    of = spec(Task.BINARY, score="score", label="label")
    figure = find(measured(unequal, of, tmp_path), "sensitivity_at_fixed_specificity")
    late = unequal.iloc[4000:]
    false, true, _ = roc_curve(late["label"], late["score"], drop_intermediate=False)
    assert figure.estimate == pytest.approx(np.interp(0.1, false, true), abs=2 / (late["label"] == 1).sum())
    assert figure.estimate is not None
    assert figure.low is not None
    assert figure.high is not None
    assert figure.low < figure.estimate < figure.high


def test_grades_out_of_order_and_in_the_red_zone_are_counted(unequal: pd.DataFrame, tmp_path: Path) -> None:
    of = spec(Task.BINARY, score="score", label="label")
    rng = np.random.default_rng(9)
    late = np.arange(8000) >= 4000
    odd = unequal.assign(label=(rng.random(8000) < unequal["score"]).astype(int))
    high = late & (unequal["score"] > 0.3) & (unequal["score"] < 0.4)
    odd.loc[high, "label"] = (rng.random(high.sum()) < 0.7).astype(int)
    found = measured(odd, of, tmp_path)
    breaks, zones = find(found, "rank_order_breaks"), find(found, "traffic_light")
    assert (breaks.estimate, breaks.reference) == (1.0, 0.0)
    assert (zones.estimate, zones.reference) == (1.0, 0.0)
    verdicts = judge_window([breaks, zones], POLICY, family="credit_pd", tier=Tier.ONE)
    assert [verdict.level for verdict in verdicts] == [Level.AMBER, Level.GREEN], "zones have no limit"


def test_a_band_in_which_no_event_is_expected_and_none_comes_is_in_no_zone(tmp_path: Path) -> None:
    rng = np.random.default_rng(10)
    score = np.where(np.arange(4000) % 2, 1e-9, 0.15)
    frame = pd.DataFrame({"score": score, "label": (rng.random(4000) < score).astype(int)})
    figure = find(measured(frame, spec(Task.BINARY, score="score", label="label"), tmp_path), "traffic_light")
    assert figure.estimate == figure.high == 0.0


def test_points_that_are_safer_when_higher_have_their_order_turned(unequal: pd.DataFrame, tmp_path: Path) -> None:
    points = unequal.assign(score=(800 - unequal["score"] * 500).round())
    given: dict[str, Any] = {"score": "score", "label": "label", "score_kind": "points", "score_range": [300, 850]}
    breaks = {
        way: find(measured(points, spec(Task.BINARY, **given, higher_is=way), tmp_path), "rank_order_breaks")
        for way in ("safer", "riskier")
    }
    assert breaks["safer"].estimate == 0.0
    assert breaks["riskier"].high == 9.0, "every neighbour falls, few beyond chance"
