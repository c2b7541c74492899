"""Figures of many populations: scores against outcomes, decisions against outcomes, the house's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plumbline.domain.log_spec import LogSpec, ScoreKind, Task
from plumbline.profiling.edges import single
from plumbline.profiling.profile import NEGATIVE, POSITIVE, UNKNOWN, Population, Sums
from plumbline.services.measure_figures import (
    NONE,
    Figures,
    Floats,
    Ints,
    Made,
    Words,
    absent,
    as_gini,
    made,
    of_figures,
    of_rates,
)
from plumbline.stats import calibration, discrimination, regression
from plumbline.stats.classification import Confusions, shares
from plumbline.stats.intervals import two_values_of

NO_LABEL = "No label is known yet in this window."
MEANINGLESS = 10.0  # a share: 1,000 %
NEEDS_PROBABILITY = "This figure needs a probability, and the score is in points."


@dataclass(frozen=True, slots=True)
class Populations:
    """Populations of any windows side by side: rows by outcome, and by decision and outcome."""

    each: Sequence[Population]
    outcomes: Ints  # shape (rows, 3)
    decisions: Ints  # shape (rows, 3, 3)

    @property
    def rows(self) -> Ints:
        return np.asarray(self.outcomes.sum(axis=-1))

    @property
    def positives(self) -> Ints:
        return self.outcomes[:, POSITIVE]

    @property
    def labelled(self) -> Ints:
        return self.outcomes[:, NEGATIVE] + self.outcomes[:, POSITIVE]

    def sum(self, name: str) -> Floats:
        """That sum of each population."""
        return summed([population.sums for population in self.each], name)

    def favoured(self, favourable: int) -> tuple[Ints, Ints]:
        """(rows with the favourable decision, rows decided)."""
        decided = self.decisions[:, :UNKNOWN].sum(axis=-1)
        return decided[:, favourable], decided.sum(axis=-1)


def side_by_side(populations: Sequence[Population]) -> Populations:
    return Populations(
        populations,
        np.array([each.outcomes for each in populations]),
        np.array([each.decisions for each in populations]),
    )


def summed(sums: Sequence[Sums], name: str) -> Floats:
    """That sum of each; as a rule all keep the same sums in the same places."""
    names = sums[0].names
    at = names.index(name)
    values = (each.totals[at] * each.units[at] if each.names == names else each.value(name) for each in sums)
    return np.fromiter(values, dtype=np.float64, count=len(sums))


def row_count(rows: Ints) -> Made:
    return made(rows, low=rows, high=rows, method="exact count", n=rows)


def figures_of(populations: Populations, spec: LogSpec) -> Figures:
    """All figures of populations, by the model's task."""
    found = {"row_count": row_count(populations.rows), "mean_score": _mean_score(populations)}
    if spec.label is not None:
        if spec.task is Task.REGRESSION:
            found |= _errors(populations)
        else:
            found |= _ranking(populations, spec) | _calibration(populations, spec)
    if spec.decides:
        found |= _selection(populations, spec)
        if spec.label is not None and spec.task is not Task.REGRESSION:
            found |= _decisions(populations)
    return found | house([each.sums for each in populations.each], spec)


def house(sums: Sequence[Sums], spec: LogSpec) -> dict[str, Made]:
    """The model file's own [[metrics]], and the override rate, which is counted like one."""
    figures: dict[str, Made] = {}
    for metric in spec.metrics:
        n, x, xx = (summed(sums, f"{metric.key}:{part}") for part in ("n", "x", "xx"))
        why = f"No row of this window has a value for {' and '.join(metric.columns)}."
        if metric.ratio:
            y, yy, xy = (summed(sums, f"{metric.key}:{part}") for part in ("y", "yy", "xy"))
            figure = regression.ratio_of_sums_of(x, y, xx, yy, xy, n)
        else:
            figure = calibration.mean_of(x, xx, n)
        figures[metric.key] = of_figures(figure, n.astype(np.int64), why)
    if spec.override is not None and all("override_rate:n" in each.names for each in sums):
        decided, overridden = summed(sums, "override_rate:n"), summed(sums, "override_rate:x")
        rates = shares(overridden, decided)
        figures["override_rate"] = of_rates(rates, "No row of this window says whether it was overridden.")
    return figures


def _mean_score(populations: Populations) -> Made:
    rows = populations.rows
    figures = calibration.mean_of(populations.sum("score"), populations.sum("score_sq"), rows.astype(np.float64))
    return of_figures(figures, rows, "There are no rows.")


def _ranking(populations: Populations, spec: LogSpec) -> dict[str, Made]:
    found = discrimination.rankings(table_of(each, falling(spec)) for each in populations.each)
    n, events = populations.labelled, populations.positives
    why = one_outcome(n, events)
    auc = of_figures(found.roc_auc, n, why, events=events)
    return {
        "roc_auc": auc,
        "gini": as_gini(auc),
        "ks_separation": of_figures(found.ks_separation, n, why, events=events),
        "average_precision": of_figures(found.average_precision, n, why, events=events),
        "base_rate": of_rates(shares(events, n), NO_LABEL),
    }


def falling(spec: LogSpec) -> bool:
    """Whether risk falls as the score rises."""
    return spec.score_kind is ScoreKind.POINTS and spec.higher_is == "safer"


