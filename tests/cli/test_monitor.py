"""What `plumbline monitor` says to a person: the newest figures first, alarms once each, the rest counted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from plumbline.cli.main import main
from plumbline.cli.progress import Progress

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
timestamp = "when"
score = "score"
label = "label"
reference = { column = "split", equals = "reference" }
numeric = ["income"]
segments = ["sector"]
"""
MONTHS = ["2025-12-01", "2026-01-10", "2026-03-10"]


@pytest.fixture
def log() -> dict[str, object]:
    """A reference, a January like it, no February, and a March in which everything moved."""
    rng = np.random.default_rng(5)
    month = np.repeat([0, 1, 2], 3_000)
    score = np.clip(rng.beta(2, 4, 9_000) + np.where(month == 2, 0.3, 0.0), 0, 1)
    return {
        "when": np.array(MONTHS, dtype="datetime64[us]")[month],
        "score": score,
        "label": (rng.random(9_000) < np.where(month == 2, score / 3, score)).astype(int),
        "split": np.where(month == 0, "reference", "production"),
        "income": rng.lognormal(10, 1, 9_000) * np.where(month == 2, 3.0, 1.0),
        "sector": rng.choice([f"s{at:02d}" for at in range(4)], 9_000),
    }


def said(tmp_path: Path, log: dict[str, object], capsys: pytest.CaptureFixture[str]) -> list[str]:
    (tmp_path / "m.toml").write_text(MODEL)
    pq.write_table(pa.table(log), tmp_path / "log.parquet")
    assert main(["monitor", str(tmp_path / "m.toml"), "--log", str(tmp_path / "log.parquet"), "--dry-run"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out.splitlines()


def test_the_models_own_figures_come_first_and_alarms_once(
    tmp_path: Path, log: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    lines = said(tmp_path, log, capsys)
    assert "9,000 rows counted, 0 set aside, 3 windows (2026-01 to 2026-03)" in lines[0]
    assert "no rows in 2026-02" in lines[1]
    newest = lines.index("Newest window, 2026-03, 3,000 rows:")
    assert "roc_auc" in lines[newest + 1]
    head = next(at for at, line in enumerate(lines) if line.startswith("Red or amber, the model before"))
    alarms = [line for line in lines[head + 1 :] if line.startswith(("  red", "  amber"))]
    subjects = [line[9:].split(" (")[0] for line in alarms]
    assert len(subjects) == len(set(subjects)) == 10
    model, column, segment = (
        next(at for at, subject in enumerate(subjects) if subject.startswith(start))
        for start in ("observed_expected", "psi of income", "observed_expected, sector")
    )
    assert model < column < segment
    assert lines[-1].startswith("  ... and ")
    assert lines[-1].endswith("of them of segments; --out FILE.json writes all.")


def test_one_class_only_is_answered_with_the_reason(
    tmp_path: Path, log: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    lines = said(tmp_path, log | {"label": np.zeros(9_000, dtype=int)}, capsys)
    auc = next(line for line in lines if "roc_auc" in line)
    assert auc.startswith("  grey")
    assert "Only one outcome is present" in auc


def test_a_column_without_a_value_is_said(
    tmp_path: Path, log: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    lines = said(tmp_path, log | {"income": pa.nulls(9_000, pa.float64())}, capsys)
    assert "  note: Without a single value: income." in lines


def test_the_progress_bar_ends_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    told = Progress()
    told(1_000, 2_000, "2 of 3 windows")
    assert "50 %  1,000 of 2,000 rows, 2 of 3 windows" in capsys.readouterr().err
    told.began -= 10
    told(1_000, 2_000, "2 of 3 windows")
    assert "windows, 10 s left" in capsys.readouterr().err
    told(2_000, 2_000, "counted")
    assert capsys.readouterr().err.endswith("now judged\n")


def test_unlike_steps_promise_no_time(capsys: pytest.CaptureFixture[str]) -> None:
    told = Progress("proofs", "looked at all", even=False)
    told.began -= 10
    told(4, 7, "monitoring")
    assert capsys.readouterr().err.endswith(" 57 %  4 of 7 proofs, monitoring")
    told(7, 7, "")
    assert capsys.readouterr().err.endswith("100 %  looked at all\n")


def test_silent_failures_stand_above_every_figure(
    tmp_path: Path, log: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    """The log has no rows in February."""
    lines = said(tmp_path, log, capsys)
    silent = lines.index("Silent failures, to be settled before anything below is believed:")
    assert lines[silent + 1].startswith("  red    no_data (2026-02): No data in February 2026: no row came, where")
    assert silent < next(at for at, line in enumerate(lines) if line.startswith("Newest window"))
    assert not [line for line in lines[silent + 2 :] if "no_data" in line or "silent_failures" in line]
