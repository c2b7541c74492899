"""Mortgage PD: a new application channel reads one income of two, and an approval gap opens in January 2026."""

from __future__ import annotations

import numpy as np
import pandas as pd

from plumbline.demo.calendar import Months, Volume
from plumbline.demo.draws import category, outcome, standardise
from plumbline.demo.sample_model import Recipe, as_scored
from plumbline.demo.training import Trained, fit_lightgbm

FEATURES = ("verified_income", "loan_amount", "loan_to_value", "employment_years", "missed_payments", "savings")
CHANNEL_CHANGE = 14  # January 2026
SECOND_INCOME = {"F": 0.66, "M": 0.06}


def draw(rng: np.random.Generator, months: Months) -> pd.DataFrame:
    rows = months.size
    sex = category(rng, rows, ("F", "M"), (0.47, 0.53))
    two_jobs = rng.random(rows) < np.where(sex == "F", SECOND_INCOME["F"], SECOND_INCOME["M"])
    income = rng.lognormal(10.75, 0.35, rows)
    channel = _channels(rng, months)
    frame = pd.DataFrame(
        {
            "loan_amount": np.round(rng.lognormal(12.2, 0.3, rows), -3),
            "loan_to_value": np.round(np.clip(rng.normal(0.72, 0.14, rows), 0.2, 0.98), 3),
            "employment_years": np.round(rng.gamma(2.0, 3.5, rows), 1),
            "missed_payments": rng.poisson(0.35, rows),
            "savings": np.round(rng.lognormal(9.2, 1.0, rows), -2),
            "channel": channel,
            "region": category(rng, rows, ("North", "South", "East", "West"), (0.2, 0.4, 0.2, 0.2)),
            "sex": sex,
            "ethnicity": category(rng, rows, ("White", "Asian", "Black"), (0.68, 0.19, 0.13)),
        }
    )
    # The app's open-banking feed sees the first employer alone; people with two jobs look poorer than they are.
    halved = two_jobs & (channel == "app") & (months >= CHANNEL_CHANGE)
    frame.insert(0, "verified_income", np.round(income * np.where(halved, 0.5, 1.0), -2))
    frame["label"] = outcome(rng, _risk(frame, income), 0.09, 1.8)
    return frame


def _channels(rng: np.random.Generator, months: Months) -> np.ndarray:
    before, after = np.array([0.5, 0.4, 0.1]), np.array([0.03, 0.05, 0.92])
    shares = np.where((months >= CHANNEL_CHANGE)[:, None], after, before)
    return category(rng, months.size, ("branch", "broker", "app"), shares)


def _risk(frame: pd.DataFrame, income: np.ndarray) -> np.ndarray:
    return standardise(
        -2.2 * np.log(income / frame["loan_amount"].to_numpy())
        + 2.5 * frame["loan_to_value"].to_numpy()
        - 0.04 * frame["employment_years"].to_numpy()
        + 0.8 * frame["missed_payments"].to_numpy()
        - 0.2 * np.log(frame["savings"].to_numpy())
    )


def fit(development: pd.DataFrame) -> Trained:
    return fit_lightgbm(development, FEATURES, "label", rounds=60)


RECIPE = Recipe(
    id="mortgage-pd",
    volume=Volume(live=2500, reference=1500, development=2000),
    draw=draw,
    fit=fit,
    finish=as_scored,
    matures_after=180,
)
