"""`selftest` as a shell sees it: what it says, who may store it, and the sentence beside the drift page's list."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.first_steps import settled, sit_down_as

from plumbline.cli.clock import now
from plumbline.cli.main import main
from plumbline.domain.people import Role
from plumbline.domain.self_test import Kept
from plumbline.policy.load import load_policy
from plumbline.services import self_test_view, stored
from plumbline.services.context import Context
from plumbline.services.drift import drift_view
from plumbline.services.evidence import state_of
from plumbline.services.history import told
from plumbline.store.database import Store

FILE = """
[model]
id = "quiet"
name = "Quiet"
purpose = "Where nothing drifts"
owner = "ana"
family = "general"
task = "binary"
[version]
id = "1"
[log]
timestamp = "at"
score = "score"
label = "label"
reference = { column = "split", equals = "reference" }
numeric = ["income"]
categorical = ["channel"]
"""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A store with a model measured in two months, and Ana signed in, who owns it."""
    (tmp_path / "quiet.toml").write_text(FILE)
    _log().to_parquet(tmp_path / "log.parquet", index=False)
    path = tmp_path / "s.duckdb"
    monkeypatch.setenv("PLUMBLINE_STORE", str(path))
    settled(path, {"ana": Role.MODEL_OWNER, "aud": Role.AUDITOR})
    sit_down_as(monkeypatch, "ana")
    assert main(["register", str(tmp_path / "quiet.toml")]) == 0
    assert main(["monitor", str(tmp_path / "quiet.toml"), "--log", str(tmp_path / "log.parquet")]) == 0
    capsys.readouterr()
    return path


def _log() -> pd.DataFrame:
    chance, rows = np.random.default_rng(1), 3_000
    score = chance.beta(2, 6, rows)
    return pd.DataFrame(
        {
            "at": pd.to_datetime(np.repeat(["2026-01-05", "2026-02-05", "2026-03-05"], rows // 3), utc=True),
            "split": np.repeat(["reference", "live", "live"], rows // 3),
            "score": score,
            "label": (chance.random(rows) < score).astype(float),
            "income": chance.normal(30, 8, rows),
            "channel": chance.choice(["branch", "web"], rows),
        }
    )


def test_a_self_test_is_told_stored_and_stands_on_the_drift_page(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "plumbline selftest quiet 1" in _page(store)
    assert main(["selftest", "quiet", "--windows", "12"]) == 0
    said = capsys.readouterr().out
    assert "quiet 1 on counts without drift, n 1\u202f000 a window: of 12 windows " in said
    assert "standard deviations to be watched" in said
    page = _page(store)
    day, _, found = page.partition(" on counts")
    assert day.startswith("Self-test of ")
    # The page says of columns and the budget what the shell said; the other figures are left to it.
    assert f"on counts{found}" in said
    assert "All figures" in said
    assert "All figures" not in page
    with Store.open(store, clock=now).read() as cursor:
        (kept,) = state_of(cursor, "quiet").self_tests
    # Twelve windows, red or not, are no proof of a rate within one in twelve, nor against it.
    assert kept.fact.found.kept is Kept.OPEN
    assert told(kept.fact).endswith("of 12 windows red without drift; budget not settled")
    assert main(["verify"]) == 0


def _page(path: Path) -> str:
    open_store = Store.open(path, clock=now)
    ctx = Context(open_store, now, lambda: "1", load_policy())
    try:
        assert drift_view(ctx, "quiet", "1").self_test == self_test_view.told(ctx, stored.subject(ctx, "quiet", "1"))
        return drift_view(ctx, "quiet", "1").self_test
    finally:
        open_store.close()


def test_a_dry_run_needs_nobody_and_stores_nothing(
    store: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PLUMBLINE_USER")
    assert main(["selftest", "quiet", "1", "--windows", "1", "--dry-run", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["model"], found["version"], found["rates"][0]["red"]["of"]) == ("quiet", "1", 12)
    assert "plumbline selftest" in _page(store)


def test_refused_in_words_and_nothing_stored(
    store: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for words, who, why in (
        (["quiet", "--windows", "12"], "aud", "may not record self test"),
        (["quiet", "--windows", "0"], "ana", "at least one window"),
        (["quiet", "2"], "ana", "no version '2'"),
        (["nobody"], "ana", "No version of nobody was measured"),
    ):
        monkeypatch.setenv("PLUMBLINE_USER", who)
        assert main(["selftest", *words]) == 2
        assert why in capsys.readouterr().err
    assert "plumbline selftest" in _page(store)
