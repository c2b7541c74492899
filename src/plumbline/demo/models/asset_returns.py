"""Asset allocation: a monthly return forecast whose intervals grow too narrow from February 2026."""

from __future__ import annotations

import numpy as np
import pandas as pd

from plumbline.demo.calendar import Months, Volume
from plumbline.demo.draws import category
from plumbline.demo.sample_model import Recipe
from plumbline.demo.training import Trained, fit_pipeline, ridge

NUMERIC = ("momentum", "value", "carry", "volatility", "earnings_revision")
RESTLESS = 15  # February 2026
MEAN, NOISE = 0.015, 0.03
HALF_WIDTH = 1.2816 * NOISE  # 80 % of a normal error


def draw(rng: np.random.Generator, months: Months) -> pd.DataFrame:
    rows = months.size
    frame = pd.DataFrame({name: np.round(rng.normal(size=rows), 3) for name in NUMERIC})
    frame["asset_class"] = category(rng, rows, ("equity", "bond", "credit", "commodity"), (0.5, 0.25, 0.15, 0.1))
    frame["region"] = category(rng, rows, ("Europe", "Americas", "Asia"), (0.4, 0.4, 0.2))
    noise = rng.normal(0.0, NOISE * np.where(months >= RESTLESS, 1.5, 1.0), rows)
    frame["label"] = np.round(MEAN + _expected(frame) + noise, 5)
    return frame


def _expected(frame: pd.DataFrame) -> np.ndarray:
    return (
        0.012 * frame["momentum"].to_numpy()
        + 0.010 * frame["value"].to_numpy()
        + 0.008 * frame["carry"].to_numpy()
        - 0.006 * frame["volatility"].to_numpy()
        + 0.010 * frame["earnings_revision"].to_numpy()
    )


def fit(development: pd.DataFrame) -> Trained:
    return fit_pipeline(ridge(NUMERIC, ()), development, NUMERIC, "label")


def finish(rng: np.random.Generator, log: pd.DataFrame, months: Months) -> pd.DataFrame:
    """The forecast's 80 % interval, and whether the return fell inside."""
    del rng, months
    log["interval_low"] = np.round(log["score"] - HALF_WIDTH, 5)
    log["interval_high"] = np.round(log["score"] + HALF_WIDTH, 5)
    log["covered"] = log["label"].between(log["interval_low"], log["interval_high"]).astype(np.int64)
    return log


RECIPE = Recipe(
    id="asset-returns",
    volume=Volume(live=2000, reference=1000, development=600),
    draw=draw,
    fit=fit,
    finish=finish,
    matures_after=31,
)
