"""Trains the sample models for real, and saves each as its artefact, never as a pickle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Predict = Callable[[pd.DataFrame], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Trained:
    """An artefact's file name and bytes, and what it predicts from a frame of raw columns."""

    name: str
    content: bytes
    predict: Predict
    classes: tuple[str, ...] = ()


def logistic(numeric: Sequence[str], categorical: Sequence[str]) -> Any:
    """A scorecard: standardised numbers, one-hot categories, logistic regression."""
    from sklearn.linear_model import LogisticRegression

    return _pipeline(numeric, categorical, LogisticRegression(max_iter=500))


def poisson(numeric: Sequence[str], categorical: Sequence[str]) -> Any:
    """A frequency GLM with a log link."""
    from sklearn.linear_model import PoissonRegressor

    return _pipeline(numeric, categorical, PoissonRegressor(alpha=1e-4, max_iter=300))


def ridge(numeric: Sequence[str], categorical: Sequence[str]) -> Any:
    """A linear forecast, shrunk a little."""
    from sklearn.linear_model import Ridge

    return _pipeline(numeric, categorical, Ridge(alpha=10.0))


def _pipeline(numeric: Sequence[str], categorical: Sequence[str], model: Any) -> Any:
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    parts = [("numeric", StandardScaler(), list(numeric))]
    if categorical:
        parts.append(("categorical", OneHotEncoder(handle_unknown="ignore"), list(categorical)))
    return Pipeline([("columns", ColumnTransformer(parts)), ("model", model)])


def fit_pipeline(pipeline: Any, frame: pd.DataFrame, columns: Sequence[str], target: str) -> Trained:
    """Fits a scikit-learn pipeline and saves it with skops; predicts the positive class, all classes, or the value."""
    import skops.io

    used = list(columns)
    pipeline.fit(frame[used], frame[target])

    def predict(rows: pd.DataFrame) -> NDArray[np.float64]:
        if not hasattr(pipeline, "predict_proba"):
            return np.asarray(pipeline.predict(rows[used]), dtype=float)
        chances = np.asarray(pipeline.predict_proba(rows[used]), dtype=float)
        return chances[:, 1] if chances.shape[1] == 2 else chances

    classes = tuple(str(name) for name in getattr(pipeline, "classes_", ()))
    return Trained("model.skops", skops.io.dumps(pipeline), predict, classes)


def fit_lightgbm(
    frame: pd.DataFrame, columns: Sequence[str], target: str, *, rounds: int = 60, objective: str = "binary"
) -> Trained:
    """Fits LightGBM on numeric columns and saves its text."""
    import lightgbm

    used = list(columns)
    settings = {
        "objective": objective, "num_leaves": 12, "min_data_in_leaf": 60, "learning_rate": 0.08,
        "verbosity": -1, "seed": 7, "deterministic": True, "force_row_wise": True, "num_threads": 1,
    }  # fmt: skip
    booster = lightgbm.train(settings, lightgbm.Dataset(frame[used], frame[target]), num_boost_round=rounds)

    def predict(rows: pd.DataFrame) -> NDArray[np.float64]:
        return np.asarray(booster.predict(rows[used]), dtype=float)

    return Trained("model.txt", booster.model_to_string().encode(), predict)


def fit_xgboost(frame: pd.DataFrame, columns: Sequence[str], target: str, *, rounds: int = 60) -> Trained:
    """Fits XGBoost on numeric columns (missing allowed) and saves its JSON."""
    import xgboost

    used = list(columns)
    settings = {
        "objective": "binary:logistic", "max_depth": 3, "eta": 0.1, "min_child_weight": 20,
        "tree_method": "hist", "seed": 7, "nthread": 1,
    }  # fmt: skip
    booster = xgboost.train(settings, xgboost.DMatrix(frame[used], frame[target]), num_boost_round=rounds)

    def predict(rows: pd.DataFrame) -> NDArray[np.float64]:
        return np.asarray(booster.predict(xgboost.DMatrix(rows[used])), dtype=float)

    return Trained("model.json", bytes(booster.save_raw("json")), predict)
