"""Hospital readmission: ranks the young far better than the old, and a laboratory column goes missing in March 2026."""

from __future__ import annotations

import numpy as np
import pandas as pd

from plumbline.demo.calendar import Months, Volume
from plumbline.demo.draws import category, outcome, standardise
from plumbline.demo.sample_model import Recipe, as_scored
from plumbline.demo.training import Trained, fit_xgboost

FEATURES = ("age", "prior_admissions", "length_of_stay", "medications", "haemoglobin", "hba1c")
BANDS = ("18-49", "50-64", "65-79", "80+")
RATE = np.array([0.10, 0.15, 0.24, 0.38])
STRENGTH = np.array([0.84, 0.8, 0.64, 0.2])
LABORATORY_CHANGE = 16  # March 2026


def draw(rng: np.random.Generator, months: Months) -> pd.DataFrame:
    rows = months.size
    band = category(rng, rows, BANDS, (0.35, 0.25, 0.24, 0.16))
    at = np.searchsorted(np.array(BANDS), band.astype(str))
    frame = pd.DataFrame(
        {
            "age": np.floor(np.array([18, 50, 65, 80])[at] + rng.random(rows) * np.array([32, 15, 15, 15])[at]),
            "prior_admissions": rng.poisson(0.9, rows),
            "length_of_stay": np.round(rng.gamma(2.0, 2.4, rows), 1),
            "medications": rng.poisson(7.0, rows),
            "haemoglobin": np.round(rng.normal(12.8, 1.7, rows), 1),
            "hba1c": np.round(rng.normal(6.1, 1.0, rows), 1),
            "age_band": band,
            "admission": category(rng, rows, ("emergency", "planned", "transfer"), (0.58, 0.34, 0.08)),
            "sex": category(rng, rows, ("F", "M"), (0.53, 0.47)),
        }
    )
    frame["label"] = outcome(rng, _risk(frame), RATE[at], STRENGTH[at])
    missing = rng.random(rows) < np.where(months >= LABORATORY_CHANGE, 0.36, 0.05)
    frame["hba1c"] = frame["hba1c"].mask(missing)
    return frame


def _risk(frame: pd.DataFrame) -> np.ndarray:
    return standardise(
        0.9 * frame["prior_admissions"].to_numpy()
        + 0.18 * frame["length_of_stay"].to_numpy()
        + 0.16 * frame["medications"].to_numpy()
        - 0.2 * frame["haemoglobin"].to_numpy()
        + 0.05 * frame["hba1c"].to_numpy()
    )


def fit(development: pd.DataFrame) -> Trained:
    return fit_xgboost(development, FEATURES, "label", rounds=70)


RECIPE = Recipe(
    id="readmission",
    volume=Volume(live=3500, reference=1500, development=2500),
    draw=draw,
    fit=fit,
    finish=as_scored,
    matures_after=30,
)
