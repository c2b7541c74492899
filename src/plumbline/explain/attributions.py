"""The question every model is asked: what did each raw column add to this score, and does the sum come out right?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from plumbline.domain.errors import ArtefactError
from plumbline.domain.explanations import Perturbation, Scale
from plumbline.explain.artefacts import Artefact, Family

if TYPE_CHECKING:
    import pandas as pd

EXACT, SINGLE_PRECISION = 1e-6, 1e-4
# Said in the method, because rows of several classes are measured from different base values.
PREDICTED_CLASS = ", for each row's predicted class"
Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Attributions:
    """`values` is rows x raw columns; `base` and `prediction` have one number a row, on `scale`."""

    columns: tuple[str, ...]
    values: Matrix
    base: Matrix
    prediction: Matrix
    scale: Scale
    perturbation: Perturbation
    method: str
    tolerance: float


def attribute(artefact: Artefact, rows: pd.DataFrame, background: pd.DataFrame | None) -> Attributions:
    """Attributions of `rows` (the model's raw columns, in its order), each row's sum checked.

    `background` is needed by linear models alone: trees know their training cover. A multiclass model is
    explained for the class it predicts in each row. Raises `ArtefactError` when a sum misses its prediction.
    """
    found = _by_family(artefact, rows, background)
    check_additivity(found, artefact.name)
    return found


def check_additivity(found: Attributions, where: str) -> None:
    """base + sum of attributions = prediction in every row (local accuracy; Lundberg and Lee 2017, property 1)."""
    miss = np.abs(found.base + found.values.sum(axis=1) - found.prediction)
    allowed = found.tolerance * np.maximum(1.0, np.abs(found.prediction))
    wrong = np.flatnonzero(~(miss <= allowed))
    if wrong.size:
        first = int(wrong[0])
        raise ArtefactError(
            f"Attributions of {wrong.size} of {miss.size} rows do not add up to the prediction; "
            f"row {first + 1} misses by {miss[first]:.3g}",
            where=where,
            remedy="Nothing was kept: such attributions explain another model than the one that scored.",
        )


def one_class(raw: NDArray[Any], chosen: NDArray[np.intp]) -> Matrix:
    """From rows x columns x classes, the slice of each row's chosen class.

    >>> one_class(np.array([[[1.0, 2.0]], [[3.0, 4.0]]]), np.array([1, 0])).tolist()
    [[2.0], [3.0]]
    """
    return np.asarray(raw[np.arange(len(raw)), :, chosen], dtype=np.float64)


def _by_family(artefact: Artefact, rows: pd.DataFrame, background: pd.DataFrame | None) -> Attributions:
    if artefact.family is Family.SKLEARN:
        from plumbline.explain.estimators import attribute_estimator

        return attribute_estimator(artefact, rows, background)
    from plumbline.explain.boosters import attribute_lightgbm, attribute_xgboost

    booster = attribute_lightgbm if artefact.family is Family.LIGHTGBM else attribute_xgboost
    return booster(artefact, rows)
