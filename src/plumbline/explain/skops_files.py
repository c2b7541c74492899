"""scikit-learn models from .skops files: only types on a list are built, and their trees are checked before use."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from plumbline.domain.errors import ArtefactError

# skops trusts scikit-learn's own estimators; these are the parts of trees and losses that it leaves to the reader.
TRUSTED = frozenset(
    {
        "numpy.dtype",
        "sklearn._loss.loss.HalfTweedieLoss",
        "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.tree._tree.Tree",
    }
)


def load_estimator(path: Path) -> Any:
    """The fitted estimator; `ArtefactError` names foreign types, which are never built."""
    if not zipfile.is_zipfile(path):
        raise ArtefactError("This is not a .skops file", where=str(path), remedy="Save it with `skops.io.dump`.")
    import skops.io

    try:
        foreign = sorted(set(skops.io.get_untrusted_types(file=path)) - TRUSTED)
        if foreign:
            raise ArtefactError(
                f"The artefact holds types that are not trusted: {', '.join(foreign)}; it was not opened",
                where=str(path),
                remedy="Save the plain scikit-learn model; LightGBM and XGBoost models in their own format.",
            )
        model = skops.io.load(path, trusted=sorted(TRUSTED))
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError) as cause:
        raise ArtefactError(
            f"The .skops file cannot be read: {cause}", where=str(path), remedy="Save it with `skops.io.dump`."
        ) from None
    for nodes in _trees(model):
        _check_tree(nodes, path)
    return model


def _trees(model: Any) -> Iterator[tuple[Any, Any, Any, int]]:
    """(left, right, feature, width) of every tree inside, whatever the estimator's nesting."""
    if hasattr(model, "steps"):
        model = model.steps[-1][1]
    width = int(getattr(model, "n_features_in_", 0))
    members = [model, *np.ravel(getattr(model, "estimators_", ()))]
    for tree in (member.tree_ for member in members if hasattr(member, "tree_")):
        yield tree.children_left, tree.children_right, tree.feature, width
    for predictor in (p for stage in getattr(model, "_predictors", ()) for p in stage):
        nodes = predictor.nodes
        leaf = nodes["is_leaf"].astype(bool)
        yield (
            np.where(leaf, -1, nodes["left"].astype(np.int64)),
            np.where(leaf, -1, nodes["right"].astype(np.int64)),
            nodes["feature_idx"],
            width,
        )


def _check_tree(tree: tuple[Any, Any, Any, int], path: Path) -> None:
    """Compiled code follows these numbers blindly: each child must come after its parent and exist."""
    left, right, feature, width = tree
    inner = np.asarray(left) >= 0
    here = np.arange(len(left))[inner]
    sound = (
        ((left[inner] > here) & (left[inner] < len(left))).all()
        and ((right[inner] > here) & (right[inner] < len(left))).all()
        and ((feature[inner] >= 0) & (feature[inner] < width)).all()
    )
    if not sound:
        raise ArtefactError(
            "A tree of the artefact points outside itself; the file is damaged or forged, and was not used",
            where=str(path),
            remedy="Save the model again from where it was trained.",
        )
