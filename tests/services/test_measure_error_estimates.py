"""Errors of a regression estimated without outcomes, against those that then came."""

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
from plumbline.profiling.profile import ALL, Profile
from plumbline.services.measure import measure_windows
from plumbline.stats.metrics_of_estimates import OF_ERRORS

MONTHS = 10
ROWS = 2_000


def spec(**changes: Any) -> LogSpec:
    raw: dict[str, Any] = {
        "timestamp": "at",
        "score": "score",
        "label": "label",
        "reference": {"column": "split", "equals": "reference"},
        "numeric": [],
        "categorical": [],
        "window": "month",
    }
    return parse_log(Table(raw | changes, file="model.toml", path="[log]"), Task.REGRESSION, ())


def log(*, wider: dict[int, float] | None = None, last_unknown: int = 0, seed: int = 6) -> pd.DataFrame:
    """A reference and ten months. Errors grow with the prediction, which is 3 % too high; larger ones come more often
    from the sixth month on. In some months errors are so many times as wide.
    """
    rng = np.random.default_rng(seed)
    month = np.concatenate([np.full(3 * ROWS, -1), np.repeat(np.arange(MONTHS), ROWS)])
    score = np.round(rng.gamma(np.where(month < MONTHS // 2, 3.0, 4.0), 100.0), 2)
    times = np.array([(wider or {}).get(each, 1.0) for each in month])
    label = score * (0.97 + times * rng.normal(0, 0.2, len(month)))
    label[month >= MONTHS - last_unknown] = np.nan
    return pd.DataFrame(
        {
            "at": pd.to_datetime("2025-01-15") + pd.to_timedelta(np.maximum(month, 0) * 30.4, unit="D"),
            "score": score,
            "label": label,
            "split": np.where(month < 0, "reference", "log"),
        }
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
    return counted(log(wider=dict.fromkeys(range(7, MONTHS), 1.6)), tmp_path_factory.mktemp("broken"))


@pytest.mark.parametrize("key", OF_ERRORS)
def test_the_estimate_of_the_reference_is_what_came_on_it(steady: Counted, key: str) -> None:
    """A law: bands put together are the whole."""
    (found,) = measure_windows(spec(), steady.reference, [steady.reference], POLICY)
    figures = by_metric(found)
    assert figures[f"estimated_{key}"].estimate == pytest.approx(figures[key].estimate, rel=1e-9)
    assert figures[f"estimated_{key}"].reference == figures[f"estimated_{key}"].estimate


@pytest.mark.parametrize("key", OF_ERRORS)
def test_estimates_are_what_then_came(steady: Counted, key: str) -> None:
    months = measured(steady)[:-2]
    pairs = [(each[f"estimated_{key}"], each[key].estimate) for each in months]
    within = [m.low <= truth <= m.high for m, truth in pairs if m.low is not None and m.high is not None and truth]
    assert len(within) == len(months)
    assert sum(within) >= len(months) - 1
    assert not any(m.events for m, _ in pairs)


def test_larger_predictions_are_expected_to_err_more(steady: Counted) -> None:
    months = measured(steady)
    before, after = (
        np.mean([each["estimated_mae"].estimate or 0 for each in half]) for half in (months[:5], months[5:])
    )
    came = [np.mean([each["mae"].estimate or 0 for each in half]) for half in (months[:5], months[5:8])]
    assert after / before == pytest.approx(came[1] / came[0], rel=0.03)
    assert after / before > 1.2
    assert all((each["estimated_mae"].p_value or 1) < 1e-3 for each in months[5:])
    assert min(each["estimated_mae"].p_value or 1 for each in months[:5]) > 1e-3


def test_a_month_without_one_label_is_estimated_on_all_its_rows(steady: Counted) -> None:
    last = measured(steady)[-1]
    assert last["mae"].estimate is None
    found = last["estimated_mae"]
    assert found.estimate is not None
    assert (found.n, found.n_reference) == (ROWS, 3 * ROWS)
    assert found.record is not None
    assert found.record.windows == MONTHS - 2
    said = verdict(found)
    assert said.level in (Level.GREEN, Level.WATCH)
    assert "no concept shift" in said.reason
    assert "of 8 earlier windows" in said.reason


def test_wider_errors_at_the_same_predictions_are_not_foretold_and_end_the_trust(broken: Counted) -> None:
    months = measured(broken)
    for key in ("mae", "rmse"):
        levels = [verdict(month[f"estimated_{key}"]).level for month in months]
        assert levels[:6] == [Level.GREY] * 6, "not tried yet"
        assert levels[7] is not Level.GREY, "nobody could know yet"
        assert levels[8:] == [Level.GREY] * 2
        assert "Not trusted" in verdict(months[8][f"estimated_{key}"]).reason


def test_a_small_unit_makes_no_estimate_trusted(broken: Counted, tmp_path: Path) -> None:
    """What is near enough is a share of the reference's figure: the same errors in thousandths are judged the same."""
    frame = log(wider=dict.fromkeys(range(7, MONTHS), 1.6))
    frame[["score", "label"]] /= 100_000.0
    small = measured(counted(frame, tmp_path))
    for one, other in zip(measured(broken), small, strict=True):
        assert other["estimated_mae"].record is not None
        assert one["estimated_mae"].record is not None
        assert other["estimated_mae"].record.within == one["estimated_mae"].record.within
        assert verdict(other["estimated_mae"]).level is verdict(one["estimated_mae"]).level


def test_predictions_beyond_the_references_are_not_estimated(tmp_path: Path) -> None:
    frame = log()
    frame.loc[frame.index[-ROWS // 5 :], "score"] = 1e5
    found = measured(counted(frame, tmp_path))[-1]["estimated_rmse"]
    assert found.estimate is None
    assert "lie beyond the reference's" in found.why_not
    assert "how large errors are" in found.why_not


def test_counts_made_before_are_said_to_lack_it(steady: Counted) -> None:
    def before(profile: Profile) -> Profile:
        return replace(profile, populations={ALL: replace(profile.populations[ALL], band_loss_units=None)})

    found = by_metric(measure_windows(spec(), before(steady.reference), [before(steady.windows[0])], POLICY)[0])
    assert all(found[f"estimated_{key}"].estimate is None for key in OF_ERRORS)
    assert "monitor with --recount" in found["estimated_mae"].why_not
    assert verdict(found["estimated_mae"]).level is Level.GREY


def test_a_reference_without_outcomes_teaches_nothing(tmp_path: Path) -> None:
    frame = log()
    frame.loc[frame["split"] == "reference", "label"] = np.nan
    found = measured(counted(frame, tmp_path))[0]
    assert found["estimated_mae"].estimate is None
    assert "too few outcomes" in found["estimated_mae"].why_not


def test_rows_by_weight_are_expected_by_weight(tmp_path: Path) -> None:
    """Rows that weigh twice as much are as if they had come twice; those that weigh nothing as if they had not."""
    frame, by_weight = log(), spec(weight="exposure")
    rng = np.random.default_rng(2)
    weights = rng.choice([0.0, 1.0, 2.0], len(frame))
    twice = frame.loc[np.repeat(frame.index, weights.astype(int))]
    found = measured(counted(frame.assign(exposure=weights), tmp_path, by_weight), by_weight)
    for one, other in zip(found, measured(counted(twice, tmp_path)), strict=True):
        for key in OF_ERRORS:
            assert one[f"estimated_{key}"].estimate == pytest.approx(other[f"estimated_{key}"].estimate, rel=0.02)
