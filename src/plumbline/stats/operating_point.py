"""One point of the ROC curve: how many events are caught where a fixed share of the others passes."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from plumbline.stats.discrimination import Separation, Separations, Table
from plumbline.stats.elementwise import Floats, floats
from plumbline.stats.intervals import Intervals, wilson
from plumbline.stats.special import Z95

SPECIFICITY = 0.9  # by definition of the figure
_METHOD = "Wilson, along the curve, squared and added"


def sensitivities(tables: Iterable[Table], specificity: float = SPECIFICITY) -> Separations:
    """`sensitivity_at` of many populations, NaN where an outcome is absent."""
    lines = [_line(*table, specificity) for table in tables]
    value, low, high, variance, bound = np.array(lines, dtype=np.float64).reshape(-1, 5).T
    return Separations(value, Intervals(low, high, _METHOD), variance, bound)


def sensitivity_at(
    negatives: ArrayLike, positives: ArrayLike, *, specificity: float = SPECIFICITY, exact: ArrayLike = False
) -> Separation | None:
    """Sensitivity where the specificity is so much, on the ROC curve of these very rows, straight within a bin.

    Limits: Wilson's of the sensitivity at that score, squared and added with what the curve tells between Wilson's
    limits of the specificity, for the score is found from the rows too (as Linnet 1987, by the curve, not its slope).
    Args as in `roc_auc`; in a bin of several scores the curve may run anywhere, which `error_bound` says.

    >>> found = sensitivity_at([40, 30, 20, 10], [2, 8, 20, 20])
    >>> round(found.value, 9), round(found.error_bound, 9)
    (0.4, 0.4)
    >>> sensitivity_at([3, 4], [0, 0]) is None
    True
    """
    return sensitivities([(negatives, positives, exact)], specificity).at(0)


def _line(negatives: ArrayLike, positives: ArrayLike, exact: ArrayLike, specificity: float) -> tuple[float, ...]:
    """(value, low, high, variance, bound)."""
    neg, pos = (side[::-1] for side in floats(negatives, positives))
    n, p = float(neg.sum()), float(pos.sum())
    if not n or not p:
        return (np.nan,) * 5
    # From the highest score down; of a rise without a step the curve ends where it rose to.
    false, true = (np.concatenate([[0.0], np.cumsum(side)]) / whole for side, whole in ((neg, n), (pos, p)))
    last = np.append(np.diff(false) > 0, True)
    at = 1 - specificity
    band = wilson(at * n, n)
    value, least, most = np.interp([at, band.low, band.high], false[last], true[last])
    own = wilson(value * p, p)
    low = value - math.hypot(value - own.low, value - least)
    high = value + math.hypot(own.high - value, most - value)
    variance = value * (1 - value) / p + ((most - least) / (2 * Z95)) ** 2
    bound = _within_bin(false, true, at, float(value), np.broadcast_to(np.asarray(exact, dtype=np.bool_), neg.shape))
    return float(value), max(low, 0.0), min(high, 1.0), float(variance), bound


def _within_bin(false: Floats, true: Floats, at: float, value: float, exact: Floats) -> float:
    """How far the curve may run from the straight line in the bin that holds the point; none among true ties."""
    bin_ = min(int(np.searchsorted(false, at, side="left")), len(false) - 1)
    if bin_ == 0 or exact[::-1][bin_ - 1] or false[bin_] == at:
        return 0.0
    return max(float(true[bin_]) - value, value - float(true[bin_ - 1]))
