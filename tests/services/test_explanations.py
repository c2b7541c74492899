"""From artefact and rows to an explanation: the declared sample, the pinned artefact, the file of all rows."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.entries import LOAN_MODEL_FILE

from plumbline.domain.chain import sha256
from plumbline.domain.errors import ArtefactError, LogError
from plumbline.domain.explanations import Perturbation, Scale
from plumbline.domain.model_file import ModelFile, read_model_file
from plumbline.services.explanations import explain, write

ROWS = 300


@pytest.fixture
def model_file(tmp_path: Path) -> ModelFile:
    (tmp_path / "model.toml").write_text(LOAN_MODEL_FILE)
    return read_model_file(tmp_path / "model.toml")


@pytest.fixture
def log() -> pa.Table:
    rng = np.random.default_rng(7)
    frame = pd.DataFrame({"term": rng.normal(size=ROWS), "jobs": rng.integers(0, 5, ROWS)})
    frame.insert(0, "id", [f"loan-{i}" for i in range(ROWS)])
    return pa.table(frame)


@pytest.fixture
def artefact(log: pa.Table, tmp_path: Path) -> Path:
    rows = log.to_pandas()
    options = {"objective": "binary", "verbose": -1, "num_leaves": 7}
    data = lightgbm.Dataset(rows[["term", "jobs"]], rows["term"] > 0.3)
    lightgbm.train(options, data, 5).save_model(tmp_path / "model.txt")
    return tmp_path / "model.txt"


def test_a_sample_says_what_it_was_drawn_from(model_file: ModelFile, artefact: Path, log: pa.Table) -> None:
    explanation = explain(model_file, artefact, None, log, sample=50, seed=3)
    assert (explanation.rows, explanation.rows_available, explanation.seed) == (50, ROWS, 3)
    assert (explanation.model_id, explanation.version) == ("sba-default", "1.0")
    assert (explanation.scale, explanation.perturbation) == (Scale.MARGIN, Perturbation.PATH_DEPENDENT)
    assert explanation.artefact_sha256 == sha256(artefact.read_bytes())
    assert set(explanation.row_ids) <= set(log["id"].to_pylist())
    assert [column.column for column in explanation.columns] == ["term", "jobs"]
    assert explanation.importance[0].column == "term"


def test_each_row_adds_up(model_file: ModelFile, artefact: Path, log: pa.Table) -> None:
    explanation = explain(model_file, artefact, None, log)
    sums = [
        base + sum(phi for *_, phi in explanation.contributions(i)) for i, base in enumerate(explanation.base_values)
    ]
    assert sums == pytest.approx(explanation.predictions, abs=1e-6)


def test_without_an_id_the_row_number_stands(model_file: ModelFile, artefact: Path, log: pa.Table) -> None:
    nameless = replace(model_file, log=replace(model_file.log, id=None))
    assert explain(nameless, artefact, None, log).row_ids[:2] == ("1", "2")


def test_another_artefact_than_the_version_is_refused(model_file: ModelFile, artefact: Path, log: pa.Table) -> None:
    pinned = replace(model_file, version=replace(model_file.version, artefact_sha256="ab" * 32))
    with pytest.raises(ArtefactError, match=r"not the one of version 1\.0"):
        explain(pinned, artefact, None, log)


def test_a_nameless_artefact_wants_the_columns_in_the_model_file(
    model_file: ModelFile, log: pa.Table, tmp_path: Path
) -> None:
    rows = log.to_pandas()
    data = lightgbm.Dataset(rows[["term", "jobs"]].to_numpy(), rows["term"] > 0.3)
    lightgbm.train({"objective": "binary", "verbose": -1}, data, 3).save_model(tmp_path / "bare.txt")
    with pytest.raises(LogError, match="does not name its columns"):
        explain(model_file, tmp_path / "bare.txt", None, log)
    named = replace(model_file, log=replace(model_file.log, numeric=("term", "jobs")))
    assert explain(named, tmp_path / "bare.txt", None, log).importance[0].column == "term"


def test_the_file_holds_every_row_and_column(
    model_file: ModelFile, artefact: Path, log: pa.Table, tmp_path: Path
) -> None:
    seen: list[tuple[int, int]] = []
    out = tmp_path / "out.parquet"
    assert write(model_file, artefact, None, log, out, progress=lambda done, of: seen.append((done, of))) == ROWS
    table = pq.read_table(out)
    assert table.num_rows == 2 * ROWS
    assert table.column_names == [
        "row", "column", "value", "attribution", "base_value", "prediction", "scale", "perturbation", "standard_error",
    ]  # fmt: skip
    assert seen[-1] == (ROWS, ROWS)


def test_a_refused_run_leaves_no_file(model_file: ModelFile, artefact: Path, log: pa.Table, tmp_path: Path) -> None:
    spoilt = log.set_column(2, "jobs", pa.array(["many"] * ROWS))
    with pytest.raises(LogError, match="'jobs'"):
        write(model_file, artefact, None, spoilt, tmp_path / "out.parquet")
    assert not list(tmp_path.glob("out*"))


def test_serving_does_not_import_what_explaining_needs() -> None:
    heavy = "{'shap', 'sklearn', 'lightgbm', 'xgboost', 'skops', 'numba'}"
    code = f"import sys, plumbline.services.explanations; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
