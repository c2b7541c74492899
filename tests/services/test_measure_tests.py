"""Tests of a window's probabilities, held against the same tests on every row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from plumbline.domain.log_spec import LogSpec, Task, parse_log
from plumbline.domain.results import Measurement
from plumbline.domain.toml_table import Table
from plumbline.policy.load import load_policy
from plumbline.profiling.count import count
from plumbline.services.measure import measure_windows
from plumbline.services.measure_tests import TESTS

ROWS = 4_000
Found = dict[str, Measurement]


def spec() -> LogSpec:
    raw: dict[str, Any] = {
        "timestamp": "at",
        "score": "score",
        "label": "label",
        "reference": {"column": "split", "equals": "reference"},
        "numeric": [],
        "categorical": [],
    }
    return parse_log(Table(raw, file="model.toml", path="[log]"), Task.BINARY, ())


def rows(*, true: float, seed: int = 5) -> pd.DataFrame:
    """A reference, and a month whose events come `true` times as often as its scores say."""
    chance = np.random.default_rng(seed)
    score = chance.beta(2, 8, 2 * ROWS)
    factor = np.repeat([1.0, true], ROWS)
    return pd.DataFrame(
        {
            "at": pd.Timestamp("2026-03-05"),
            "score": score,
            "label": (chance.random(2 * ROWS) < np.minimum(score * factor, 1)).astype(int),
            "split": np.repeat(["reference", "log"], ROWS),
        }
    )


def measured(frame: pd.DataFrame, folder: Path) -> Found:
    file = folder / "log.parquet"
    frame.to_parquet(file)
    found = count(spec(), model_id="m", version_id="1", log=[file])
    (figures,) = measure_windows(spec(), found.reference, found.windows, load_policy())
    return {m.metric: m for m in figures if m.column is None and m.segment_by is None}


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, Found]:
    frame = rows(true=1.0)
    return frame[frame["split"] == "log"], measured(frame, tmp_path_factory.mktemp("right"))


def test_binomial_and_jeffreys_are_the_textbooks(right: tuple[pd.DataFrame, Found]) -> None:
    frame, found = right
    events, expected = int(frame["label"].sum()), frame["score"].mean()
    assert found["binomial"].estimate == pytest.approx(stats.binom.sf(events - 1, ROWS, expected), rel=1e-9)
    beta = stats.beta(events + 0.5, ROWS - events + 0.5)
    assert found["jeffreys"].estimate == pytest.approx(beta.cdf(expected), rel=1e-9)


def test_hosmer_lemeshow_stands_on_ten_equal_bands(right: tuple[pd.DataFrame, Found]) -> None:
    frame, found = right
    bands = frame.groupby(np.minimum((frame["score"] * 10).astype(int), 9))
    observed, expected, n = bands["label"].sum(), bands["score"].sum(), bands.size()
    statistic = ((observed - expected) ** 2 / (expected * (1 - expected / n))).sum()
    assert found["hosmer_lemeshow"].estimate == pytest.approx(statistic, rel=1e-7)
    assert found["hosmer_lemeshow"].p_value == pytest.approx(stats.chi2.sf(statistic, len(n)), rel=1e-6)


def test_spiegelhalter_lies_within_its_printed_bound(right: tuple[pd.DataFrame, Found]) -> None:
    frame, found = right
    p, y = frame["score"], frame["label"]
    z = ((y - p) * (1 - 2 * p)).sum() / np.sqrt(((1 - 2 * p) ** 2 * p * (1 - p)).sum())
    ours = found["spiegelhalter_z"]
    assert ours.error_bound is not None
    assert abs((ours.estimate or 0.0) - z) <= ours.error_bound < 0.01


def test_right_probabilities_pass_and_low_ones_fail(right: tuple[pd.DataFrame, Found], tmp_path: Path) -> None:
    assert all((right[1][name].p_value or 0.0) > 0.01 for name in TESTS)
    low = measured(rows(true=1.5), tmp_path)
    assert all((low[name].p_value or 0.0) < 1e-6 for name in TESTS)


def test_without_labels_each_says_so(tmp_path: Path) -> None:
    frame = rows(true=1.0)
    found = measured(frame.assign(label=frame["label"].where(frame["split"] == "reference")), tmp_path)
    assert {found[name].why_not for name in TESTS} == {"No label is known yet in this window."}
