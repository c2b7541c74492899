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
    """Sensitivity where the specificity is so much, on the ROC curve of these very rows, straight between the
    middles of the bins that hold rows without the event.

    Limits: Wilson's of the sensitivity at that score, squared and added with what the curve tells between Wilson's
    limits of the specificity, for the score is found from the rows too (as Linnet 1987, by the curve, not its slope).
    Args as in `roc_auc`; in a bin of several scores the curve may run anywhere, which `error_bound` says.

    >>> found = sensitivity_at([40, 30, 20, 10], [2, 8, 20, 20])
    >>> round(found.value, 9), round(found.error_bound, 9)
    (0.322666667, 0.477333333)
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
    held = neg > 0
    false, true, inside = np.cumsum(neg)[held], np.cumsum(pos)[held] / p, pos[held] / p
    # The i-th of n rows is expected at i / (n + 1) of the distribution, the middle of a bin at that of its rows.
    along = np.concatenate([[0.0], (false - neg[held] / 2 + 0.5) / (n + 1), [1.0]])
    caught = np.concatenate([[0.0], true - inside / 2, [1.0]])
    at = 1 - specificity
    band = wilson(at * n, n)
    value, least, most = np.interp([at, band.low, band.high], along, caught)
    own = wilson(value * p, p)
    low = value - math.hypot(value - own.low, value - least)
    high = value + math.hypot(own.high - value, most - value)
    variance = value * (1 - value) / p + ((most - least) / (2 * Z95)) ** 2
    tied = np.broadcast_to(np.asarray(exact, dtype=np.bool_), neg.shape)[::-1][held]
    bound = _within_bins(along, caught, np.where(tied, 0.0, inside / 2), at, float(value))
    return float(value), max(low, 0.0), min(high, 1.0), float(variance), bound


def _within_bins(along: Floats, caught: Floats, half: Floats, at: float, value: float) -> float:
    """How far the curve may run from the straight line between the two bins about the point; nothing among true ties.

    `half`: how far it may run either way from the middle of each bin.
    """
    after = min(max(int(np.searchsorted(along, at, side="left")), 1), len(along) - 1)
    reach = np.concatenate([[0.0], half, [0.0]])
    if not reach[after - 1] and not reach[after]:
        return 0.0
    return max(float(caught[after] + reach[after]) - value, value - float(caught[after - 1] - reach[after - 1]))
