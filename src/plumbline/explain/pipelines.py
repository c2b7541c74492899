"""Which raw column each column behind a scaler or one-hot encoder came from, read from the fitted steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from plumbline.domain.errors import ArtefactError

if TYPE_CHECKING:
    import pandas as pd

    from plumbline.explain.attributions import Matrix

ONE_TO_ONE = {
    "MaxAbsScaler", "MinMaxScaler", "OrdinalEncoder", "PowerTransformer", "QuantileTransformer",
    "RobustScaler", "SimpleImputer", "StandardScaler", "TargetEncoder",
}  # fmt: skip


def split(model: Any) -> tuple[Any | None, Any]:
    """The steps before the estimator (None without any), and the estimator."""
    if type(model).__name__ != "Pipeline":
        return None, model
    return (model[:-1] if len(model.steps) > 1 else None), model.steps[-1][1]


def transform(steps: Any | None, rows: pd.DataFrame) -> tuple[Matrix, NDArray[np.intp]]:
    """(rows x estimator columns, position of the raw column that owns each of them)."""
    names = [str(column) for column in rows.columns]
    if steps is None:
        return rows.to_numpy(dtype=np.float64, na_value=np.nan), np.arange(len(names))
    data = steps.transform(rows)
    dense = data.toarray() if hasattr(data, "toarray") else np.asarray(data)
    owner = np.asarray(_owners(steps, list(range(len(names))), names), dtype=np.intp)
    if len(owner) != dense.shape[1]:
        raise ArtefactError("The pipeline's columns cannot be led back to raw ones", where=type(steps).__name__)
    return np.asarray(dense, dtype=np.float64), owner


def _owners(step: Any, incoming: list[int], names: list[str]) -> list[int]:
    """Raw positions behind the outgoing columns of a step, given those behind the incoming ones."""
    if step is None or step == "passthrough":
        return incoming
    kind = type(step).__name__
    if kind == "Pipeline":
        for _, inner in step.steps:
            incoming = _owners(inner, incoming, names)
        return incoming
    if kind == "ColumnTransformer":
        return _column_transformer(step, incoming, names)
    if kind == "OneHotEncoder":
        widths = step._n_features_outs
        return [raw for raw, width in zip(incoming, widths, strict=True) for _ in range(width)]
    if kind in ONE_TO_ONE and len(incoming) == len(step.get_feature_names_out()):
        return incoming
    raise ArtefactError(
        f"The pipeline step {kind} mixes columns, so what it adds cannot be led back to raw ones",
        where="pipeline",
        remedy="Known steps: scalers, imputers, ordinal and one-hot encoders, in a ColumnTransformer or not.",
    )


def _column_transformer(step: Any, incoming: list[int], names: list[str]) -> list[int]:
    outgoing: dict[int, int] = {}
    for name, inner, chosen in step.transformers_:
        places = step.output_indices_.get(name, slice(0, 0))
        if isinstance(inner, str) and inner == "drop":
            continue
        raws = [incoming[position] for position in _positions(chosen, names)]
        outgoing |= dict(zip(range(places.start, places.stop), _owners(inner, raws, names), strict=True))
    return [outgoing[position] for position in range(len(outgoing))]


def _positions(chosen: Any, names: list[str]) -> list[int]:
    """Columns of a ColumnTransformer, which may be names, positions, a slice or a mask."""
    if isinstance(chosen, str):
        return [names.index(chosen)]
    if isinstance(chosen, slice):
        return list(range(len(names)))[chosen]
    listed = list(chosen) if isinstance(chosen, list | tuple | np.ndarray) else [chosen]
    if listed and isinstance(listed[0], bool | np.bool_):
        return [position for position, wanted in enumerate(listed) if wanted]
    return [names.index(one) if isinstance(one, str) else int(one) for one in listed]