def table_of(population: Population, turned: bool = False) -> discrimination.Table:
    """Rows by outcome, and where a bin is one score, by rising score or, turned, falling."""
    step = -1 if turned else 1
    counts = population.counts[::step]
    negatives, positives = counts[:, NEGATIVE], counts[:, POSITIVE]
    exact = population.bins.exact and single(population.bins, population.index)[::step]
    return negatives, positives, exact


def one_outcome(labelled: Ints, positives: Ints) -> Words:
    """Why nothing that needs both outcomes can be made."""
    only = [f"Only one outcome is present (every label is {label}); ranking needs both." for label in (0, 1)]
    said = np.where(positives > 0, only[1], only[0])
    return np.where(labelled > 0, said, NO_LABEL).astype(object)


def _calibration(populations: Populations, spec: LogSpec) -> dict[str, Made]:
    n, events = populations.labelled, populations.positives
    if spec.score_kind is not ScoreKind.PROBABILITY:
        why = absent(NEEDS_PROBABILITY, n, events)
        return dict.fromkeys(("log_loss", "brier_score", "ece", "observed_expected"), why)
    rows, of, hits = n.astype(np.float64), populations.sum, events.astype(np.float64)
    bands = [(each.band_rows, each.band_score, each.band_actual) for each in populations.each]
    ece = calibration.ece_of(*(np.array(part, dtype=np.float64) for part in zip(*bands, strict=True)))
    ratio = calibration.observed_expected_of(hits, of("expected"), rows)
    p = calibration.miscalibration_of(hits, of("expected"), of("variance"))
    loss, brier = (calibration.mean_of(of(name), of(f"{name}_sq"), rows) for name in ("log_loss", "brier"))
    return {
        "log_loss": of_figures(loss, n, NO_LABEL, events=events),
        "brier_score": of_figures(brier, n, NO_LABEL, events=events),
        "ece": of_figures(ece, n, NO_LABEL, events=events),
        "observed_expected": of_figures(ratio, n, NO_LABEL, events=events, p=p),
    }


def _decisions(populations: Populations) -> dict[str, Made]:
    (tn, fn), (fp, tp) = populations.decisions[:, :UNKNOWN, :UNKNOWN].transpose(1, 2, 0)
    table = Confusions(tp=tp, fp=fp, fn=fn, tn=tn)
    events, negatives = "No row with the event has a decision.", "No row without the event has a decision."
    why, known = "No row has both a decision and a label.", tp + fn
    recall, specificity = of_rates(table.recall, events), of_rates(table.specificity, negatives)
    return {
        "accuracy": of_rates(table.accuracy, why, known),
        "balanced_accuracy": of_rates(table.balanced_accuracy, why, known),
        "precision": of_rates(table.precision, "No labelled row was decided 1."),
        "recall": recall,
        "specificity": specificity,
        "f1": of_rates(table.f1, why, known),
        "mcc": of_rates(table.mcc, "Only one decision or only one outcome is present.", known),
        "true_positive_rate": recall,
        "true_negative_rate": specificity,
        "false_positive_rate": of_rates(table.false_positive_rate, negatives),
        "false_negative_rate": of_rates(table.false_negative_rate, events),
    }


def _selection(populations: Populations, spec: LogSpec) -> dict[str, Made]:
    rate = of_rates(shares(*populations.favoured(spec.favourable)), "No row of this window has a decision.")
    return {"selection_rate": rate, "approval_rate": rate}


def _errors(populations: Populations) -> dict[str, Made]:
    of, n = populations.sum, populations.labelled
    rows = n.astype(np.float64)
    ratio = regression.actual_expected_of(of("actual"), of("expected"), of("error"), of("squared"), rows)
    p = two_values_of(ratio.value, ratio.variance, np.ones_like(rows), np.zeros_like(rows))
    fit = regression.r2_of(of("squared"), of("actual"), of("actual_sq"), rows)
    mae, error = (calibration.mean_of(of(name), of("squared"), rows) for name in ("absolute", "error"))
    flat, nothing = "R squared needs labels that differ.", "The predictions do not add up above 0."
    return {
        "rmse": of_figures(regression.rmse_of(of("squared"), of("squared_sq"), rows), n, NO_LABEL),
        "mae": of_figures(mae, n, NO_LABEL),
        "mape": _percentage(populations),
        "mean_error": of_figures(error, n, NO_LABEL),
        "r2": of_figures(fit, n, np.where(n > 0, flat, NO_LABEL).astype(object)),
        "actual_expected": of_figures(ratio, n, np.where(n > 0, nothing, NO_LABEL).astype(object), p=p),
    }


def _percentage(populations: Populations) -> Made:
    """A mean percentage over 1,000 % comes from actual values next to zero, and says nothing about the model."""
    n = populations.sum("relative_n")
    figures = calibration.mean_of(populations.sum("relative"), populations.sum("relative_sq"), n)
    near = "Actual values stand so near zero that a percentage of them means nothing; read the MAE."
    far = figures.value > MEANINGLESS
    held = np.where(far, np.nan, figures.value)
    return made(
        held,
        low=figures.interval.low,
        high=figures.interval.high,
        method=figures.interval.method,
        variance=figures.variance,
        n=n.astype(np.int64),
        events=NONE,
        why_not=np.where(far, near, NO_LABEL),
    )
