"""Figures of several classes estimated without outcomes, from the scores of each class against the rest.

What the counts allow: ranking and losses come from each class's own scores, so they need no more than those; accuracy,
precision, recall and F1 come from the scores of the rows that a class was chosen for. What they do not: rates are
calibrated class by class, and cannot be made to add up to 1 in each row; which other class a row belongs to is not
foretold, so there is no expected confusion of one class with another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from plumbline.domain.log_spec import LogSpec, ScoreKind
from plumbline.policy.estimates import Estimates
from plumbline.profiling.edges import single
from plumbline.profiling.profile import NEGATIVE, POSITIVE, Population, Profile
from plumbline.profiling.scores import Scores
from plumbline.services.measure_classes import NEVER_CAME, NEVER_CHOSEN, NOTHING
from plumbline.services.measure_expected import NO_ROWS, NOT_COUNTED, Seen, as_estimate, probabilities
from plumbline.services.measure_figures import Flags, Floats, Ints, Made, absent, of_figures, of_rates
from plumbline.services.measure_performance import NEEDS_PROBABILITY
from plumbline.stats import calibration, discrimination, estimation, multiclass
from plumbline.stats.classification import shares
from plumbline.stats.estimation import Calibrated, Loss
from plumbline.stats.metrics_of_estimates import OF_CHOICES, OF_CLASSES

UNLEARNT = "The reference does not know every class and its others, so nothing says how often each comes at a score."


@dataclass(frozen=True, slots=True)
class _Class:
    """What the reference teaches of a class: how often it comes at each of its scores, the losses to expect there, and
    how often it comes where it is chosen (None: it never was, or that was not counted).
    """

    calibrated: Calibrated
    log_loss: Loss
    brier: Loss
    right: Calibrated | None


@dataclass(frozen=True, slots=True)
class _Tally:
    """One class in one window: bins of its scores, rows in each and expected ones of the class."""

    index: Ints
    rows: Ints
    hits: Floats
    exact: Flags | bool


def class_estimates(spec: LogSpec, profiles: Sequence[Profile], policy: Estimates) -> dict[str, Made]:
    """Expected figures of all rows of windows, the reference first."""
    windows = [tuple(each.classes.one_vs_rest.values()) if each.classes else () for each in profiles]
    learnt = [_learn(each) for each in windows[0]]
    classes = [each for each in learnt if each is not None]
    if spec.score_kind is not ScoreKind.PROBABILITY or len(classes) < len(learnt):
        n = np.array([round(each[0].rows) for each in windows], dtype=np.int64)
        why = UNLEARNT if spec.score_kind is ScoreKind.PROBABILITY else NEEDS_PROBABILITY
        return dict.fromkeys(OF_CLASSES, absent(why, n))
    tallies = [[_tally(each, of) for each, of in zip(window, classes, strict=True)] for window in windows]
    seen = _seen(tallies, classes, float(profiles[0].labelled))
    found = {"roc_auc": _ranking(tallies, seen), **_losses(tallies, classes, seen)}
    known = {key: as_estimate(each, seen, policy) for key, each in found.items()}
    return known | _decisions(windows, classes, tallies, seen, policy)


def _learn(of: Population) -> _Class | None:
    low, high = probabilities(of.bins)
    found = _rates(of.scores, of.bins.size)
    if found is None or not of.positives or not of.negatives:
        return None
    rates, right = found.rates, None if of.chosen is None else _rates(of.chosen, of.bins.size)
    return _Class(found, estimation.log_loss_of_class(rates, low, high), estimation.brier(rates, low, high), right)


def _rates(of: Scores, bins: int) -> Calibrated | None:
    """Isotonic ones: scores that sum to 1 over classes are seldom right for each, and telling so takes many rows."""
    counts = of.counts
    return estimation.by_score(of.index, counts[:, NEGATIVE], counts[:, POSITIVE], bins)


def _tally(rows: Population, of: _Class) -> _Tally:
    index, n = rows.index, rows.counts.sum(axis=1)
    return _Tally(index, n, of.calibrated.rates[index] * n, rows.bins.exact and single(rows.bins, index))


def _seen(tallies: Sequence[Sequence[_Tally]], classes: Sequence[_Class], labelled: float) -> Seen:
    """Events are those of the rarest class; beyond are the rows that are so by any one class, at the least."""
    rows = np.array([window[0].rows.sum() for window in tallies], dtype=np.float64)
    events = np.array([min(each.hits.sum() for each in window) for window in tallies])
    within = np.array(
        [
            min(_within(each.index, each.rows, of.calibrated) for each, of in zip(window, classes, strict=True))
            for window in tallies
        ]
    )
    return Seen(rows, events, _beyond(within, rows), labelled / (labelled + rows))


def _within(index: Ints, rows: Ints, of: Calibrated) -> float:
    first, last = np.searchsorted(index, [of.first, of.last + 1])
    return float(rows[first:last].sum())


def _beyond(within: Floats, rows: Floats) -> Floats:
    return np.where(rows > 0, 1 - within / np.where(rows > 0, rows, 1.0), 0.0)


def _ranking(tallies: Sequence[Sequence[_Tally]], seen: Seen) -> Made:
    found = []
    for window, part in zip(tallies, seen.part.tolist(), strict=True):
        tables = (((each.rows - each.hits) * part, each.hits * part, each.exact) for each in window)
        areas = discrimination.rankings(tables).roc_auc
        found.append(multiclass.macro_auc([areas.at(row) for row in range(len(window))]))
    return of_figures(calibration.stacked(found), seen.rows.astype(np.int64), NO_ROWS)


def _losses(tallies: Sequence[Sequence[_Tally]], classes: Sequence[_Class], seen: Seen) -> dict[str, Made]:
    """A row's log loss is that of one class, whichever comes; its Brier score is the sum over all of them."""
    rows = np.where(seen.rows > 0, seen.rows, np.nan)
    mean, square, bound = (each / rows for each in _summed(tallies, [each.log_loss for each in classes]).sum(axis=2))
    of_brier = _summed(tallies, [each.brier for each in classes]) / rows[:, None]
    # The classes share their rows, and their squares are taken as fully dependent: wider, never narrower.
    apart = np.sqrt(np.maximum(of_brier[1] - of_brier[0] ** 2, 0.0)).sum(axis=1)
    whole = of_brier[0].sum(axis=1)
    return {
        "log_loss": _loss(mean, square, bound, seen),
        "brier_score": _loss(whole, whole**2 + apart**2, of_brier[2].sum(axis=1), seen),
    }


