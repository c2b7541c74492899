"""scikit-learn models: trees by shap's TreeExplainer, linear models in closed form, pipelines back to raw columns."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from plumbline.domain.errors import ArtefactError, LogError
from plumbline.domain.explanations import Perturbation, Scale
from plumbline.explain.artefacts import Artefact
from plumbline.explain.attributions import EXACT, PREDICTED_CLASS, Attributions, Matrix, one_class
from plumbline.explain.pipelines import split, transform

if TYPE_CHECKING:
    import pandas as pd

TREE_ROOMS = ("sklearn.tree.", "sklearn.ensemble._forest", "sklearn.ensemble._gb", "sklearn.ensemble._hist")
KNOWN = "Explained are trees, forests, gradient boosting and linear models, alone or behind scalers and one-hot."


def attribute_estimator(artefact: Artefact, rows: pd.DataFrame, background: pd.DataFrame | None) -> Attributions:
    """Attributions in the estimator's own columns, then summed back to the raw columns they came from."""
    steps, final = split(artefact.model)
    room = type(final).__module__ + "."
    try:
        data, owner = transform(steps, rows)
        if room.startswith(TREE_ROOMS):
            found = _trees(artefact, final, data, rows)
        elif room.startswith("sklearn.linear_model."):
            reference = transform(steps, _wanted(background, artefact.name))[0]
            found = _linear(artefact, final, data, reference, rows)
        else:
            raise ArtefactError(
                f"A {type(final).__name__} cannot be explained exactly", where=artefact.name, remedy=KNOWN
            )
    except (ValueError, TypeError) as cause:
        reason = str(cause).strip().splitlines()[0]
        raise LogError(
            f"The model cannot read the rows: {reason}",
            where=artefact.name,
            remedy="Give the rows as they were given in training.",
        ) from cause
    several = len(getattr(artefact.model, "classes_", ())) > 2
    found = replace(found, method=found.method + PREDICTED_CLASS) if several else found
    return _to_raw(found, owner, tuple(str(column) for column in rows.columns))


def _wanted(background: pd.DataFrame | None, where: str) -> pd.DataFrame:
    if background is None or background.empty:
        raise ArtefactError(
            "A linear model is explained against the mean of a background, and none was given",
            where=where,
            remedy="Name the reference rows with --background.",
        )
    return background


def _linear(artefact: Artefact, final: Any, data: Matrix, background: Matrix, rows: pd.DataFrame) -> Attributions:
    """phi_j = coef_j (x_j - mean_j): exact Shapley values when columns are taken as independent.

    Source: Lundberg and Lee 2017, corollary 1; Strumbelj and Kononenko 2014.
    """
    coef, intercept = np.atleast_2d(final.coef_), np.atleast_1d(final.intercept_)
    chosen = _chosen(artefact, rows, len(coef))
    mean = background.mean(axis=0)
    return Attributions(
        columns=(),
        values=coef[chosen] * (data - mean),
        base=intercept[chosen] + coef[chosen] @ mean,
        prediction=_margin(artefact, final, rows, chosen),
        scale=Scale.MARGIN,
        perturbation=Perturbation.INDEPENDENT,
        method="coefficient times distance from the background mean (linear, columns independent)",
        tolerance=EXACT,
    )


def _trees(artefact: Artefact, final: Any, data: Matrix, rows: pd.DataFrame) -> Attributions:
    import shap

    _refuse_unknown_to_shap(final, artefact.name)
    explainer = shap.TreeExplainer(final, feature_perturbation="tree_path_dependent")
    raw = np.asarray(explainer.shap_values(data, check_additivity=False), dtype=np.float64)
    bases = np.atleast_1d(np.asarray(explainer.expected_value, dtype=np.float64))
    classes = raw.shape[2] if raw.ndim == 3 else 1
    chosen = _chosen(artefact, rows, classes)
    averaged = hasattr(final, "predict_proba") and not hasattr(final, "decision_function")
    return Attributions(
        columns=(),
        values=one_class(raw, chosen) if raw.ndim == 3 else raw,
        base=bases[chosen],
        prediction=_margin(artefact, final, rows, chosen),
        scale=Scale.PROBABILITY if averaged else Scale.MARGIN,
        perturbation=Perturbation.PATH_DEPENDENT,
        method="shap TreeExplainer (path-dependent TreeSHAP)",
        tolerance=EXACT,
    )


def _refuse_unknown_to_shap(final: Any, where: str) -> None:
    several = type(final).__name__ == "GradientBoostingClassifier" and len(final.classes_) > 2
    if several or getattr(final, "is_categorical_", None) is not None:
        what = "several classes" if several else "category columns"
        raise ArtefactError(
            f"shap cannot explain scikit-learn's {type(final).__name__} with {what}",
            where=where,
            remedy="Train it with LightGBM or XGBoost, which explain themselves.",
        )


def _chosen(artefact: Artefact, rows: pd.DataFrame, outputs: int) -> NDArray[np.intp]:
    """Which output speaks for each row: the only one, the positive class of two, the predicted one of several."""
    if outputs == 1:
        return np.zeros(len(rows), dtype=np.intp)
    if not hasattr(artefact.model, "classes_"):
        raise ArtefactError(
            "The model predicts several numbers at once", where=artefact.name, remedy="Explain one at a time."
        )
    classes = artefact.model.classes_
    if len(classes) == 2:
        return np.ones(len(rows), dtype=np.intp)
    return np.asarray(np.searchsorted(classes, artefact.model.predict(rows)), dtype=np.intp)


def _margin(artefact: Artefact, final: Any, rows: pd.DataFrame, chosen: NDArray[np.intp]) -> Matrix:
    """The whole artefact's own answer to the raw rows, on the scale of its attributions; a log link is undone."""
    model = artefact.model
    if hasattr(model, "decision_function"):
        answer = np.asarray(model.decision_function(rows), dtype=np.float64)
    elif hasattr(model, "predict_proba"):
        answer = np.asarray(model.predict_proba(rows), dtype=np.float64)
    else:
        answer = np.asarray(model.predict(rows), dtype=np.float64).reshape(len(rows))
        return np.log(answer) if _log_link(final) else answer
    return answer if answer.ndim == 1 else answer[np.arange(len(rows)), chosen]


def _log_link(final: Any) -> bool:
    name = type(final).__name__
    if name == "TweedieRegressor":
        return bool(final.link == "log" or (final.link == "auto" and final.power > 0))
    return name in ("PoissonRegressor", "GammaRegressor") or getattr(final, "loss", "") in ("poisson", "gamma")


def _to_raw(found: Attributions, owner: NDArray[np.intp], columns: tuple[str, ...]) -> Attributions:
    values = np.zeros((len(found.values), len(columns)))
    np.add.at(values.T, owner, found.values.T)
    return replace(found, columns=columns, values=values)
