"""Monitoring as a use case: the results format, notes and quarantine, the store, and what must not be imported."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.first_steps import settled, sit_down_as

from plumbline.cli.main import main
from plumbline.domain.errors import PolicyError
from plumbline.domain.model_file import read_model_file
from plumbline.domain.people import Role
from plumbline.domain.results import REFERENCE, Level
from plumbline.policy.load import load_policy
from plumbline.profiling.serial import decode, digest
from plumbline.services.monitoring import MonitoringRun, run
from plumbline.store import profiles, results
from plumbline.store.database import Store

MODEL = """
[model]
id = "loans"
name = "Loans"
purpose = "Ranks loans"
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
decision = { threshold = 0.5 }
reference = { column = "split", equals = "reference" }
label_maturity = "20d"
numeric = ["income"]
groups = ["sex"]
"""
KEYS = (
    *("window", "window_start", "window_end", "metric", "column", "segment_by", "segment", "estimate", "low", "high"),
    *("confidence", "method", "n", "events", "label_share", "reference", "effect", "p_adjusted", "error_bound"),
    *("verdict", "reason", "rule", "policy"),
)
NOW = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture
def log(tmp_path: Path) -> str:
    """A reference, a steady January, a February that moved, and a March whose labels are still out."""
    rng = np.random.default_rng(1)
    rows = 8_000
    month = np.arange(rows) // 2_000
    score = np.clip(rng.beta(2, 4, rows) + np.where(month == 2, 0.15, 0.0), 0, 1)
    label = (rng.random(rows) < score).astype(np.float64)
    label[month == 3] = np.nan
    table = {
        "id": np.arange(rows),
        "event_time": np.array(["2025-12-01", "2026-01-10", "2026-02-10", "2026-03-30"], dtype="datetime64[us]")[month],
        "score": score,
        "label": label,
        "split": np.where(month == 0, "reference", "production"),
        "income": rng.lognormal(10, 1, rows) * np.where(month == 2, 1.6, 1.0),
        "sex": rng.choice(["F", "M"], rows),
    }
    table["score"][-1] = 1.5
    path = tmp_path / "log.parquet"
    pq.write_table(pa.table(table), path)
    return str(path)


@pytest.fixture
def model_file(tmp_path: Path) -> Path:
    path = tmp_path / "model.toml"
    path.write_text(MODEL)
    return path


def monitored(model_file: Path, log: str) -> MonitoringRun:
    return run(read_model_file(model_file), log=[log], policy=load_policy(), clock=lambda: NOW)


def levels(done: MonitoringRun, window: str, metric: str, column: str | None = None) -> list[Level]:
    return [
        each.verdict.level
        for each in done.results
        if (each.window.label, each.measurement.metric, each.measurement.column, each.measurement.segment_by)
        == (window, metric, column, None)
    ]


def test_results_have_the_keys_of_the_format_and_no_nan(model_file: Path, log: str) -> None:
    done = monitored(model_file, log).as_json()
    text = json.dumps(done, allow_nan=False)
    assert list(done) == ["run", "profile", "results"]
    assert {tuple(result) for result in done["results"]} == {KEYS}
    assert '"window_end": "2026-02-01T00:00:00Z"' in text
    bounds = {(r["window_start"], r["window_end"]) for r in done["results"] if r["window"] == REFERENCE}
    assert bounds == {(None, None)}


def test_the_run_accounts_for_every_row_and_names_its_policy(model_file: Path, log: str) -> None:
    told = monitored(model_file, log).run
    assert (told["rows_in"], told["rows"], told["quarantined"]) == (8_000, 7_999, 1)
    assert told["quarantine"] == {"probability outside [0, 1]": 1}
    assert told["policy"] == load_policy().digest
    assert [window["window"] for window in told["windows"]] == ["2026-01", "2026-02", "2026-03"]


def test_drift_is_found_where_it_is_and_young_labels_are_grey(model_file: Path, log: str) -> None:
    done = monitored(model_file, log)
    assert levels(done, "2026-02", "psi", "income") == [Level.AMBER]
    assert levels(done, "2026-02", "psi", "score")[0] in (Level.AMBER, Level.RED)
    assert levels(done, "2026-01", "psi", "income") == [Level.GREEN]
    assert levels(done, "2026-03", "roc_auc") == [Level.GREY]


def test_profiles_come_back_from_their_bytes(model_file: Path, log: str) -> None:
    done = monitored(model_file, log)
    for profile, content in zip(done.profiles, done.contents, strict=True):
        back = decode(content)
        assert (back.rows, back.window, back.labelled) == (profile.rows, profile.window, profile.labelled)
        assert done.as_json()["profile"]["windows"][profile.window.label]["sha256"] == digest(content)


def test_a_run_for_reading_alone_is_the_same_without_its_bytes(model_file: Path, log: str) -> None:
    whole = monitored(model_file, log)
    done = run(read_model_file(model_file), log=[log], policy=load_policy(), clock=lambda: NOW, kept=False)
    assert (done.results, done.verdicts(), done.contents) == (whole.results, whole.verdicts(), ())
    assert not done.account.windows


def test_an_unknown_family_is_refused(model_file: Path, log: str) -> None:
    model_file.write_text(MODEL.replace("credit_pd", "credit_dp"))
    with pytest.raises(PolicyError, match="credit_dp"):
        monitored(model_file, log)


def test_the_light_start_is_light(model_file: Path, log: str) -> None:
    code = (
        "import sys; from plumbline.cli.main import main; code = main(sys.argv[1:]); "
        "heavy = {'pandas', 'scipy.stats', 'shap', 'sklearn', 'lightgbm', 'xgboost', 'ibis', 'streamlit', 'plotly'}; "
        "print(sorted(heavy & set(sys.modules)), code, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "monitor", str(model_file), "--log", log, "--dry-run"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stderr.strip() == "[] 0"
    assert "7,999 rows counted, 1 set aside, 3 windows" in done.stdout


def test_dry_run_writes_results_and_touches_no_store(
    model_file: Path, log: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    out = tmp_path / "out.json"
    asked = ["monitor", str(model_file), "--log", log, "--dry-run", "--json", "--out", str(out)]
    assert main(asked) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(out.read_text())
    assert not (tmp_path / "data").exists()


def test_fail_on_answers_by_the_newest_window(model_file: Path, log: str, capsys: pytest.CaptureFixture[str]) -> None:
    newest = {each.verdict.level for each in monitored(model_file, log).results if each.window.label == "2026-03"}
    expected = 1 if newest & {Level.AMBER, Level.RED} else 0
    assert main(["monitor", str(model_file), "--log", log, "--dry-run", "--fail-on", "amber"]) == expected
    assert capsys.readouterr().err == ""


def test_refusals_leave_by_exit_code_two(model_file: Path, log: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["monitor", str(model_file), "--log", log, "--dry-run", "--engine", "abacus"]) == 2
    assert main(["monitor", str(model_file), "--log", log + "x", "--dry-run", "--json"]) == 2
    said = capsys.readouterr()
    assert "There is no engine 'abacus'" in said.err
    assert json.loads(said.out)["error"] == "LogError"


@pytest.fixture
def store(
    model_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Path:
    """A store in which the model's owner is at the keyboard and the model is registered by its verb."""
    path = tmp_path / "store.duckdb"
    monkeypatch.setenv("PLUMBLINE_STORE", str(path))
    settled(path, {"ana.ito": Role.MODEL_OWNER})
    sit_down_as(monkeypatch, "ana.ito")
    assert main(["register", str(model_file)]) == 0
    capsys.readouterr()
    return path


