"""`plumbline explain`: from a model file to attributions in the store, in a file, or only on the screen."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from tests.entries import LOAN_MODEL_FILE

from plumbline.cli.main import main
from plumbline.domain.people import Role
from plumbline.policy.load import load_policy
from plumbline.services import identity
from plumbline.services.context import Context
from plumbline.services.governance import handle_together
from plumbline.store import explanations
from plumbline.store.database import Store
from plumbline.workflow import commands as c
from plumbline.workflow.people import SYSTEM

NOON = datetime(2026, 10, 31, 12, 0, tzinfo=UTC)
PASSWORD = "a long password"
ROWS = 200


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model file with its artefact and rows beside it."""
    rng = np.random.default_rng(7)
    rows = pd.DataFrame({"term": rng.normal(size=ROWS), "jobs": rng.integers(0, 5, ROWS)})
    train(rows, tmp_path / "model.txt", trees=5)
    rows.insert(0, "id", [f"loan-{i}" for i in range(ROWS)])
    rows.to_parquet(tmp_path / "rows.parquet")
    (tmp_path / "model.toml").write_text(LOAN_MODEL_FILE)
    return tmp_path


def train(rows: pd.DataFrame, path: Path, *, trees: int) -> None:
    data = lightgbm.Dataset(rows[["term", "jobs"]], rows["term"] > 0.3)
    lightgbm.train({"objective": "binary", "verbose": -1, "num_leaves": 7}, data, trees).save_model(path)


@pytest.fixture
def store(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with the owner and an auditor, and the model registered by the command line itself."""
    path = folder / "plumbline.duckdb"
    numbers = iter(range(1000))
    opened = Store.open(path, clock=lambda: NOON)
    ctx = Context(opened, lambda: NOON, lambda: f"id-{next(numbers)}", load_policy())
    commands: list[c.Command] = []
    for user_id, role in (("ana.ito", Role.MODEL_OWNER), ("otto.berg", Role.AUDITOR), ("ada.min", Role.ADMINISTRATOR)):
        hashed = identity.hash_password(PASSWORD)
        commands += [
            c.AddPerson(user_id=user_id, name=user_id.title(), password_hash=hashed, initial=False),
            c.GrantRole(user_id=user_id, role=role),
        ]
    handle_together(ctx, commands, SYSTEM)
    opened.close()
    monkeypatch.setenv("PLUMBLINE_USER", "ana.ito")
    monkeypatch.setenv("PLUMBLINE_PASSWORD", PASSWORD)
    monkeypatch.setenv("PLUMBLINE_STORE", str(path))
    assert main(["register", str(folder / "model.toml")]) == 0
    return path


def explain(folder: Path, *words: str) -> int:
    return main(["explain", str(folder / "model.toml"), "--rows", str(folder / "rows.parquet"), *words])


def test_a_dry_run_needs_no_store(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(folder, "--dry-run", "--json", "--store", str(folder / "none.duckdb")) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["rows"], answer["scale"], answer["perturbation"]) == (ROWS, "margin", "path_dependent")
    assert answer["importance"][0]["column"] == "term"
    assert "explanation" not in answer
    assert not (folder / "none.duckdb").exists()


def test_out_holds_every_row_though_the_sample_is_small(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = folder / "out.parquet"
    assert explain(folder, "--dry-run", "--sample", "20", "--out", str(out)) == 0
    assert "20 of 200 rows explained" in capsys.readouterr().out
    assert pq.read_table(out).num_rows == 2 * ROWS


def test_recording_stores_the_sample_with_its_hash(
    folder: Path, store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explain(folder, "--sample", "20") == 0
    said = capsys.readouterr().out
    opened = Store.open(store, clock=lambda: NOON)
    with opened.read() as cursor:
        kept = explanations.latest(cursor, "sba-default", "1.0")
    opened.close()
    assert kept is not None
    assert (kept.explanation.rows, kept.explanation.rows_available) == (20, ROWS)
    assert kept.recorded_by == "ana.ito"
    assert f"Recorded as explanation {kept.id}" in said
    assert main(["verify"]) == 0


def test_an_auditor_cannot_record(
    folder: Path, store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PLUMBLINE_USER", "otto.berg")
    assert explain(folder, "--store", str(store)) == 2
    assert "Auditor may not record explanation" in capsys.readouterr().err


def test_another_artefact_than_the_registered_one_is_refused(
    folder: Path, store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train(pd.read_parquet(folder / "rows.parquet"), folder / "other.txt", trees=9)
    assert explain(folder, "--artifact", str(folder / "other.txt"), "--store", str(store)) == 2
    assert "not the registered one" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--artifact", "gone.txt"], "no such artefact"),
        (["--sample", "0"], "at least one row"),
        (["--out", "/nowhere/out.parquet"], "cannot be written"),
        (["--background", "gone.csv"], "no such file or folder of rows"),
    ],
)
def test_unusable_requests_are_refused(
    folder: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explain(folder, "--dry-run", *words) == 2
    assert said in capsys.readouterr().err
