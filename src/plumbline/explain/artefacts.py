"""Model files opened without running anything in them: LightGBM text, XGBoost JSON or UBJ, scikit-learn in .skops."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from plumbline.domain.errors import ArtefactError, NotFound

PICKLES = {".pkl", ".pickle", ".joblib", ".dill", ".sav", ".cloudpickle", ".pt", ".bin"}
PICKLE_MAGIC = tuple(b"\x80" + bytes([protocol]) for protocol in range(2, 6))
ANY_PICKLE = (
    "In the environment that made it, save it again in a format that holds data only: "
    "LightGBM `model.booster_.save_model('model.txt')`; XGBoost `model.save_model('model.json')`; scikit-learn "
    "`python -c \"import joblib, skops.io; skops.io.dump(joblib.load('{name}'), 'model.skops')\"`."
)


class Family(StrEnum):
    """Which library answers for the model."""

    LIGHTGBM = "LightGBM"
    XGBOOST = "XGBoost"
    SKLEARN = "scikit-learn"


@dataclass(frozen=True, slots=True)
class Artefact:
    """A model in memory; `columns` are the raw columns it wants, in order, empty when the file names none."""

    name: str
    sha256: str
    family: Family
    model: Any
    columns: tuple[str, ...]


def load(path: Path) -> Artefact:
    """Open a model file by its suffix; `ArtefactError` for pickles, foreign types and broken files."""
    if not path.is_file():
        raise NotFound("There is no such artefact", where=str(path), remedy="Check the path.")
    content = path.read_bytes()
    _refuse_pickle(path, content)
    family, opened = _opener(path)
    model, columns = opened(path)
    return Artefact(path.name, hashlib.sha256(content).hexdigest(), family, model, columns)


def _refuse_pickle(path: Path, content: bytes) -> None:
    if path.suffix.lower() in PICKLES or content.startswith(PICKLE_MAGIC):
        raise ArtefactError(
            "The artefact is a pickle, and opening a pickle runs whatever program was put into it; it was not opened",
            where=str(path),
            remedy=ANY_PICKLE.format(name=path.name),
        )


def _opener(path: Path) -> tuple[Family, Callable[[Path], tuple[Any, tuple[str, ...]]]]:
    openers: dict[str, tuple[Family, Callable[[Path], tuple[Any, tuple[str, ...]]]]] = {
        ".txt": (Family.LIGHTGBM, _lightgbm),
        ".json": (Family.XGBOOST, _xgboost),
        ".ubj": (Family.XGBOOST, _xgboost),
        ".skops": (Family.SKLEARN, _sklearn),
    }
    try:
        return openers[path.suffix.lower()]
    except KeyError:
        raise ArtefactError(
            f"The suffix '{path.suffix}' is no model format known here",
            where=str(path),
            remedy="Known are .txt (LightGBM), .json and .ubj (XGBoost) and .skops (scikit-learn).",
        ) from None


def _lightgbm(path: Path) -> tuple[Any, tuple[str, ...]]:
    # LightGBM's own reader takes any text and answers with an empty model or worse.
    if not path.read_bytes().startswith(b"tree\n"):
        raise ArtefactError("This is not a LightGBM model in text form", where=str(path), remedy=SAVE_LIGHTGBM)
    import lightgbm

    try:
        booster = lightgbm.Booster(model_file=path)
    except lightgbm.basic.LightGBMError as cause:
        raise ArtefactError(f"LightGBM cannot read the model: {cause}", where=str(path), remedy=SAVE_LIGHTGBM) from None
    names = tuple(booster.feature_name())
    return booster, () if names == tuple(f"Column_{i}" for i in range(len(names))) else names


def _xgboost(path: Path) -> tuple[Any, tuple[str, ...]]:
    import xgboost

    booster = xgboost.Booster()
    try:
        booster.load_model(path)
    except (xgboost.core.XGBoostError, ValueError) as cause:
        # Its first line opens with a clock time and a line of its own source.
        reason = re.sub(r"^\[[^]]*\] \S+: ", "", str(cause).strip().splitlines()[0])
        raise ArtefactError(
            f"XGBoost cannot read the model: {reason}", where=str(path), remedy="Save it with `save_model`."
        ) from None
    return booster, tuple(booster.feature_names or ())


def _sklearn(path: Path) -> tuple[Any, tuple[str, ...]]:
    from plumbline.explain.skops_files import load_estimator

    model = load_estimator(path)
    return model, tuple(str(name) for name in getattr(model, "feature_names_in_", ()))


SAVE_LIGHTGBM = "Save it with `booster.save_model('model.txt')`."
