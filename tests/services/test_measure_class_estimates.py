"""Figures of several classes estimated without outcomes, against those that then came."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.services.judged_estimates import POLICY, Found, by_metric, verdict

from plumbline.domain.log_spec import LogSpec, Task, parse_log
from plumbline.domain.results import Level
from plumbline.domain.toml_table import Table
from plumbline.profiling.count import Counted, count
from plumbline.profiling.profile import Profile
from plumbline.services.measure import measure_windows
from plumbline.stats.metrics_of_estimates import OF_CLASSES

CLASSES = ("a", "b", "c")
SCORES = {name: f"p_{name}" for name in CLASSES}
MONTHS = 10
ROWS = 2_500


def spec(**changes: Any) -> LogSpec:
    raw: dict[str, Any] = {
        "timestamp": "at",
        "score": SCORES,
        "label": "label",
        "reference": {"column": "split", "equals": "reference"},
        "numeric": [],
        "categorical": [],
        "segments": ["region"],
        "window": "month",
    }
    return parse_log(Table(raw | changes, file="model.toml", path="[log]"), Task.MULTICLASS, ())


def log(
    *, mixed: frozenset[int] = frozenset(), last_unknown: int = 0, sure: float = 1.4, seed: int = 8
) -> pd.DataFrame:
    """A reference and ten months. Scores are too sure of themselves, by a power; they get less telling from the sixth
    month on. In `mixed` months every other outcome is drawn at random.
    """
    rng = np.random.default_rng(seed)
    month = np.concatenate([np.full(4 * ROWS, -1), np.repeat(np.arange(MONTHS), ROWS)])
    blur = np.where(month < MONTHS // 2, 0.5, 1.0)
    true = rng.gamma(blur[:, None] * np.array([1.4, 1.0, 0.6]))
    true = np.clip(true / true.sum(axis=1, keepdims=True), 1e-6, None)
    true /= true.sum(axis=1, keepdims=True)
    told = true**sure
    told /= told.sum(axis=1, keepdims=True)
    came = (rng.random(len(month))[:, None] > true.cumsum(axis=1)).sum(axis=1).clip(max=2)
    lost = np.isin(month, list(mixed)) & (rng.random(len(month)) < 0.5)
    came = np.where(lost, rng.integers(0, 3, len(month)), came)
    label = np.asarray(CLASSES, dtype=object)[came]
    label[month >= MONTHS - last_unknown] = None
    frame = pd.DataFrame(told.round(5), columns=list(SCORES.values()))
    return frame.assign(
        label=label,
        at=pd.to_datetime("2025-01-15") + pd.to_timedelta(np.maximum(month, 0) * 30.4, unit="D"),
        split=np.where(month < 0, "reference", "log"),
        region=rng.choice(["north", "south"], len(month)),
    )


def counted(frame: pd.DataFrame, folder: Path, log_spec: LogSpec | None = None) -> Counted:
    file = folder / "log.parquet"
    frame.to_parquet(file)
    return count(log_spec or spec(), model_id="m", version_id="1", log=[file])


def measured(of: Counted, log_spec: LogSpec | None = None) -> list[Found]:
    return [by_metric(found) for found in measure_windows(log_spec or spec(), of.reference, of.windows, POLICY)]


@pytest.fixture(scope="module")
def steady(tmp_path_factory: pytest.TempPathFactory) -> Counted:
    return counted(log(last_unknown=2), tmp_path_factory.mktemp("steady"))


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Counted:
    return counted(log(mixed=frozenset(range(7, MONTHS))), tmp_path_factory.mktemp("broken"))


def test_the_estimate_of_the_reference_is_what_came_on_it(steady: Counted) -> None:
    """Isotonic rates keep the rows that were right, and so the accuracy; losses up to what pooling of bins costs."""
    (found,) = measure_windows(spec(), steady.reference, [steady.reference], POLICY)
    figures = by_metric(found)
    assert figures["estimated_accuracy"].estimate == pytest.approx(figures["accuracy"].estimate, rel=1e-9)
    for key in ("roc_auc", "log_loss", "brier_score"):
        assert figures[f"estimated_{key}"].estimate == pytest.approx(figures[key].estimate, rel=0.01), key


@pytest.mark.parametrize("key", OF_CLASSES)
def test_estimates_are_what_then_came(steady: Counted, key: str) -> None:
    months = measured(steady)[:-2]
    pairs = [(each[f"estimated_{key}"], each[key].estimate) for each in months]
    within = [m.low <= truth <= m.high for m, truth in pairs if m.low is not None and m.high is not None and truth]
    assert len(within) == len(months)
    assert sum(within) >= len(months) - 1
    assert np.mean([(m.estimate or 0) - (truth or 0) for m, truth in pairs]) == pytest.approx(0.0, abs=0.012)
    assert all("expected outcomes" in m.method for m, _ in pairs)


def test_less_telling_scores_are_expected_to_be_right_less_often(steady: Counted) -> None:
    """What no confusion by class chosen would see: how sure the scores are."""
    months = measured(steady)
    early, late = (np.mean([m["estimated_accuracy"].estimate or 0 for m in half]) for half in (months[:5], months[5:]))
    came = np.mean([m["accuracy"].estimate or 0 for m in months[5:8]])
    assert late == pytest.approx(came, abs=0.01)
    assert late < early - 0.05
    assert all((m["estimated_accuracy"].p_value or 1) < 1e-3 for m in months[5:])


def test_a_month_without_one_label_is_estimated_on_all_its_rows(steady: Counted) -> None:
    last = measured(steady)[-1]
    assert last["accuracy"].estimate is None
    found = last["estimated_accuracy"]
    assert (found.n, found.n_reference) == (ROWS, 4 * ROWS)
    assert found.events is not None
    assert found.estimate == pytest.approx(found.events / found.n, abs=1 / found.n)
    assert found.record is not None
    assert found.record.windows == MONTHS - 2
    assert "no concept shift" in verdict(found).reason
    assert last["estimated_roc_auc"].events == pytest.approx(ROWS / 5, rel=0.15), "of the rarest class"


def test_an_estimate_that_did_not_come_true_is_grey_from_then_on(broken: Counted) -> None:
    months = measured(broken)
    for key in OF_CLASSES:
        levels = [verdict(month[f"estimated_{key}"]).level for month in months]
        assert levels[:6] == [Level.GREY] * 6, "not tried yet"
        assert levels[7] is not Level.GREY, "nobody could know yet"
        assert levels[8:] == [Level.GREY] * 2
        assert "Not trusted" in verdict(months[9][f"estimated_{key}"]).reason


def test_a_window_measured_alone_has_the_record_of_those_before_it(broken: Counted) -> None:
    whole = measure_windows(spec(), broken.reference, broken.windows, POLICY)
    (alone,) = measure_windows(spec(), broken.reference, broken.windows[8:9], POLICY, history=broken.windows)
    assert alone == whole[8]


def test_right_scores_are_taken_as_they_stand(tmp_path: Path) -> None:
    months = measured(counted(log(sure=1.0), tmp_path))
    for key in OF_CLASSES:
        apart = [abs((m[f"estimated_{key}"].estimate or 0) - (m[key].estimate or 0)) for m in months]
        assert np.mean(apart) < 0.015, key


def test_counts_made_before_are_said_to_lack_the_accuracy_alone(steady: Counted) -> None:
    def before(profile: Profile) -> Profile:
        assert profile.classes is not None
        own = {name: replace(each, chosen=None) for name, each in profile.classes.one_vs_rest.items()}
        return replace(profile, classes=replace(profile.classes, one_vs_rest=own))

    earlier = by_metric(measure_windows(spec(), before(steady.reference), [before(steady.windows[0])], POLICY)[0])
    now = measured(steady)[0]
    assert "monitor with --recount" in earlier["estimated_accuracy"].why_not
    assert earlier["estimated_accuracy"].estimate is None
    for key in ("roc_auc", "log_loss", "brier_score"):
        assert earlier[f"estimated_{key}"].estimate == now[f"estimated_{key}"].estimate


def test_a_class_that_never_came_teaches_nothing(tmp_path: Path) -> None:
    frame = log()
    frame.loc[(frame["split"] == "reference") & (frame["label"] == "c"), "label"] = "a"
    found = measured(counted(frame, tmp_path))[0]
    for key in OF_CLASSES:
        assert found[f"estimated_{key}"].estimate is None
        assert "does not know every class" in found[f"estimated_{key}"].why_not


def test_classes_by_weight_are_expected_by_weight(tmp_path: Path) -> None:
    """Rows that weigh twice as much are as if they had come twice; those that weigh nothing as if they had not."""
    frame, by_weight = log(), spec(weight="exposure")
    weights = np.random.default_rng(2).choice([0.0, 1.0, 2.0], len(frame))
    twice = frame.loc[np.repeat(frame.index, weights.astype(int))]
    found = measured(counted(frame.assign(exposure=weights), tmp_path, by_weight), by_weight)
    for one, other in zip(found, measured(counted(twice, tmp_path)), strict=True):
        for key in OF_CLASSES:
            assert one[f"estimated_{key}"].estimate == pytest.approx(other[f"estimated_{key}"].estimate, abs=0.01)
