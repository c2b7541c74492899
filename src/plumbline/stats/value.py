"""What decisions are worth: a value for each decision and outcome, by row and in all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from plumbline.stats.calibration import Figures
from plumbline.stats.classification import Confusions
from plumbline.stats.elementwise import Floats
from plumbline.stats.intervals import Intervals, wilson_of


def payoff_of(table: Confusions, worth: Sequence[float]) -> Figures:
    """Mean value of a row where (tp, fp, fn, tn) are worth so much; NaN without rows.

    A linear function of multinomial shares. Limits: Wilson's of each share but the commonest, squared and added with
    the shares' correlations (MOVER; Zou, Huang and Zhang 2009), since a normal mean misleads where one rare cell
    carries the value.

    >>> table = Confusions(*(np.array([rows]) for rows in (30, 10, 20, 40)))
    >>> found = payoff_of(table, (0, -200, -9000, 400)).one()
    >>> found.value, round(found.interval.low), round(found.interval.high)
    (-1660.0, -2476, -1048)
    """
    cells = np.array([table.tp, table.fp, table.fn, table.tn], dtype=np.float64)
    n = cells.sum(axis=0)
    common = cells.argmax(axis=0)
    base = np.asarray(worth, dtype=np.float64)[common]
    gain = np.asarray(worth, dtype=np.float64)[:, None] - base
    with np.errstate(divide="ignore", invalid="ignore"):
        share = cells / n
        value = base + (gain * share).sum(axis=0)
        variance = np.maximum((gain**2 * share).sum(axis=0) - (value - base) ** 2, 0.0) / n
        ratio = np.where(gain == 0, 0.0, np.sqrt(share / (1 - share)))
    limits = wilson_of(cells, n)
    less, more = gain * (share - limits.low), gain * (limits.high - share)
    below, above = np.where(gain > 0, less, -more), np.where(gain > 0, more, -less)
    interval = Intervals(
        value - _together(below, np.sign(gain) * ratio),
        value + _together(above, np.sign(gain) * ratio),
        "Wilson by cell, squared and added",
    )
    return Figures(value, interval, variance)


def net_benefit_of(table: Confusions, threshold: float) -> Figures:
    """True positives less false ones at the odds of the threshold, by row (Vickers and Elkin 2006).

    >>> table = Confusions(*(np.array([rows]) for rows in (30, 10, 20, 40)))
    >>> round(net_benefit_of(table, 0.2).one().value, 4)
    0.275
    """
    return payoff_of(table, (1.0, -threshold / (1 - threshold), 0.0, 0.0))


def _together(distance: Floats, ratio: Floats) -> Floats:
    """Distances squared and added; shares of one whole correlate by -sqrt(p q / ((1 - p)(1 - q)))."""
    crossed = distance * ratio
    total = np.square(distance).sum(axis=0) + np.square(crossed).sum(axis=0) - np.square(crossed.sum(axis=0))
    return np.asarray(np.sqrt(np.maximum(total, 0.0)))
