"""Errors of a regression estimated without its outcomes, from those of the reference by band of the prediction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from plumbline.policy.estimates import Estimates
from plumbline.profiling.bins import NumericBins
from plumbline.profiling.edges import edges
from plumbline.profiling.population import ABSOLUTE, FOURTH, SQUARED, Population
from plumbline.profiling.profile import UNKNOWN
from plumbline.services.measure_expected import NO_ROWS, NOT_COUNTED, Seen, as_estimate
from plumbline.services.measure_figures import NONE, Floats, Ints, Made, absent, made
from plumbline.stats.intervals import around_of
from plumbline.stats.loss_estimation import Bands, Expected, Loss, expected_loss
from plumbline.stats.metrics_of_estimates import OF_ERRORS
from plumbline.stats.regression import root_of
from plumbline.stats.special import Z975

UNLEARNT = "The reference knows too few outcomes: nothing says how large errors are."
BELOW_ZERO = "The predictions do not add up above 0."
UNSAID = "how large errors are"
EXPECTED_LOSS = "; of expected errors"
BY_BAND = "normal, of window and reference by band"


@dataclass(frozen=True, slots=True)
class _Learnt:
    """Losses of the reference by band, and the outermost score bins that they rest on."""

    bands: Bands
    error: Loss
    absolute: Loss
    squared: Loss
    first: int
    last: int


def error_estimates(populations: Sequence[Population], policy: Estimates) -> dict[str, Made]:
    """Expected errors of all rows of windows, the reference first."""
    reference = populations[0]
    learnt = _learn(reference)
    if learnt is None:
        n = np.array([round(each.rows) for each in populations], dtype=np.int64)
        return dict.fromkeys(OF_ERRORS, absent(NOT_COUNTED if reference.band_losses is None else UNLEARNT, n))
    here, seen = _seen(populations, learnt)
    found = _figures(populations, here, learnt)
    # A mean error has no events.
    return {key: replace(as_estimate(each, seen, policy, UNSAID, EXPECTED_LOSS), events=_none(seen.rows))
            for key, each in found.items()}  # fmt: skip


def _learn(reference: Population) -> _Learnt | None:
    losses, labelled = reference.band_losses, reference.counts[:, :UNKNOWN].sum(axis=1)
    known = np.flatnonzero(labelled)
    bands = _banded(reference, labelled)
    if losses is None or not bands.known.any():
        return None
    return _Learnt(
        bands,
        Loss(reference.band_score - reference.band_actual, losses[SQUARED]),
        Loss(losses[ABSOLUTE], losses[SQUARED]),
        Loss(losses[SQUARED], losses[FOURTH]),
        int(reference.index[known[0]]),
        int(reference.index[known[-1]]),
    )


def _banded(of: Population, rows: Floats) -> Bands:
    """Rows of the score's bins put into bands; where a bin is, its middle says."""
    index, middle = of.index, _middles(of.bins)
    every: tuple[Any, Any] = (rows, rows * middle[index])  # floats where whole numbers are declared
    n, total = (of.bins.in_deciles(index, each).astype(np.float64) for each in every)
    return Bands(n, total / np.where(n > 0, n, np.nan))


# The same bins stand behind every window of a run.
@lru_cache(maxsize=8)
def _middles(bins: NumericBins) -> Floats:
    """Of every bin; the outermost are open, and held to what the reference had."""
    found = np.clip(edges(bins), bins.minimum, bins.maximum)
    return (found[:-1] + found[1:]) / 2


def _seen(populations: Sequence[Population], learnt: _Learnt) -> tuple[Bands, Seen]:
    """(where the rows of each window lie, what there is of them)."""
    found, within = [], []
    for each in populations:
        index, n = each.index, each.counts.sum(axis=1)
        first, last = np.searchsorted(index, [learnt.first, learnt.last + 1])
        found.append(_banded(each, n))
        within.append(each.bins.in_deciles(index[first:last], n[first:last])[learnt.bands.known].sum())
    here = Bands(np.array([each.rows for each in found]), np.array([each.middle for each in found]))
    every = here.rows.sum(axis=1)
    beyond = 1 - np.array(within) / np.where(every > 0, every, 1.0)
    return here, Seen(every, np.zeros_like(every), np.where(every > 0, beyond, 0.0), np.ones_like(every))


def _figures(populations: Sequence[Population], here: Bands, learnt: _Learnt) -> dict[str, Made]:
    losses = (learnt.error, learnt.absolute, learnt.squared)
    error, absolute, squared = (expected_loss(learnt.bands, loss, here) for loss in losses)
    # Fourth powers are rarely met in full: what their spread seems to be is too little.
    root = root_of(squared.value, squared.spread, Z975)
    variance = np.divide(squared.variance, 4 * squared.value, out=np.zeros_like(root.value), where=squared.value > 0)
    limits = root.interval
    return {
        "mae": _mean(absolute, least=0.0),
        "rmse": made(
            root.value,
            low=limits.low,
            high=limits.high,
            method=f"{limits.method}, at 97.5 %",
            variance=variance,
            why_not=NO_ROWS,
        ),
        "mean_error": _mean(error),
        "actual_expected": _ratio(error, populations),
    }


def _mean(of: Expected, least: float = -np.inf) -> Made:
    limits = around_of(of.value, of.spread, BY_BAND)
    low = np.maximum(limits.low, least)
    return made(of.value, low=low, high=limits.high, method=BY_BAND, variance=of.variance, why_not=NO_ROWS)


def _ratio(error: Expected, populations: Sequence[Population]) -> Made:
    """What is expected to come is what is predicted, less the expected errors."""
    mean = np.array([each.sums.value("score") / (each.rows or np.nan) for each in populations])
    below = np.where(mean > 0, mean, np.nan)
    value, spread, variance = 1 - error.value / below, error.spread / below**2, error.variance / below**2
    limits = around_of(value, spread, BY_BAND)
    why = np.where(np.isnan(mean), NO_ROWS, BELOW_ZERO).astype(object)
    return made(value, low=limits.low, high=limits.high, method=BY_BAND, variance=variance, why_not=why)


def _none(rows: Floats) -> Ints:
    return np.full(len(rows), NONE)
