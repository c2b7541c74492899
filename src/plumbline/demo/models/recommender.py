"""Offer recommender: one holiday is only a season, the next changes behaviour; new users' complaints double."""

from __future__ import annotations

import numpy as np
import pandas as pd

from plumbline.demo.calendar import Months, Volume, season
from plumbline.demo.draws import bernoulli, category, outcome, standardise
from plumbline.demo.sample_model import Recipe, as_scored
from plumbline.demo.training import Trained, fit_pipeline, logistic

NUMERIC = ("visits_30d", "days_since_click", "offer_value", "affinity", "holiday")
CHANGED = (13, 14)  # December 2025 and January 2026
COMPLAINTS_DOUBLE = 18  # May 2026


def draw(rng: np.random.Generator, months: Months) -> pd.DataFrame:
    rows = months.size
    holiday = np.isin(season(months), (12, 1))
    changed = np.isin(months, CHANGED)
    frame = pd.DataFrame(
        {
            "visits_30d": rng.poisson(6.0, rows),
            "days_since_click": np.round(rng.exponential(16.0, rows)),
            "offer_value": np.round(rng.lognormal(2.6, 0.5, rows), 2),
            "affinity": np.round(rng.beta(2.0, 2.5, rows), 3),
            "holiday": holiday.astype(np.int64),
            "tenure": category(rng, rows, ("new", "settled"), (0.3, 0.7)),
            "device": category(rng, rows, ("phone", "desktop", "tablet"), (0.66, 0.26, 0.08)),
            "sex": category(rng, rows, ("F", "M"), (0.52, 0.48)),
        }
    )
    rate = np.select([changed, holiday], [0.09, 0.16], 0.20)
    frame["label"] = outcome(rng, _interest(frame), rate, np.where(changed, 0.35, 1.35))
    worse = (months >= COMPLAINTS_DOUBLE) & (frame["tenure"].to_numpy() == "new")
    frame["complained"] = bernoulli(rng, np.where(worse, 0.07, 0.035))
    return frame


def _interest(frame: pd.DataFrame) -> np.ndarray:
    return standardise(
        0.2 * frame["visits_30d"].to_numpy()
        - 0.04 * frame["days_since_click"].to_numpy()
        + 0.4 * np.log(frame["offer_value"].to_numpy())
        + 2.4 * frame["affinity"].to_numpy()
    )


def fit(development: pd.DataFrame) -> Trained:
    return fit_pipeline(logistic(NUMERIC, ()), development, NUMERIC, "label")


RECIPE = Recipe(
    id="offer-recommender",
    volume=Volume(live=4000, reference=2000, development=2000),
    draw=draw,
    fit=fit,
    finish=as_scored,
    matures_after=7,
)
