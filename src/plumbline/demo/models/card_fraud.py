"""Card fraud: in June 2026 a new pattern appears which the model has never seen."""

from __future__ import annotations

import numpy as np
import pandas as pd

from plumbline.demo.calendar import Months, Volume
from plumbline.demo.draws import category
from plumbline.demo.sample_model import Recipe, as_scored
from plumbline.demo.training import Trained, fit_lightgbm

FEATURES = ("amount", "hour", "payments_24h", "device_age_days", "distance_km", "card_present")
MERCHANTS = ("Groceries", "Travel", "Electronics", "Fuel", "Online retail")
NEW_PATTERN = 19  # June 2026
NEW_MERCHANT = "Gift card top-up"


def draw(rng: np.random.Generator, months: Months) -> pd.DataFrame:
    rows = months.size
    old = rng.random(rows) < 0.05
    new = ~old & (months >= NEW_PATTERN) & (rng.random(rows) < 0.05)
    frame = pd.DataFrame(
        {
            "amount": np.round(rng.lognormal(3.4 + 0.9 * old, 0.9, rows), 2),
            "hour": np.where(old, rng.integers(0, 24, rows), np.round(np.clip(rng.normal(14, 4.5, rows), 0, 23))),
            "payments_24h": rng.poisson(1.6 + 2.2 * old),
            "device_age_days": np.round(rng.exponential(np.where(old, 90, 420), rows)),
            "distance_km": np.round(rng.exponential(np.where(old, 60, 14), rows), 1),
            "card_present": (rng.random(rows) < np.where(old, 0.25, 0.6)).astype(np.int64),
            "merchant": category(rng, rows, MERCHANTS, (0.38, 0.08, 0.1, 0.14, 0.3)),
            "channel": category(rng, rows, ("chip", "contactless", "online"), (0.3, 0.35, 0.35)),
        }
    )
    bought = new | ((months >= NEW_PATTERN) & (rng.random(rows) < 0.03))
    frame["merchant"] = frame["merchant"].mask(bought, NEW_MERCHANT)
    frame["amount"] = frame["amount"].mask(new, np.round(rng.uniform(15, 60, rows), 2))
    frame["label"] = (old | new).astype(np.int64)
    return frame


def fit(development: pd.DataFrame) -> Trained:
    return fit_lightgbm(development, FEATURES, "label", rounds=60)


RECIPE = Recipe(
    id="card-fraud",
    volume=Volume(live=4000, reference=2000, development=2000),
    draw=draw,
    fit=fit,
    finish=as_scored,
    matures_after=60,
)
