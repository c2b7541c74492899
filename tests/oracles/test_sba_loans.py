"""US small-business loans by quarter, against figures computed elsewhere (the data's expected_metrics.json)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from plumbline.domain.model_file import read_model_file
from plumbline.policy.load import load_policy
from plumbline.services.monitoring import MonitoringRun, run

MODEL = """
[model]
id = "sba-default"
name = "SBA loan default"
purpose = "Ranks small-business loans by the chance of charge-off"
owner = "ana.ito"
family = "credit_pd"
task = "binary"

[version]
id = "1.0"

[log]
id = "id"
timestamp = "event_time"
score = "score"
label = "label"
window = "quarter"
reference = { column = "split", equals = "reference" }
numeric = ["NoEmp", "GrAppv"]
categorical = ["sector"]
"""
# How near: n exact; the others within the rounding of the expected figures or what binning may cost.
WITHIN = {
    "row_count": ("n", None, 0),
    "roc_auc": ("auc", None, 1e-4),
    "brier_score": ("brier", None, 1e-6),
    "ks": ("score_ks", "score", 1e-3),
    "psi": ("score_psi_decile", "score", 2e-3),
    "base_rate": ("event_rate", None, 1e-6),
    "mean_score": ("mean_score", None, 1e-6),
}


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    found = shared / "data" / "sba_loans"
    if not (found / "scored.parquet").is_file():
        pytest.skip("../shared/data/sba_loans is absent, so the SBA figures are not checked")
    return found


@pytest.fixture(scope="module")
def monitored(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> MonitoringRun:
    file = tmp_path_factory.mktemp("sba") / "model.toml"
    file.write_text(MODEL)
    return run(
        read_model_file(file),
        log=[folder / "scored.parquet"],
        policy=load_policy(),
        clock=lambda: datetime(2026, 10, 31, tzinfo=UTC),
    )


def figures(monitored: MonitoringRun, metric: str, column: str | None) -> dict[str, Any]:
    return {
        result.window.label: result.measurement.estimate
        for result in monitored.results
        if (result.measurement.metric, result.measurement.column, result.measurement.segment_by)
        == (metric, column, None)
    }


@pytest.mark.parametrize("metric", WITHIN)
def test_every_quarter_is_as_expected(metric: str, folder: Path, monitored: MonitoringRun) -> None:
    name, column, within = WITHIN[metric]
    expected = json.loads((folder / "expected_metrics.json").read_text())["periods"]
    found = figures(monitored, metric, column)
    # The reference has no distance from itself.
    asked = [period for period in expected if column is None or period["period"] != "reference"]
    assert len(asked) >= 30
    wrong = [
        (period["period"], found.get(period["period"]), period[name])
        for period in asked
        if found.get(period["period"]) != pytest.approx(period[name], rel=0, abs=within)
    ]
    assert wrong == []


def test_every_row_is_counted(monitored: MonitoringRun) -> None:
    assert (monitored.run["rows_in"], monitored.run["rows"], monitored.run["quarantine"]) == (88_881, 88_881, {})
