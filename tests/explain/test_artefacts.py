"""Artefacts are opened without running anything in them; what cannot be opened so is refused in words."""

from __future__ import annotations

import pickle
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd
import pytest
from sklearn.tree import DecisionTreeClassifier

from plumbline.domain.chain import sha256
from plumbline.domain.errors import ArtefactError, NotFound
from plumbline.explain.artefacts import Family, load


def test_lightgbm_text_names_its_columns(lightgbm_file: Path) -> None:
    artefact = load(lightgbm_file)
    assert artefact.family is Family.LIGHTGBM
    assert artefact.columns == ("term", "jobs", "sector")
    assert artefact.sha256 == sha256(lightgbm_file.read_bytes())


def test_xgboost_json_names_its_columns(xgboost_file: Path) -> None:
    artefact = load(xgboost_file)
    assert artefact.family is Family.XGBOOST
    assert artefact.columns == ("term", "jobs", "sector")


class Bomb:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("name", ["model.pkl", "model.joblib", "model.skops", "model.txt", "model.json"])
def test_a_pickle_is_never_opened_under_any_name(name: str, tmp_path: Path) -> None:
    file, fuse = tmp_path / name, tmp_path / "went-off"
    file.write_bytes(pickle.dumps(Bomb(fuse)))
    with pytest.raises(ArtefactError, match="runs whatever program") as refusal:
        load(file)
    assert "skops.io.dump" in refusal.value.remedy
    assert not fuse.exists()


def test_foreign_types_in_skops_are_named(rows: pd.DataFrame, outcome: np.ndarray, tmp_path: Path) -> None:
    model = lightgbm.LGBMClassifier(n_estimators=1, verbose=-1).fit(rows[["jobs"]], outcome)
    import skops.io  # only here: it looks through all that is imported, seconds in a process that collects all tests

    skops.io.dump(model, tmp_path / "model.skops")
    with pytest.raises(ArtefactError, match=r"lightgbm\.sklearn\.LGBMClassifier"):
        load(tmp_path / "model.skops")


def test_a_forged_tree_is_not_walked(rows: pd.DataFrame, outcome: np.ndarray, tmp_path: Path) -> None:
    model = DecisionTreeClassifier(max_depth=2).fit(rows[["jobs"]], outcome)
    model.tree_.children_left[0] = 10**6
    import skops.io

    skops.io.dump(model, tmp_path / "model.skops")
    with pytest.raises(ArtefactError, match="points outside itself"):
        load(tmp_path / "model.skops")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("model.txt", b"junk", "not a LightGBM model"),
        ("model.json", b"{junk", "XGBoost cannot read the model"),
        ("model.skops", b"PK junk", "not a .skops file"),
        ("model.onnx", b"junk", "no model format known here"),
    ],
)
def test_a_broken_file_is_refused(name: str, content: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ArtefactError, match=words):
        load(tmp_path / name)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"gone\.txt"):
        load(tmp_path / "gone.txt")
