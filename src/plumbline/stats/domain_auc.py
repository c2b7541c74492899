"""How well a classifier tells two samples apart, by scores of rows that it was not trained on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plumbline.stats.discrimination import logit_interval, roc_auc
from plumbline.stats.intervals import Interval

CHANCE = 0.5
_WIDER = "widened as folds learn from each other"


@dataclass(frozen=True, slots=True)
class DomainAuc:
    """The area with its interval; `p_value` is one-sided, against one half."""

    value: float
    interval: Interval
    p_value: float


def domain_auc(folds: Sequence[NDArray[np.int64]]) -> DomainAuc | None:
    """Mean over folds of the area under the ROC curve, ties one half; None where a side lacks rows in any fold.

    Args: of each fold rows of either sample by ascending score, shape (2, scores). Scores of different folds are never
    compared: each classifier has a scale of its own (Airola and others 2011). The variance is DeLong's within folds
    (LeDell, Petersen and van der Laan 2015); limits on the logit scale. Without drift at most 5 % of p-values should be
    under 5 %: `python -m bench.domain` measures how many are, and how many would be if folds were independent.

    >>> fold = np.array([[30, 20, 10], [10, 20, 30]])
    >>> found = domain_auc([fold] * 5)
    >>> round(found.value, 4), round(found.interval.low, 4), found.p_value < 0.001
    (0.7222, 0.6609, True)
    >>> domain_auc([fold * [[1], [0]]]) is None
    True
    """
    areas = [roc_auc(*fold, exact=True) for fold in folds]
    found = [area for area in areas if area is not None]
    if not found or len(found) < len(areas):
        return None
    value = math.fsum(area.value for area in found) / len(found)
    variance = _of_mean([area.variance for area in found])
    smaller = float(np.min(np.sum([fold.sum(axis=1) for fold in folds], axis=0)))
    words = f"mean of {len(found)} folds; DeLong, {_WIDER}, logit scale"
    return DomainAuc(value, logit_interval(value, variance, smaller, words), _p_value(value, variance))


def _of_mean(variances: Sequence[float]) -> float:
    """Variance of a mean over K folds: (1 / K + 1 / (K - 1)) of a fold's own (Nadeau and Bengio 2003), not 1 / K.

    Rows of two folds speak twice of each other, once as learnt from and once as judged. Where there is no drift that is
    all that an area consists of, and any two folds then have a correlation of up to 1 / (K - 1).

    >>> round(_of_mean([1.0] * 5), 2)
    0.45
    """
    size = len(variances)
    shared = 1 / (size - 1) if size > 1 else 0.0
    return math.fsum(variances) / size * (1 / size + shared)


def _p_value(value: float, variance: float) -> float:
    """The upper tail: a classifier that does worse than chance tells nothing apart."""
    if variance <= 0:
        return 0.0 if value > CHANCE else 1.0
    return math.erfc((value - CHANCE) / math.sqrt(2 * variance)) / 2
