"""Estimates without labels against what then came, and the record that says how far to believe them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from plumbline.domain.log_spec import LogSpec, Task, parse_log
from plumbline.domain.models import Tier
from plumbline.domain.results import Level, Measurement, Record, Verdict
from plumbline.domain.toml_table import Table
from plumbline.policy.judge import judge
from plumbline.policy.load import load_policy
from plumbline.profiling.count import Counted, count
from plumbline.services.measure import measure_windows
from plumbline.stats.metrics_of_estimates import OF_DECISIONS, OF_SCORES

POLICY = load_policy()
MONTHS = 10
ROWS = 3_000
Found = dict[str, Measurement]


def spec(**changes: Any) -> LogSpec:
    raw: dict[str, Any] = {
        "timestamp": "at",
        "score": "score",
        "label": "label",
        "decision": {"threshold": 0.3},
        "reference": {"column": "split", "equals": "reference"},
        "segments": ["region"],
        "numeric": [],
        "categorical": [],
        "window": "month",
    }
    return parse_log(Table(raw | changes, file="model.toml", path="[log]"), Task.BINARY, ())


def log(*, shifts: dict[int, float] | None = None, last_unknown: int = 0, seed: int = 4) -> pd.DataFrame:
    """A reference and ten months; in some the event comes so many times as often. Scores overstate it by a fifth."""
    rng = np.random.default_rng(seed)
    month = np.concatenate([np.full(4 * ROWS, -1), np.repeat(np.arange(MONTHS), ROWS)])
    score = np.round(rng.beta(np.where(month < MONTHS // 2, 2.0, 2.6), 6), 4)
    times = np.array([(shifts or {}).get(each, 1.0) for each in month])
    label = (rng.random(len(month)) < np.minimum(score * times / 1.2, 1)).astype(float)
    label[month >= MONTHS - last_unknown] = np.nan
    return pd.DataFrame(
        {
            "at": pd.to_datetime("2025-01-15") + pd.to_timedelta(np.maximum(month, 0) * 30.4, unit="D"),
            "score": score,
            "label": label,
            "split": np.where(month < 0, "reference", "log"),
            "region": rng.choice(["north", "south"], len(month)),
        }
    )


def counted(frame: pd.DataFrame, folder: Path, log_spec: LogSpec | None = None) -> Counted:
    file = folder / "log.parquet"
    frame.to_parquet(file)
    return count(log_spec or spec(), model_id="m", version_id="1", log=[file])


def measured(of: Counted, log_spec: LogSpec | None = None) -> list[Found]:
    windows = measure_windows(log_spec or spec(), of.reference, of.windows, POLICY)
    return [{m.metric: m for m in found if m.column is None and m.segment_by is None} for found in windows]


@pytest.fixture(scope="module")
def steady(tmp_path_factory: pytest.TempPathFactory) -> Counted:
    return counted(log(last_unknown=2), tmp_path_factory.mktemp("steady"))


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Counted:
    return counted(log(shifts=dict.fromkeys(range(7, MONTHS), 1.8)), tmp_path_factory.mktemp("broken"))


def verdict(m: Measurement) -> Verdict:
    return judge(m, POLICY, family="credit_pd", tier=Tier.ONE)


def test_estimates_are_what_then_came(steady: Counted) -> None:
    months = measured(steady)[:-2]
    for key in (*OF_SCORES, *OF_DECISIONS):
        pairs = [(each[f"estimated_{key}"], each[key].estimate) for each in months]
        within = [m.low <= truth <= m.high for m, truth in pairs if m.low is not None and m.high is not None and truth]
        assert len(within) == len(months), key
        assert sum(within) >= len(months) - 2, key
        assert np.mean([(m.estimate or 0) - (truth or 0) for m, truth in pairs]) == pytest.approx(0.0, abs=0.015), key


def test_a_month_without_one_label_is_estimated_on_all_its_rows(steady: Counted) -> None:
    last = measured(steady)[-1]
    assert last["roc_auc"].estimate is None
    found = last["estimated_roc_auc"]
    assert found.estimate is not None
    assert (found.n, found.n_reference) == (steady.windows[-1].rows, 4 * ROWS)
    assert "expected outcomes" in found.method
    assert found.record is not None
    assert found.record.windows == MONTHS - 2


def test_a_tried_estimate_is_judged_and_says_what_it_takes_for_granted(steady: Counted) -> None:
    said = verdict(measured(steady)[-1]["estimated_roc_auc"])
    assert said.level in (Level.GREEN, Level.WATCH)
    assert "no concept shift" in said.reason
    assert "of 8 earlier windows" in said.reason


def test_an_untried_estimate_is_grey(steady: Counted) -> None:
    said = verdict(measured(steady)[2]["estimated_roc_auc"])
    assert said.level is Level.GREY
    assert said.rule == "estimates.record"
    assert said.reason.startswith("Not tried yet: the truth lay within its interval in ")
    assert "of 2 earlier windows, 6 are needed" in said.reason


def test_an_estimate_that_did_not_come_true_is_grey_from_then_on(broken: Counted) -> None:
    months = measured(broken)
    rates = [verdict(month["estimated_base_rate"]) for month in months]
    assert rates[7].level is not Level.GREY, "nobody could know yet"
    assert rates[8].level is Level.GREY
    assert "Not trusted" in rates[8].reason
    assert rates[9].level is Level.GREY


def test_a_record_never_depends_on_later_windows(broken: Counted) -> None:
    whole = measured(broken)
    part = measured(replace(broken, windows=broken.windows[:7]))
    assert [month["estimated_recall"] for month in part] == [month["estimated_recall"] for month in whole[:7]]


def test_a_window_measured_alone_has_the_record_of_those_before_it(broken: Counted) -> None:
    whole = measure_windows(spec(), broken.reference, broken.windows, POLICY)
    (alone,) = measure_windows(spec(), broken.reference, broken.windows[8:9], POLICY, history=broken.windows)
    assert alone == whole[8]


def test_concept_shift_is_where_the_event_comes_more_often_not_where_scores_rise(broken: Counted) -> None:
    months = measured(broken)
    levels = [verdict(month["concept_shift"]).level for month in months]
    assert set(levels[:7]) <= {Level.GREEN, Level.WATCH}, "scores rise from the sixth month on, and foretell it"
    assert levels[7:] == [Level.RED] * 3
    effects = [month["concept_shift"].effect or 0.0 for month in months]
    assert np.abs(effects[:7]).max() < 0.02
    assert min(effects[7:]) > 0.1
    rises = [month["base_rate"].estimate or 0.0 for month in months]
    assert np.mean(rises[5:7]) > np.mean(rises[:5]) + 0.03


def test_concept_shift_is_measured_by_segment(broken: Counted) -> None:
    windows = measure_windows(spec(), broken.reference, broken.windows, POLICY)
    found = {m.segment: m for m in windows[8] if m.metric == "concept_shift"}
    assert set(found) == {None, "north", "south"}
    assert sum(found[side].n for side in ("north", "south")) == found[None].n


def test_nothing_is_estimated_from_points_or_from_one_outcome(tmp_path: Path) -> None:
    points = spec(score_kind="points", score_range=[0, 1], higher_is="riskier", decision={"threshold": 0.3})
    of = counted(log(), tmp_path, points)
    found = measured(of, points)[0]
    assert "needs a probability" in found["estimated_roc_auc"].why_not
    assert found["concept_shift"].estimate is not None, "bands of points can be compared"
    frame = log()
    frame.loc[frame["split"] == "reference", "label"] = 0.0
    assert "does not know both outcomes" in measured(counted(frame, tmp_path))[0]["estimated_f1"].why_not


def test_scores_beyond_the_references_are_not_estimated(tmp_path: Path) -> None:
    frame = log()
    last = frame.index[-ROWS:]
    frame.loc[last[: ROWS // 5], "score"] = 0.9999
    found = measured(counted(frame, tmp_path))[-1]["estimated_accuracy"]
    assert found.estimate is None
    assert "lie beyond the reference's" in found.why_not


def test_a_logged_decision_is_not_foretold(tmp_path: Path) -> None:
    logged, frame = spec(decision={"column": "taken"}), log()
    frame["taken"] = (frame["score"] > 0.4).astype(int)
    found = measured(counted(frame, tmp_path, logged), logged)[0]
    assert "not a threshold of the score" in found["estimated_recall"].why_not
    assert found["estimated_recall"].estimate is None
    assert found["estimated_roc_auc"].estimate is not None


def test_a_record_is_good_enough_by_policy_alone() -> None:
    good = Record(windows=12, within=10, error=0.01, newest_within=True)
    m = Measurement(
        metric="estimated_roc_auc", estimate=0.7, low=0.68, high=0.72, n=5000, events=500, n_reference=5000,
        reference=0.8, effect=-0.1, p_value=1e-6, record=good,
    )  # fmt: skip
    assert verdict(m).level is Level.RED
    assert verdict(replace(m, record=replace(good, within=9))).level is Level.GREY
    assert verdict(replace(m, record=replace(good, newest_within=False))).level is Level.GREY
    assert verdict(replace(m, record=replace(good, windows=5, within=5))).level is Level.GREY
