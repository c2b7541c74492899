"""Small fitted models, saved the way their makers save them, and the rows they were fitted on."""

from __future__ import annotations

from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost


@pytest.fixture(scope="session")
def rows() -> pd.DataFrame:
    """Two numbers, the first with gaps, and a category; seeded."""
    rng = np.random.default_rng(7)
    n = 400
    frame = pd.DataFrame(
        {
            "term": rng.normal(size=n),
            "jobs": rng.integers(0, 5, n),
            "sector": pd.Categorical(rng.choice(["farm", "retail", "trade"], n)),
        }
    )
    frame.loc[::17, "term"] = np.nan
    return frame


@pytest.fixture(scope="session")
def outcome(rows: pd.DataFrame) -> np.ndarray:
    noise = np.random.default_rng(8).normal(size=len(rows))
    return np.asarray(rows["term"].fillna(1) + (rows["sector"] == "farm") + noise > 0.3, dtype=int)


@pytest.fixture(scope="session")
def text_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """The same rows as a log has them: the category is plain text."""
    return rows.assign(sector=rows["sector"].astype(str))


@pytest.fixture(scope="session")
def lightgbm_file(rows: pd.DataFrame, outcome: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("artefacts") / "model.txt"
    options = {"objective": "binary", "verbose": -1, "num_leaves": 7}
    lightgbm.train(options, lightgbm.Dataset(rows, outcome), 10).save_model(path)
    return path


@pytest.fixture(scope="session")
def xgboost_file(rows: pd.DataFrame, outcome: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("artefacts") / "model.json"
    data = xgboost.DMatrix(rows, outcome, enable_categorical=True)
    xgboost.train({"objective": "binary:logistic", "max_depth": 3}, data, 10).save_model(path)
    return path
