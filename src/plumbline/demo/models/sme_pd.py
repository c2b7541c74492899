"""SME PD: the default rate climbs from .17 to .48 while the model ranks worse and worse."""

from __future__ import annotations

import numpy as np
import pandas as pd

from plumbline.demo.calendar import Months, Volume, ramp
from plumbline.demo.draws import category, outcome, standardise
from plumbline.demo.sample_model import Recipe, as_scored
from plumbline.demo.training import Trained, fit_xgboost

FEATURES = ("turnover", "leverage", "debt_service_cover", "years_trading", "late_payments", "owner_score")
SECTORS = ("Construction", "Hospitality", "Manufacturing", "Retail trade", "Services", "Transport")
START, END = 8, 20  # July 2025 to July 2026


def draw(rng: np.random.Generator, months: Months) -> pd.DataFrame:
    worse = ramp(months, START, END)
    young = rng.random(months.size) < 0.22 + 0.16 * worse
    frame = pd.DataFrame(
        {
            "turnover": np.round(rng.lognormal(12.6, 0.9, months.size), -3),
            "leverage": np.round(rng.gamma(4.0, 0.16, months.size), 3),
            "debt_service_cover": np.round(rng.gamma(6.0, 0.27, months.size), 3),
            "years_trading": np.round(
                np.where(young, rng.uniform(0, 2, months.size), 2 + rng.gamma(2, 4, months.size)), 1
            ),
            "late_payments": rng.poisson(0.8, months.size),
            "owner_score": np.round(rng.normal(620, 60, months.size)),
            "sector": _sectors(rng, worse),
            "region": category(rng, months.size, ("North", "South", "East", "West"), (0.25, 0.35, 0.2, 0.2)),
            "sex": category(rng, months.size, ("F", "M"), (0.34, 0.66)),
        }
    )
    frame["label"] = outcome(rng, _risk(frame), 0.17 + 0.31 * worse, 1.75 - 1.05 * worse)
    return frame


def _sectors(rng: np.random.Generator, worse: np.ndarray) -> np.ndarray:
    before, after = np.array([0.14, 0.12, 0.16, 0.2, 0.28, 0.1]), np.array([0.2, 0.17, 0.13, 0.18, 0.22, 0.1])
    return category(rng, worse.size, SECTORS, before + worse[:, None] * (after - before))


def _risk(frame: pd.DataFrame) -> np.ndarray:
    return standardise(
        1.6 * frame["leverage"].to_numpy()
        - 0.8 * frame["debt_service_cover"].to_numpy()
        - 0.3 * np.log(frame["turnover"].to_numpy())
        - 0.03 * np.minimum(frame["years_trading"].to_numpy(), 12)
        + 0.35 * frame["late_payments"].to_numpy()
        - 0.005 * frame["owner_score"].to_numpy()
    )


def fit(development: pd.DataFrame) -> Trained:
    return fit_xgboost(development, FEATURES, "label", rounds=70)


RECIPE = Recipe(
    id="sme-pd",
    volume=Volume(live=2000, reference=1200, development=1500),
    draw=draw,
    fit=fit,
    finish=as_scored,
    matures_after=90,
)
