"""Life lapse: more policies lapse than forecast, evenly, so that ranking holds and calibration alone drifts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from plumbline.demo.calendar import Months, Volume, ramp
from plumbline.demo.draws import category, outcome, standardise
from plumbline.demo.sample_model import Recipe, as_scored
from plumbline.demo.training import Trained, fit_pipeline, logistic

NUMERIC = ("policy_years", "premium", "holder_age", "sum_assured", "missed_premiums")
CATEGORICAL = ("payment", "sold_by")
START, END = 12, 20  # November 2025 to July 2026


def draw(rng: np.random.Generator, months: Months) -> pd.DataFrame:
    rows = months.size
    frame = pd.DataFrame(
        {
            "policy_years": np.round(rng.gamma(2.0, 4.0, rows), 1),
            "premium": np.round(rng.lognormal(3.7, 0.5, rows), 2),
            "holder_age": np.round(np.clip(rng.normal(46, 11, rows), 18, 80)),
            "sum_assured": np.round(rng.lognormal(11.6, 0.6, rows), -3),
            "missed_premiums": rng.poisson(0.3, rows),
            "payment": category(rng, rows, ("monthly", "annual"), (0.78, 0.22)),
            "sold_by": category(rng, rows, ("adviser", "bank", "direct"), (0.5, 0.2, 0.3)),
        }
    )
    frame["label"] = outcome(rng, _risk(frame), 0.15 + 0.10 * ramp(months, START, END), 1.6)
    return frame


def _risk(frame: pd.DataFrame) -> np.ndarray:
    return standardise(
        -0.08 * frame["policy_years"].to_numpy()
        + 0.5 * np.log(frame["premium"].to_numpy())
        - 0.02 * frame["holder_age"].to_numpy()
        + 0.9 * frame["missed_premiums"].to_numpy()
        + 0.5 * (frame["payment"].to_numpy() == "monthly")
        + 0.4 * (frame["sold_by"].to_numpy() == "direct")
    )


def fit(development: pd.DataFrame) -> Trained:
    return fit_pipeline(logistic(NUMERIC, CATEGORICAL), development, NUMERIC + CATEGORICAL, "label")


RECIPE = Recipe(
    id="life-lapse",
    volume=Volume(live=6000, reference=3500, development=6000),
    draw=draw,
    fit=fit,
    finish=as_scored,
    matures_after=60,
)
