"""LightGBM and XGBoost explain themselves: exact path-dependent TreeSHAP from their own code (`pred_contrib`)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from plumbline.domain.errors import ArtefactError, LogError
from plumbline.domain.explanations import Perturbation, Scale
from plumbline.explain.artefacts import Artefact
from plumbline.explain.attributions import EXACT, PREDICTED_CLASS, SINGLE_PRECISION, Attributions, one_class

if TYPE_CHECKING:
    import pandas as pd


def attribute_lightgbm(artefact: Artefact, rows: pd.DataFrame) -> Attributions:
    """On the margin, in double precision."""
    booster = artefact.model
    frame = _lightgbm_frame(booster, rows, artefact.name)
    margin = np.asarray(booster.predict(frame, raw_score=True), dtype=np.float64)
    parts = np.asarray(booster.predict(frame, pred_contrib=True), dtype=np.float64)
    if margin.ndim == 2:
        parts = parts.reshape(len(rows), margin.shape[1], -1).transpose(0, 2, 1)
    return _split(rows, margin, parts, "LightGBM pred_contrib (path-dependent TreeSHAP)", EXACT)


def attribute_xgboost(artefact: Artefact, rows: pd.DataFrame) -> Attributions:
    """On the margin, in XGBoost's single precision."""
    import xgboost

    booster = artefact.model
    kind = json.loads(booster.save_config())["learner"]["gradient_booster"]["name"]
    if kind == "gblinear":
        raise ArtefactError(
            "XGBoost's linear booster measures from zero, not from a background, so its parts are no attributions",
            where=artefact.name,
            remedy="Fit the linear model with scikit-learn, or use a tree booster.",
        )
    frame = _xgboost_frame(booster, rows)
    data = xgboost.DMatrix(frame, enable_categorical=True)
    margin = booster.predict(data, output_margin=True).astype(np.float64)
    parts = booster.predict(data, pred_contribs=True).astype(np.float64)
    if parts.ndim == 3:
        parts = parts.transpose(0, 2, 1)
    return _split(rows, margin, parts, "XGBoost pred_contribs (path-dependent TreeSHAP)", SINGLE_PRECISION)


def _split(
    rows: pd.DataFrame, margin: NDArray[Any], parts: NDArray[Any], method: str, tolerance: float
) -> Attributions:
    """Parts hold one number a column and the base value last; of several classes, the predicted one is taken."""
    if margin.ndim == 2:
        chosen = margin.argmax(axis=1)
        parts, margin = one_class(parts, chosen), margin.max(axis=1)
        method += PREDICTED_CLASS
    return Attributions(
        columns=tuple(str(column) for column in rows.columns),
        values=parts[:, :-1],
        base=parts[:, -1],
        prediction=margin,
        scale=Scale.MARGIN,
        perturbation=Perturbation.PATH_DEPENDENT,
        method=method,
        tolerance=tolerance,
    )


def _lightgbm_frame(booster: Any, rows: pd.DataFrame, where: str) -> pd.DataFrame:
    """Category columns by the model's own levels, so that codes mean what they meant in training."""
    import pandas as pd

    levels = booster.pandas_categorical or []
    if not levels:
        return _numbers(rows, set())
    infos = booster.dump_model(num_iteration=1)["feature_infos"]
    names = booster.feature_name()
    by_model = [i for i, name in enumerate(names) if infos.get(name, {}).get("values")]
    # A category column that never split, or was constant, leaves no trace in the model; text columns tell.
    by_type = [i for i in range(rows.shape[1]) if not pd.api.types.is_numeric_dtype(rows.dtypes.iloc[i])]
    chosen = next((found for found in (by_model, by_type) if len(found) == len(levels)), None)
    if chosen is None:
        raise ArtefactError(
            f"The model was trained with {len(levels)} category columns; {len(by_type)} columns of the rows hold text",
            where=where,
            remedy="Give the rows as they were given in training.",
        )
    frame = _numbers(rows, set(chosen))
    for position, known in zip(chosen, levels, strict=True):
        column = frame.columns[position]
        frame[column] = pd.Categorical(rows.iloc[:, position], categories=known)
    return frame


def _xgboost_frame(booster: Any, rows: pd.DataFrame) -> pd.DataFrame:
    """Text where the model has a category; XGBoost maps levels by name itself."""
    kinds = booster.feature_types or ["float"] * rows.shape[1]
    categories = {i for i, kind in enumerate(kinds) if kind == "c"}
    frame = _numbers(rows, categories)
    for position in categories:
        frame[frame.columns[position]] = rows.iloc[:, position].astype("category")
    return frame


def _numbers(rows: pd.DataFrame, besides: set[int]) -> pd.DataFrame:
    """Every other column as float64; a text names its column, row and value."""
    import pandas as pd

    frame = rows.copy()
    for position in set(range(rows.shape[1])) - besides:
        column = rows.iloc[:, position]
        numbers = pd.to_numeric(column, errors="coerce")
        lost = np.flatnonzero(numbers.isna().to_numpy() & column.notna().to_numpy())
        if lost.size:
            at = int(lost[0])
            raise LogError(
                f"The model expects numbers in the column '{column.name}'",
                where=f"explained row {at + 1}, value '{column.iloc[at]}'",
                remedy="Give the rows as they were given in training.",
            )
        frame[rows.columns[position]] = numbers.astype(np.float64)
    return frame
