"""Figures where outcomes exist after one decision alone, from logs counted for real."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from plumbline.domain.log_spec import LogSpec, Task, parse_log
from plumbline.domain.results import Measurement
from plumbline.domain.toml_table import Table
from plumbline.policy.fairness import GAPS
from plumbline.policy.load import load_policy
from plumbline.profiling.count import count
from plumbline.services.measure import measure_windows
from plumbline.services.measure_selective import OF_BOTH, RATES
from plumbline.stats.classification import Confusion

POLICY = load_policy()
ROWS = 6_000
Found = dict[tuple[str, str | None], Measurement]


def scorecard(seed: int = 3, late: float = 0.0) -> pd.DataFrame:
    """Loans granted under a score of 0.3, but for one in ten; the truth of everybody stands in "true"."""
    rng = np.random.default_rng(seed)
    score = np.round(rng.beta(2, 5, ROWS), 3)
    declined = (score >= 0.3) ^ (rng.random(ROWS) < 0.1)
    true = (rng.random(ROWS) < score).astype(float)
    seen = ~declined & (rng.random(ROWS) >= late)
    return pd.DataFrame(
        {
            "at": np.where(np.arange(ROWS) < ROWS // 2, "2026-01-10T00:00:00Z", "2026-02-10T00:00:00Z"),
            "split": np.where(np.arange(ROWS) < ROWS // 2, "reference", "live"),
            "score": score,
            "declined": declined.astype(int),
            "label": np.where(seen, true, np.nan),
            "true": true,
            "sex": rng.choice(["F", "M"], ROWS),
            "exposure": rng.uniform(0.5, 2.0, ROWS),
        }
    )


def plan(task: Task = Task.BINARY, **changes: Any) -> LogSpec:
    given: dict[str, Any] = {
        "timestamp": "at", "score": "score", "label": "label", "decision": {"column": "declined"}, "favourable": 0,
        "window": "month", "reference": {"column": "split", "equals": "reference"}, "groups": ["sex"],
        "numeric": [], "categorical": [], "label_seen_when": {"decision": 0},
    } | changes  # fmt: skip
    kept = {key: value for key, value in given.items() if value is not None}
    return parse_log(Table(kept, file="m.toml", path="[log]"), task, ())


def measured(frame: pd.DataFrame, spec: LogSpec, folder: Path) -> Found:
    frame.to_parquet(folder / "log.parquet")
    counted = count(spec, model_id="m", version_id="1", log=[folder / "log.parquet"])
    found = measure_windows(spec, counted.reference, counted.windows, POLICY)[0]
    return {(each.metric, each.segment): each for each in found if each.column is None}


def bounds(of: Measurement) -> tuple[float, float]:
    assert of.lowest is not None, of.metric
    assert of.highest is not None, of.metric
    return of.lowest, of.highest


def live(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["split"] == "live"]


def test_figures_are_of_those_approved_and_the_truth_of_all_lies_in_the_bounds(tmp_path: Path) -> None:
    frame = scorecard()
    found, rows = measured(frame, plan(), tmp_path), live(frame)
    seen = rows[rows["label"].notna()]
    share = f"{100 * (rows['declined'] == 0).mean():.3g} %"
    auc, rate = found["roc_auc", None], found["base_rate", None]
    assert auc.estimate == pytest.approx(roc_auc_score(seen["label"], seen["score"]))
    assert auc.population == f"the {share} of rows whose outcome can be known: those approved"
    truth = {
        "roc_auc": roc_auc_score(rows["true"], rows["score"]),
        "gini": 2 * roc_auc_score(rows["true"], rows["score"]) - 1,
        "base_rate": rows["true"].mean(),
        "observed_expected": rows["true"].sum() / rows["score"].sum(),
        "brier_score": brier_score_loss(rows["true"], rows["score"]),
    }
    cells = pd.crosstab(rows["declined"], rows["true"]).to_numpy()
    table = Confusion(tn=cells[0, 0], fn=cells[0, 1], fp=cells[1, 0], tp=cells[1, 1])
    for name in ("accuracy", "precision", "recall", "specificity", "balanced_accuracy", "f1", "mcc"):
        truth[name] = getattr(table, name).value
    for metric, value in truth.items():
        each = found[metric, None]
        low, high = bounds(each)
        assert low <= value <= high, metric
    assert rate.n == len(seen)
    assert found["log_loss", None].population == auc.population
    assert found["log_loss", None].lowest is None


def test_the_bounds_of_a_rate_are_those_of_filling_in(tmp_path: Path) -> None:
    frame = scorecard()
    rate, rows = measured(frame, plan(), tmp_path)["base_rate", None], live(frame)
    least, most = rows["label"].sum() / len(rows), (rows["label"].sum() + rows["label"].isna().sum()) / len(rows)
    low, high = bounds(rate)
    assert least - 0.02 < low < least < most < high < most + 0.02


def test_what_compares_both_decisions_is_not_read_off_those_approved(tmp_path: Path) -> None:
    found = measured(scorecard(), plan(), tmp_path)
    for metric in OF_BOTH:
        each = found[metric, None]
        assert each.estimate is None, metric
        assert "after decision 0 alone" in each.why_not
        assert each.lowest is not None, metric
    assert found["accuracy", None].estimate is not None


def test_a_late_outcome_is_awaited_and_one_never_seen_is_not(tmp_path: Path) -> None:
    all_in = measured(scorecard(), plan(), tmp_path)["roc_auc", None]
    late = measured(scorecard(late=0.25), plan(), tmp_path)["roc_auc", None]
    assert all_in.label_share == 1.0
    assert late.label_share == pytest.approx(0.75, abs=0.03)
    assert late.population == all_in.population
    assert (all_in.mature, measured(scorecard(late=0.25), plan(), tmp_path)["roc_auc", None].mature) == (True, True)
    assert bounds(late)[0] < bounds(all_in)[0]


def test_groups_have_their_own_population_and_bounds(tmp_path: Path) -> None:
    frame = scorecard()
    found, rows = measured(frame, plan(), tmp_path), live(frame)
    for sex in ("F", "M"):
        of = rows[rows["sex"] == sex]
        each = found["false_positive_rate", sex]
        truth = ((of["declined"] == 1) & (of["true"] == 0)).sum() / (of["true"] == 0).sum()
        low, high = bounds(each)
        assert low <= truth <= high
        assert f"{100 * (of['declined'] == 0).mean():.3g} %" in (each.population or "")
    assert found["impact_ratio", "F"].population is None


def test_without_the_declaration_nothing_is_said(tmp_path: Path) -> None:
    found = measured(scorecard(), plan(label_seen_when=None), tmp_path)
    assert all((each.population, each.lowest, each.highest) == (None, None, None) for each in found.values())
    assert found["recall", None].estimate is not None


def test_points_that_fall_with_risk_are_bounded_alike(tmp_path: Path) -> None:
    frame = scorecard()
    points: dict[str, Any] = {"score_kind": "points", "score_range": [0, 1000], "higher_is": "safer"}
    turned = measured(frame.assign(score=1000 - 1000 * frame["score"]), plan(**points), tmp_path)["roc_auc", None]
    straight = measured(frame, plan(), tmp_path)["roc_auc", None]
    assert bounds(turned) == pytest.approx(bounds(straight), abs=1e-4)


def test_weights_bound_shares_of_weight(tmp_path: Path) -> None:
    frame = scorecard()
    found, rows = measured(frame, plan(weight="exposure"), tmp_path), live(frame)
    truth = np.average(rows["true"], weights=rows["exposure"])
    least = rows.loc[rows["label"] == 1, "exposure"].sum() / rows["exposure"].sum()
    rate = found["base_rate", None]
    low, high = bounds(rate)
    assert low <= truth <= high
    assert low == pytest.approx(least, abs=0.02)


def test_regression_says_whom_it_describes(tmp_path: Path) -> None:
    spec = plan(Task.REGRESSION, score_kind=None)
    found = measured(scorecard(), spec, tmp_path)["rmse", None]
    assert found.population is not None
    assert found.lowest is None


def test_rates_with_bounds_are_all_there_are(tmp_path: Path) -> None:
    found = measured(scorecard(), plan(), tmp_path)
    bounded = {metric for (metric, segment), each in found.items() if segment is None and each.lowest is not None}
    assert bounded == {*RATES, "roc_auc", "gini", "base_rate", "observed_expected", "brier_score"}


def test_a_bound_without_an_end_is_none(tmp_path: Path) -> None:
    frame = scorecard().assign(score=lambda rows: rows["score"].where(rows["sex"] != "F", 0.0))
    found = measured(frame, plan(), tmp_path)
    every = [bound for each in found.values() for bound in (each.lowest, each.highest) if bound is not None]
    assert np.isfinite(every).all()
    assert (found["observed_expected", "F"].lowest, found["observed_expected", "F"].highest) == (None, None)


def test_comparisons_of_groups_that_need_outcomes_say_whom_they_describe(tmp_path: Path) -> None:
    found = measured(scorecard(), plan(), tmp_path)
    gap, rate = found["calibration_gap", "F"], found["base_rate", "F"]
    assert gap.population == rate.population is not None
    assert gap.label_share == rate.label_share == 1.0


def test_error_rates_of_groups_are_not_compared_on_one_decision(tmp_path: Path) -> None:
    found = measured(scorecard(), plan(), tmp_path)
    for metric in sorted(GAPS - {"calibration_gap"}):
        assert found[metric, "F"].estimate is None
        assert "seen after one decision alone" in found[metric, "F"].why_not
    assert found["calibration_gap", "F"].estimate is not None


def test_precision_of_groups_is_compared_where_those_decided_1_are_seen(tmp_path: Path) -> None:
    frame = scorecard().assign(declined=lambda rows: 1 - rows["declined"])
    found = measured(frame, plan(label_seen_when={"decision": 1}, favourable=1), tmp_path)
    assert found["predictive_parity_difference", "F"].estimate is not None
    assert found["equal_opportunity_difference", "F"].estimate is None
