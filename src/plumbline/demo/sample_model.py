"""A sample model as its owner would hand it over: a model file, a prediction log, and an artefact."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files

import numpy as np
import pandas as pd

from plumbline.demo.calendar import LOGS_END, Months, Volume, event_times
from plumbline.demo.training import Trained

SEED = 20241101


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How one model comes to be.

    `draw` makes features and outcomes (column `label`) for the month of each row, `fit` trains on the development
    rows, `finish` adds what the model and its users did with the score. Outcomes are null for `matures_after` days.
    """

    id: str
    volume: Volume
    draw: Callable[[np.random.Generator, Months], pd.DataFrame]
    fit: Callable[[pd.DataFrame], Trained] | None
    finish: Callable[[np.random.Generator, pd.DataFrame, Months], pd.DataFrame]
    matures_after: int


@dataclass(frozen=True, slots=True)
class SampleModel:
    """The model file's text, the whole log (reference rows marked in `split`) and the artefact, if there is one."""

    id: str
    file: str
    log: pd.DataFrame
    artefact: Trained | None

    @property
    def reference(self) -> pd.DataFrame:
        return self.log[self.log["split"] == "reference"]

    def as_known_on(self, moment: datetime) -> pd.DataFrame:
        """The log as it stood then: no later row, and no outcome that was not yet known."""
        day = pd.Timestamp(moment).tz_convert("UTC").tz_localize(None)
        known = self.log[self.log["event_time"] < day].copy()
        unknown = known["label_time"].isna() | (known["label_time"] > day)
        known["label"] = known["label"].mask(unknown)
        known["label_time"] = known["label_time"].mask(unknown)
        return known


def make(recipe: Recipe) -> SampleModel:
    """Draws the population, trains on its development year and scores the rest; the same rows every time."""
    rng = np.random.default_rng([SEED, zlib.crc32(recipe.id.encode())])
    months = recipe.volume.months()
    frame = recipe.draw(rng, months)
    artefact = recipe.fit(frame[months < -12]) if recipe.fit else None
    kept = months >= -12
    log, months = frame[kept].reset_index(drop=True), months[kept]
    log.insert(0, "id", [f"{recipe.id}-{row:06d}" for row in range(len(log))])
    log.insert(1, "event_time", event_times(rng, months))
    log.insert(2, "split", np.where(months < 0, "reference", "live"))
    if artefact:
        log = log.join(_scores(artefact, log))
    return SampleModel(recipe.id, model_file(recipe.id), _late(recipe.finish(rng, log, months), recipe), artefact)


def _scores(artefact: Trained, log: pd.DataFrame) -> pd.DataFrame:
    """Column `score`, or `p_` and the class for each class of a multiclass model."""
    scores = artefact.predict(log)
    if scores.ndim == 1:
        return pd.DataFrame({"score": scores}, index=log.index)
    return pd.DataFrame(scores, columns=[f"p_{name}" for name in artefact.classes], index=log.index)


def model_file(model_id: str) -> str:
    """The text of a sample model's file."""
    return (files("plumbline.demo") / "model_files" / f"{model_id}.toml").read_text(encoding="utf-8")


def _late(log: pd.DataFrame, recipe: Recipe) -> pd.DataFrame:
    """Outcomes that are not known yet when the estate's last day ends are null."""
    known = log["event_time"] + pd.Timedelta(days=recipe.matures_after)
    late = known >= pd.Timestamp(LOGS_END).tz_localize(None)
    log["label_time"] = known.mask(late)
    log["label"] = log["label"].mask(late)
    return log


def as_scored(rng: np.random.Generator, log: pd.DataFrame, months: Months) -> pd.DataFrame:
    """Nothing beyond the score: the decision follows from the model file's threshold."""
    del rng, months
    return log