def test_a_stored_run_stands_in_the_log_with_its_rows(
    store: Path, model_file: Path, log: str, tmp_path: Path, clock: Callable[[], datetime]
) -> None:
    out = tmp_path / "out.json"
    assert main(["monitor", str(model_file), "--log", log, "--out", str(out)]) == 0
    assert main(["verify"]) == 0
    opened = Store.open(store, clock=clock)
    try:
        with opened.read() as cursor:
            kept = profiles.current(cursor, "loans", "1.0")
            held = results.current(cursor, model_id="loans", version_id="1.0")
    finally:
        opened.close()
    told = json.loads(out.read_text())
    assert {one.window.label: one.sha256 for one in kept} == {
        window: summary["sha256"] for window, summary in told["profile"]["windows"].items()
    }
    assert sorted(json.dumps(one.result.as_json()) for one in held) == sorted(map(json.dumps, told["results"]))


def test_a_refused_log_leaves_the_store_as_it_was(store: Path, model_file: Path, log: str) -> None:
    model_file.write_text(MODEL.replace('score = "score"', 'score = "scroe"'))
    assert main(["monitor", str(model_file), "--log", log]) == 2
    opened = Store.open(store, clock=lambda: NOW)
    try:
        with opened.read() as cursor:
            assert results.current(cursor, model_id="loans", version_id="1.0") == ()
    finally:
        opened.close()


def test_a_model_that_nobody_registered_is_refused(store: Path, model_file: Path, log: str) -> None:
    model_file.write_text(MODEL.replace('id = "loans"', 'id = "others"'))
    assert main(["monitor", str(model_file), "--log", log]) == 2
    assert store.exists()
