"""Service routing: sends each customer message to one of four desks, steadily."""

from __future__ import annotations

import numpy as np
import pandas as pd

from plumbline.demo.calendar import Months, Volume
from plumbline.demo.draws import category
from plumbline.demo.sample_model import Recipe
from plumbline.demo.training import Trained, fit_pipeline, logistic

DESKS = ("billing", "cancellation", "claims", "documents")
NUMERIC = ("words", "mentions_money", "mentions_accident", "mentions_leave", "mentions_paper", "contacts_90d")
CATEGORICAL = ("product",)
SPEAKS_OF = dict(zip(DESKS, ("mentions_money", "mentions_leave", "mentions_accident", "mentions_paper"), strict=True))


def draw(rng: np.random.Generator, months: Months) -> pd.DataFrame:
    rows = months.size
    desk = category(rng, rows, DESKS, (0.34, 0.14, 0.3, 0.22))
    frame = pd.DataFrame({"words": np.round(rng.lognormal(4.1, 0.6, rows))})
    for name, word in SPEAKS_OF.items():
        frame[word] = rng.poisson(np.where(desk == name, 2.1, 0.45))
    frame["contacts_90d"] = rng.poisson(1.0, rows)
    frame["product"] = category(rng, rows, ("motor", "home", "life"), (0.5, 0.35, 0.15))
    frame["channel"] = category(rng, rows, ("e-mail", "chat", "letter"), (0.55, 0.4, 0.05))
    frame["label"] = desk
    return frame


def fit(development: pd.DataFrame) -> Trained:
    return fit_pipeline(logistic(NUMERIC, CATEGORICAL), development, NUMERIC + CATEGORICAL, "label")


def finish(rng: np.random.Generator, log: pd.DataFrame, months: Months) -> pd.DataFrame:
    """The chosen desk, as the router wrote it."""
    del rng, months
    chances = log[[f"p_{desk}" for desk in DESKS]].to_numpy()
    log["routed_to"] = np.asarray(DESKS, dtype=object)[chances.argmax(axis=1)]
    return log


RECIPE = Recipe(
    id="service-routing",
    volume=Volume(live=2000, reference=1200, development=1000),
    draw=draw,
    fit=fit,
    finish=finish,
    matures_after=7,
)