def _summed(tallies: Sequence[Sequence[_Tally]], losses: Sequence[Loss]) -> Floats:
    """Sums of the mean, the square and the bound of a loss. Shape (3, windows, classes)."""
    found = [
        [
            [(table[each.index] * each.rows).sum() for table in (of.mean, of.square, of.bound)]
            for each, of in zip(window, losses, strict=True)
        ]
        for window in tallies
    ]
    return np.ascontiguousarray(np.moveaxis(np.array(found, dtype=np.float64), 2, 0))


def _loss(mean: Floats, square: Floats, bound: Floats, seen: Seen) -> Made:
    rows = np.nan_to_num(seen.rows * seen.part)
    figure = calibration.mean_of(np.nan_to_num(mean) * rows, np.nan_to_num(square) * rows, rows)
    return replace(of_figures(figure, seen.rows.astype(np.int64), NO_ROWS), error_bound=bound)


def _decisions(
    windows: Sequence[Sequence[Population]],
    classes: Sequence[_Class],
    tallies: Sequence[Sequence[_Tally]],
    seen: Seen,
    policy: Estimates,
) -> dict[str, Made]:
    """Expected rows whose chosen class comes, of all rows, of those it was chosen for, and of those it comes in."""
    chosen = [[each.chosen for each in window] for window in windows]
    if any(each is None for window in chosen for each in window):
        return dict.fromkeys(OF_CHOICES, absent(NOT_COUNTED, np.round(seen.rows).astype(np.int64)))
    pairs = [
        [_right(each, of.right) for each, of in zip(window, classes, strict=True) if each is not None]
        for window in chosen
    ]
    hits, within, rows = np.moveaxis(np.array(pairs, dtype=np.float64), 2, 0)
    came = np.array([[each.hits.sum() for each in window] for window in tallies])
    whole = replace(seen, beyond=_beyond(within.sum(axis=1), seen.rows))
    right, part = hits.sum(axis=1), seen.part
    found = {
        "accuracy": of_rates(shares(right * part, seen.rows * part), NO_ROWS),
        **_averages(hits * part[:, None], rows * part[:, None], came * part[:, None]),
    }
    of_all = replace(whole, events=right)
    return {key: as_estimate(each, of_all if key == "accuracy" else whole, policy) for key, each in found.items()}


def _averages(hits: Floats, chosen: Floats, came: Floats) -> dict[str, Made]:
    """Means over classes; shapes (windows, classes). A class is right no more often than it comes."""
    found = np.minimum(hits, came)
    return {
        key: of_rates(rates, why)
        for key, rates, why in (
            ("precision", multiclass.plain_mean(shares(hits, chosen)), NEVER_CHOSEN),
            ("recall", multiclass.plain_mean(shares(found, came)), NEVER_CAME),
            ("f1", multiclass.plain_mean_of_f1(found, chosen, came), NOTHING),
        )
    }


def _right(chosen: Scores, of: Calibrated | None) -> tuple[float, float, float]:
    """(expected rows of the class among those it is chosen for, those among them that the reference speaks of, all)."""
    index, rows = chosen.index, chosen.counts.sum(axis=1)
    if of is None:
        return 0.0, 0.0, float(rows.sum())
    return float((of.rates[index] * rows).sum()), _within(index, rows, of), float(rows.sum())
