"""AML alert scoring: outcomes come half a year late and are few, so performance stays grey."""

from __future__ import annotations

import numpy as np
import pandas as pd

from plumbline.demo.calendar import Months, Volume
from plumbline.demo.draws import category, outcome, standardise
from plumbline.demo.sample_model import Recipe, as_scored
from plumbline.demo.training import Trained, fit_xgboost

FEATURES = ("turnover_30d", "cash_share", "new_counterparties", "foreign_share", "account_age_years")


def draw(rng: np.random.Generator, months: Months) -> pd.DataFrame:
    rows = months.size
    frame = pd.DataFrame(
        {
            "turnover_30d": np.round(rng.lognormal(9.4, 1.1, rows), -1),
            "cash_share": np.round(rng.beta(1.2, 6.0, rows), 3),
            "new_counterparties": rng.poisson(3.0, rows),
            "foreign_share": np.round(rng.beta(1.0, 7.0, rows), 3),
            "account_age_years": np.round(rng.gamma(2.0, 4.0, rows), 1),
            "customer": category(rng, rows, ("private", "company", "charity"), (0.6, 0.36, 0.04)),
        }
    )
    # Development had investigators' whole case file; live months see the few cases that get that far.
    frame["label"] = outcome(rng, _suspicion(frame), np.where(months < -12, 0.03, 0.008), 1.8)
    return frame


def _suspicion(frame: pd.DataFrame) -> np.ndarray:
    return standardise(
        0.4 * np.log(frame["turnover_30d"].to_numpy())
        + 3.0 * frame["cash_share"].to_numpy()
        + 0.15 * frame["new_counterparties"].to_numpy()
        + 3.0 * frame["foreign_share"].to_numpy()
        - 0.05 * frame["account_age_years"].to_numpy()
    )


def fit(development: pd.DataFrame) -> Trained:
    return fit_xgboost(development, FEATURES, "label", rounds=30)


RECIPE = Recipe(
    id="aml-alerts",
    volume=Volume(live=650, reference=300, development=1200),
    draw=draw,
    fit=fit,
    finish=as_scored,
    matures_after=180,
)
