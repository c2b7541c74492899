"""The scorecard that the retail PD replaced: retired at the end of April 2026, still readable."""

from __future__ import annotations

import pandas as pd

from plumbline.demo.calendar import Volume
from plumbline.demo.models import retail_pd
from plumbline.demo.sample_model import Recipe, as_scored
from plumbline.demo.training import Trained, fit_pipeline, logistic

NUMERIC = ("income", "utilisation", "arrears_12m")
RETIRED = 18  # live until April 2026


def fit(development: pd.DataFrame) -> Trained:
    return fit_pipeline(logistic(NUMERIC, ("residence",)), development, (*NUMERIC, "residence"), "label")


RECIPE = Recipe(
    id="legacy-pd",
    volume=Volume(live=1500, reference=1200, development=1200, live_months=RETIRED),
    draw=retail_pd.draw,
    fit=fit,
    finish=as_scored,
    matures_after=180,
)
