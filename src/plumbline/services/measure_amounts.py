"""Figures of counts and amounts that are never negative: how well they are ordered, how far they are from expected."""

from __future__ import annotations

import numpy as np

from plumbline.domain.log_spec import LogSpec, Task
from plumbline.services.measure_figures import Figures, Flags, Ints, Made, Words, absent, made, of_figures
from plumbline.services.measure_performance import NO_LABEL, Populations
from plumbline.stats.calibration import mean_of
from plumbline.stats.lorenz import gini_lorenz_of

NEGATIVE_ONES = "This figure needs outcomes of 0 or more and predictions above 0, and some rows have others."
NOT_COUNTED = "These counts were made before this figure was; monitor with --recount to have it."
ALL_NOTHING = "Every outcome is 0; there is nothing to put in order."
KEYS = ("poisson_deviance", "gini_lorenz")


def amounts(populations: Populations, spec: LogSpec) -> Figures:
    """Of a regression with labels."""
    if spec.task is not Task.REGRESSION or spec.label is None:
        return {}
    n = populations.labelled
    if not all("deviance_n" in each.sums.names for each in populations.each):
        return dict.fromkeys(KEYS, absent(NOT_COUNTED, n))
    counted = populations.sum("deviance_n")
    # Of a weighed view both are parts of rows.
    fit = (n > 0) & (counted >= n * (1 - 1e-9))
    why = np.where(n > 0, NEGATIVE_ONES, NO_LABEL).astype(object)
    rows = np.where(fit, n, 0).astype(np.float64)
    deviance = mean_of(populations.sum("deviance"), populations.sum("deviance_sq"), rows)
    return {"poisson_deviance": of_figures(deviance, n, why), "gini_lorenz": _order(populations, fit, n, why)}


def _order(populations: Populations, fit: Flags, n: Ints, why: Words) -> Made:
    bands = [(each.band_rows, each.band_actual) for each in populations.each]
    rows, actual = (np.array(side, dtype=np.float64) * fit[:, None] for side in zip(*bands, strict=True))
    found = gini_lorenz_of(rows, actual, populations.sum("actual_sq"))
    figures, limits = found.figures, found.figures.interval
    return made(
        figures.value,
        low=limits.low,
        high=limits.high,
        method=limits.method,
        variance=figures.variance,
        n=n,
        error_bound=found.error_bound,
        why_not=np.where(fit, ALL_NOTHING, why),
    )
