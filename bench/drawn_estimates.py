"""Figures estimated before outcomes are known, as the coverage bench draws them: reference, window, what then came."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import product

import numpy as np
from bench.drawn import Chance, Floats, Places, Trial
from numpy.typing import NDArray

from plumbline.stats import discrimination, estimation, multiclass
from plumbline.stats.calibration import stacked
from plumbline.stats.classification import Rates, shares
from plumbline.stats.intervals import Intervals, around_of
from plumbline.stats.loss_estimation import Bands, Loss, expected_loss
from plumbline.stats.regression import root_of
from plumbline.stats.special import Z975

BANDS = 10
BINS = 400
SIZES = ((500, 500), (2_000, 500), (2_000, 5_000))
SHIFTS = (0.0, 0.5)  # of the predictions, in their own spread: the mix moves, the errors at each prediction do not
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Errors = Callable[[Chance, Floats], Floats]


def normal(chance: Chance, p: Floats) -> Floats:
    """Errors as wide as the prediction is large."""
    return 0.3 * p * chance.normal(size=p.shape)


def heavy(chance: Chance, p: Floats) -> Floats:
    return 0.3 * p * chance.standard_t(6.0, size=p.shape)


def claims(chance: Chance, p: Floats) -> Floats:
    """Counts of claims at a tenth of the predictions."""
    return p / 10 - chance.poisson(p / 10)


OF_CHOICES = ("accuracy", "macro precision", "macro recall", "macro F1")
OF_ERRORS = {"normal": normal, "t 6": heavy, "claims": claims}


def of_errors(figure: str, errors: Errors, reference: int, window: int, shift: float) -> Trial:
    def trial(chance: Chance, draws: int) -> tuple[Intervals, Floats]:
        found = [_window(figure, errors, chance, (reference, window), shift) for _ in range(draws)]
        low, high, came = np.array(found).T
        return Intervals(low, high, ""), came

    return trial


def _window(figure: str, errors: Errors, chance: Chance, rows: tuple[int, int], shift: float) -> tuple[float, ...]:
    """Limits of the estimate, and what came."""
    before, here = (chance.lognormal(at, 0.5, n) for at, n in zip((0.0, shift * 0.5), rows, strict=True))
    known, came = (_powers(figure, errors(chance, p)) for p in (before, here))
    edges = np.quantile(before, np.arange(1, BANDS) / BANDS)
    band, there = (np.searchsorted(edges, p, side="right").astype(np.int64) for p in (before, here))
    total, square = (np.bincount(band, each, BANDS).astype(np.float64) for each in (known, known**2))
    found = expected_loss(_banded(band, before), Loss(total, square), _banded(there, here, (1, BANDS)))
    if figure == "RMSE":
        limits = root_of(found.value, found.spread, Z975).interval
        return float(limits.low[0]), float(limits.high[0]), float(np.sqrt(came.mean()))
    limits = around_of(found.value, found.spread, "")
    return float(limits.low[0]), float(limits.high[0]), float(came.mean())


def _banded(band: Ints, p: Floats, shape: tuple[int, ...] = (BANDS,)) -> Bands:
    rows = np.bincount(band, minlength=BANDS).astype(np.float64)
    with np.errstate(invalid="ignore"):
        return Bands(rows.reshape(shape), (np.bincount(band, p, BANDS) / rows).reshape(shape))


def _powers(figure: str, error: Floats) -> Floats:
    if figure == "mean error":
        return error
    return np.square(error) if figure == "RMSE" else np.abs(error)


def errors_of(figure: str) -> Places:
    return [
        (f"{rows[0]} and {rows[1]}, {name}, by {shift}", of_errors(figure, errors, rows[0], rows[1], shift))
        for (name, errors), rows, shift in product(OF_ERRORS.items(), SIZES, SHIFTS)
    ]


# Of a macro AUC the limits are wide by design, and hold more than they say: no method that is nominally of 95 %.
def of_classes(figure: str, reference: int, window: int, sure: float) -> Trial:
    """Three classes whose scores are too sure of themselves by a power."""

    def trial(chance: Chance, draws: int) -> tuple[Intervals, Floats]:
        one = _area if figure == "macro AUC" else partial(_choice, figure)
        found = [one(chance, reference, window, sure) for _ in range(draws)]
        low, high, came = np.array(found).T
        return Intervals(low, high, ""), came

    return trial


def _rows(chance: Chance, n: int, sure: float) -> tuple[Ints, Flags]:
    """(bins of the scores by class, whether the class came); shapes (rows, 3)."""
    true = chance.dirichlet([1.0, 0.8, 0.5], n)
    told = true**sure
    told /= told.sum(axis=1, keepdims=True)
    came = (chance.random(n)[:, None] > true.cumsum(axis=1)).sum(axis=1).clip(max=2)
    return np.minimum((told * BINS).astype(np.int64), BINS - 1), came[:, None] == np.arange(3)


def _counts(bins: Ints, came: Flags) -> tuple[Ints, Ints]:
    without, hits = (np.bincount(bins[part], minlength=BINS).astype(np.int64) for part in (~came, came))
    return without, hits


def _choice(figure: str, chance: Chance, reference: int, window: int, sure: float) -> tuple[float, float, float]:
    """Limits of a figure of the class chosen, and what came."""
    part = reference / (reference + window)
    before, here = (_rows(chance, n, sure) for n in (reference, window))
    hits, expected, right = np.zeros(3), np.zeros(3), np.zeros(3)
    for each in range(3):
        learnt = estimation.by_score(np.arange(BINS), *_counts(before[0][:, each], before[1][:, each]), BINS)
        sides = [(bins[:, each][own], came[:, each][own]) for bins, came in (before, here)
                 for own in (bins.argmax(axis=1) == each,)]  # fmt: skip
        own = estimation.by_score(np.arange(BINS), *_counts(*sides[0]), BINS)
        hits[each], right[each] = own.rates[sides[1][0]].sum() if own else 0.0, sides[1][1].sum()
        expected[each] = learnt.rates[here[0][:, each]].sum() if learnt else 0.0
    chosen = np.bincount(here[0].argmax(axis=1), minlength=3).astype(np.float64)
    came = here[1].sum(axis=0, dtype=np.float64)
    limits = _of_choices(figure, hits * part, chosen * part, expected * part).interval
    return float(limits.low[0]), float(limits.high[0]), float(_of_choices(figure, right, chosen, came).value[0])


def _of_choices(figure: str, hits: Floats, chosen: Floats, came: Floats) -> Rates:
    """As the service has them."""
    if figure == "accuracy":
        return shares(hits.sum(keepdims=True), chosen.sum(keepdims=True))
    found = np.minimum(hits, came)
    if figure == "macro F1":
        return multiclass.plain_mean_of_f1(found[None], chosen[None], came[None])
    right, of = (hits, chosen) if figure == "macro precision" else (found, came)
    return multiclass.plain_mean(shares(right[None], of[None]))


def _area(chance: Chance, reference: int, window: int, sure: float) -> tuple[float, float, float]:
    part, expected, came = reference / (reference + window), [], []
    before, here = (_rows(chance, n, sure) for n in (reference, window))
    for each in range(3):
        learnt = estimation.by_score(np.arange(BINS), *_counts(before[0][:, each], before[1][:, each]), BINS)
        without, hits = _counts(here[0][:, each], here[1][:, each])
        rows = without + hits
        rates = learnt.rates if learnt else np.zeros(BINS)
        expected.append(discrimination.roc_auc((rows * (1 - rates)) * part, rows * rates * part))
        came.append(discrimination.roc_auc(without, hits))
    limits, truth = stacked([multiclass.macro_auc(expected)]).interval, multiclass.macro_auc(came)
    return float(limits.low[0]), float(limits.high[0]), truth.value if truth else np.nan


def classes_of(figure: str) -> Places:
    return [
        (f"{rows[0]} and {rows[1]}, power {sure}", of_classes(figure, *rows, sure))
        for rows, sure in product(SIZES, (1.0, 1.4))
    ]


OF_ESTIMATES: dict[str, tuple[str, Places]] = {
    **{f"estimated {each}": ("500 rows and up", errors_of(each)) for each in ("MAE", "RMSE", "mean error")},
    **{f"estimated {each}": ("three classes, 500 rows and up", classes_of(each)) for each in OF_CHOICES},
}
