"""Attributions add up to the model's own prediction, on the scale they name, in raw columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, PoissonRegressor, Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from plumbline.domain.errors import ArtefactError, LogError
from plumbline.domain.explanations import Perturbation, Scale
from plumbline.explain.artefacts import Artefact, load
from plumbline.explain.attributions import Attributions, attribute, check_additivity


def numeric(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[["term", "jobs"]].fillna(0)


def behind(final: Any) -> Pipeline:
    """One-hot and scaled columns in another order than the raw ones."""
    gaps = make_pipeline(SimpleImputer(), StandardScaler())
    return make_pipeline(
        ColumnTransformer([("one-hot", OneHotEncoder(), ["sector"]), ("scaled", gaps, ["jobs", "term"])]), final
    )


def saved(model: Any, folder: Path) -> Artefact:
    import skops.io  # only here: it looks through all that is imported, seconds in a process that collects all tests

    skops.io.dump(model, folder / "model.skops")
    return load(folder / "model.skops")


@pytest.mark.parametrize(
    ("model", "scale"),
    [
        (DecisionTreeClassifier(max_depth=3), Scale.PROBABILITY),
        (RandomForestClassifier(5, random_state=7), Scale.PROBABILITY),
        (ExtraTreesRegressor(5, random_state=7), Scale.MARGIN),
        (GradientBoostingClassifier(n_estimators=5), Scale.MARGIN),
        (HistGradientBoostingClassifier(max_iter=5), Scale.MARGIN),
        (HistGradientBoostingRegressor(loss="poisson", max_iter=5), Scale.MARGIN),
    ],
)
def test_sklearn_trees(model: Any, scale: Scale, rows: pd.DataFrame, outcome: np.ndarray, tmp_path: Path) -> None:
    data = numeric(rows)
    found = attribute(saved(model.fit(data, outcome), tmp_path), data, None)
    assert found.scale is scale
    assert found.perturbation is Perturbation.PATH_DEPENDENT
    assert found.base + found.values.sum(axis=1) == pytest.approx(found.prediction, abs=1e-6)
    answer = model.predict_proba(data)[:, 1] if hasattr(model, "predict_proba") else model.predict(data)
    assert _on(scale, model, found.prediction) == pytest.approx(answer, abs=1e-9)


def _on(scale: Scale, model: Any, prediction: np.ndarray) -> np.ndarray:
    if scale is Scale.PROBABILITY or isinstance(model, ExtraTreesRegressor):
        return prediction
    odds = np.exp(prediction)
    return np.asarray(odds if isinstance(model, HistGradientBoostingRegressor) else odds / (1 + odds))


def test_lightgbm_reads_text_levels_as_in_training(
    lightgbm_file: Path, rows: pd.DataFrame, text_rows: pd.DataFrame
) -> None:
    artefact = load(lightgbm_file)
    found = attribute(artefact, text_rows.iloc[::-1], None)
    assert found.prediction[::-1] == pytest.approx(artefact.model.predict(rows, raw_score=True), abs=1e-12)
    assert np.abs(found.values[:, 2]).max() > 0.1


def test_xgboost_reads_text_levels_as_in_training(
    xgboost_file: Path, rows: pd.DataFrame, text_rows: pd.DataFrame
) -> None:
    artefact = load(xgboost_file)
    found = attribute(artefact, text_rows.iloc[::-1], None)
    margin = artefact.model.predict(xgboost.DMatrix(rows, enable_categorical=True), output_margin=True)
    assert found.prediction[::-1] == pytest.approx(margin.astype(float), abs=1e-6)
    assert found.tolerance == 1e-4


@pytest.mark.parametrize("model", [LogisticRegression(), Ridge(), PoissonRegressor()])
def test_linear_behind_one_hot_returns_to_raw_columns(
    model: Any, text_rows: pd.DataFrame, outcome: np.ndarray, tmp_path: Path
) -> None:
    artefact = saved(behind(model).fit(text_rows, outcome), tmp_path)
    found = attribute(artefact, text_rows, text_rows)
    assert found.columns == ("term", "jobs", "sector")
    assert found.perturbation is Perturbation.INDEPENDENT
    # Against its own background a linear model's attributions cancel out over the rows, column by column.
    assert found.values.mean(axis=0) == pytest.approx(np.zeros(3), abs=1e-9)
    # Of "jobs" nothing but its own value may speak.
    by_jobs = pd.Series(found.values[:, 1]).groupby(text_rows["jobs"]).nunique()
    assert (by_jobs == 1).all()


def test_several_classes_are_explained_for_the_predicted_one(text_rows: pd.DataFrame, tmp_path: Path) -> None:
    classes = np.random.default_rng(9).choice(["a", "b", "c"], len(text_rows))
    model = behind(LogisticRegression()).fit(text_rows, classes)
    found = attribute(saved(model, tmp_path), text_rows, text_rows)
    assert found.prediction == pytest.approx(model.decision_function(text_rows).max(axis=1))
    assert found.method.endswith("predicted class")


def test_a_linear_model_wants_a_background(text_rows: pd.DataFrame, outcome: np.ndarray, tmp_path: Path) -> None:
    artefact = saved(behind(LogisticRegression()).fit(text_rows, outcome), tmp_path)
    with pytest.raises(ArtefactError, match="--background"):
        attribute(artefact, text_rows, None)


@pytest.mark.parametrize("model", [SVC(), make_pipeline(PCA(1), LogisticRegression())])
def test_what_cannot_be_exact_is_refused(model: Any, rows: pd.DataFrame, outcome: np.ndarray, tmp_path: Path) -> None:
    data = numeric(rows)
    artefact = saved(model.fit(data, outcome), tmp_path)
    with pytest.raises(ArtefactError, match=r"cannot be explained exactly|mixes columns"):
        attribute(artefact, data, data)


def test_text_where_a_number_belongs_is_located(lightgbm_file: Path, text_rows: pd.DataFrame) -> None:
    spoilt = text_rows.assign(jobs=["3"] * 5 + ["many"] * (len(text_rows) - 5))
    with pytest.raises(LogError, match=r"'jobs' .*row 6, value 'many'"):
        attribute(load(lightgbm_file), spoilt, None)


def test_a_sum_that_misses_is_an_error() -> None:
    zero = np.zeros(2)
    found = Attributions(
        ("a",), np.array([[0.5], [0.0]]), zero, zero, Scale.MARGIN, Perturbation.PATH_DEPENDENT, "none", 1e-6
    )
    with pytest.raises(ArtefactError, match=r"1 of 2 rows do not add up .*row 1 misses by 0\.5"):
        check_additivity(found, "model.txt")


def test_a_sum_that_is_not_a_number_is_an_error() -> None:
    lost = np.array([np.nan])
    found = Attributions(("a",), np.array([[0.5]]), lost, lost, Scale.MARGIN, Perturbation.PATH_DEPENDENT, "none", 1e-6)
    with pytest.raises(ArtefactError, match="1 of 1 rows"):
        check_additivity(found, "model.txt")


def test_boosters_of_several_classes_add_up_for_the_predicted_one(rows: pd.DataFrame, tmp_path: Path) -> None:
    classes = np.random.default_rng(9).integers(0, 3, len(rows))
    data = lightgbm.Dataset(rows, classes)
    lightgbm.train({"objective": "multiclass", "num_class": 3, "verbose": -1}, data, 3).save_model(tmp_path / "m.txt")
    matrix = xgboost.DMatrix(rows, classes, enable_categorical=True)
    xgboost.train({"objective": "multi:softprob", "num_class": 3}, matrix, 3).save_model(tmp_path / "m.json")
    for name in ("m.txt", "m.json"):
        found = attribute(load(tmp_path / name), rows, None)
        assert found.values.shape == rows.shape
        assert found.base + found.values.sum(axis=1) == pytest.approx(found.prediction, abs=found.tolerance)
        assert len(np.unique(found.base)) > 1


def test_the_linear_booster_is_refused_because_its_parts_mean_something_else(
    rows: pd.DataFrame, outcome: np.ndarray, tmp_path: Path
) -> None:
    data = numeric(rows)
    booster = xgboost.train({"booster": "gblinear", "objective": "binary:logistic"}, xgboost.DMatrix(data, outcome), 2)
    booster.save_model(tmp_path / "model.json")
    with pytest.raises(ArtefactError, match="measures from zero"):
        attribute(load(tmp_path / "model.json"), data, None)
