"""Retail PD scorecard: a stable model of a stable population, which must stay silent."""

from __future__ import annotations

import numpy as np
import pandas as pd

from plumbline.demo.calendar import Months, Volume
from plumbline.demo.draws import category, outcome, standardise
from plumbline.demo.sample_model import Recipe, as_scored
from plumbline.demo.training import Trained, fit_pipeline, logistic

NUMERIC = ("income", "utilisation", "arrears_12m", "enquiries_6m", "months_with_bank")
CATEGORICAL = ("product", "residence")


def draw(rng: np.random.Generator, months: Months) -> pd.DataFrame:
    rows = months.size
    frame = pd.DataFrame(
        {
            "income": np.round(rng.lognormal(10.35, 0.45, rows), -2),
            "utilisation": np.round(rng.beta(2.0, 3.0, rows), 3),
            "arrears_12m": rng.poisson(0.4, rows),
            "enquiries_6m": rng.poisson(1.2, rows),
            "months_with_bank": np.round(rng.gamma(2.0, 40.0, rows)),
            "product": category(rng, rows, ("card", "loan", "overdraft"), (0.5, 0.3, 0.2)),
            "residence": category(rng, rows, ("owner", "tenant", "with family"), (0.5, 0.38, 0.12)),
            "region": category(rng, rows, ("North", "South", "East", "West"), (0.3, 0.3, 0.2, 0.2)),
            "sex": category(rng, rows, ("F", "M"), (0.49, 0.51)),
        }
    )
    frame["label"] = outcome(rng, _risk(frame), 0.10, 1.75)
    return frame


def _risk(frame: pd.DataFrame) -> np.ndarray:
    return standardise(
        3.0 * frame["utilisation"].to_numpy()
        + 0.9 * frame["arrears_12m"].to_numpy()
        + 0.3 * frame["enquiries_6m"].to_numpy()
        - 0.6 * np.log(frame["income"].to_numpy())
        - 0.004 * frame["months_with_bank"].to_numpy()
        + 0.4 * (frame["residence"].to_numpy() == "tenant")
        + 0.3 * (frame["product"].to_numpy() == "overdraft")
    )


def fit(development: pd.DataFrame) -> Trained:
    return fit_pipeline(logistic(NUMERIC, CATEGORICAL), development, NUMERIC + CATEGORICAL, "label")


RECIPE = Recipe(
    id="retail-pd",
    volume=Volume(live=3000, reference=1500, development=1500),
    draw=draw,
    fit=fit,
    finish=as_scored,
    matures_after=180,
)
