"""Bureau score bought from a vendor: points, no artefact, and nothing wrong with it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from plumbline.demo.calendar import Months, Volume
from plumbline.demo.draws import category, outcome, standardise
from plumbline.demo.sample_model import Recipe, as_scored


def draw(rng: np.random.Generator, months: Months) -> pd.DataFrame:
    rows = months.size
    signal = rng.normal(size=rows)
    frame = pd.DataFrame(
        {
            "score": np.clip(np.round(640 - 75 * signal), 300, 850),
            "credit_lines": rng.poisson(4.0, rows),
            "oldest_line_years": np.round(rng.gamma(2.0, 4.5, rows), 1),
            "searches_12m": rng.poisson(2.0, rows),
            "product": category(rng, rows, ("card", "car finance", "loan"), (0.45, 0.3, 0.25)),
        }
    )
    frame["label"] = outcome(rng, standardise(signal), 0.09, 1.7)
    return frame


RECIPE = Recipe(
    id="bureau-score",
    volume=Volume(live=2500, reference=1500, development=0),
    draw=draw,
    fit=None,
    finish=as_scored,
    matures_after=180,
)
