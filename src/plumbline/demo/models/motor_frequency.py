"""Motor claim frequency: claims outrun the forecast from autumn 2025."""

from __future__ import annotations

import numpy as np
import pandas as pd

from plumbline.demo.calendar import Months, Volume, ramp
from plumbline.demo.draws import category
from plumbline.demo.sample_model import Recipe, as_scored
from plumbline.demo.training import Trained, fit_pipeline, poisson

NUMERIC = ("driver_age", "vehicle_age", "power", "mileage", "no_claims_years")
CATEGORICAL = ("area",)
START, END = 10, 23  # September 2025 to October 2026


def draw(rng: np.random.Generator, months: Months) -> pd.DataFrame:
    rows = months.size
    frame = pd.DataFrame(
        {
            "driver_age": np.round(np.clip(rng.normal(44, 14, rows), 18, 88)),
            "vehicle_age": np.round(rng.gamma(2.0, 3.2, rows)),
            "power": np.round(np.clip(rng.normal(95, 28, rows), 40, 260)),
            "mileage": np.round(rng.lognormal(9.3, 0.45, rows), -2),
            "no_claims_years": np.minimum(rng.poisson(5.0, rows), 12),
            "area": category(rng, rows, ("rural", "suburban", "urban"), (0.25, 0.45, 0.3)),
            "cover": category(rng, rows, ("third party", "comprehensive"), (0.3, 0.7)),
        }
    )
    frame["label"] = rng.poisson(_frequency(frame) * (1.0 + 0.26 * ramp(months, START, END))).astype(float)
    return frame


def _frequency(frame: pd.DataFrame) -> np.ndarray:
    frequency: np.ndarray = 0.19 * np.exp(
        -0.012 * (frame["driver_age"].to_numpy() - 44)
        + 0.004 * (frame["power"].to_numpy() - 95)
        + 0.35 * (np.log(frame["mileage"].to_numpy()) - 9.3)
        - 0.09 * (frame["no_claims_years"].to_numpy() - 5)
        + np.select([frame["area"] == "urban", frame["area"] == "rural"], [0.22, -0.2], 0.0)
    )
    return frequency


def fit(development: pd.DataFrame) -> Trained:
    return fit_pipeline(poisson(NUMERIC, CATEGORICAL), development, NUMERIC + CATEGORICAL, "label")


RECIPE = Recipe(
    id="motor-frequency",
    volume=Volume(live=8000, reference=2500, development=2500),
    draw=draw,
    fit=fit,
    finish=as_scored,
    matures_after=30,
)
