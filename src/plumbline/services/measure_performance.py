"""Figures of one population: scores against outcomes, decisions against outcomes, the house's own."""

from __future__ import annotations

from plumbline.domain.log_spec import LogSpec, ScoreKind, Task
from plumbline.profiling.edges import single
from plumbline.profiling.profile import NEGATIVE, POSITIVE, UNKNOWN, Classes, Population, Slice, Sums
from plumbline.services.measure_figures import (
    Figures,
    Made,
    absent,
    as_gini,
    of_auc,
    of_figure,
    of_rate,
    of_separation,
)
from plumbline.stats import calibration, discrimination, multiclass, regression
from plumbline.stats.calibration import Figure
from plumbline.stats.classification import Confusion, share
from plumbline.stats.intervals import two_values

NO_LABEL = "No label is known yet in this window."
MEANINGLESS = 10.0  # a share: 1,000 %
NEEDS_PROBABILITY = "This figure needs a probability, and the score is in points."


def row_count(rows: int) -> Made:
    return Made(value=float(rows), low=float(rows), high=float(rows), method="exact count", n=rows)


def binary(population: Population, spec: LogSpec) -> Figures:
    """Figures of a model of two outcomes."""
    figures = {"row_count": row_count(population.rows), "mean_score": _mean_score(population)}
    if spec.label is not None:
        figures |= _ranking(population, spec) | _calibration(population, spec)
    if spec.decides:
        figures |= _decisions(population, spec)
    return figures | house(population.sums, spec)


def regressed(population: Population, spec: LogSpec) -> Figures:
    """Figures of a model that predicts a value."""
    figures = {"row_count": row_count(population.rows), "mean_score": _mean_score(population)}
    if spec.label is not None:
        figures |= _errors(population)
    if spec.decides:
        figures |= _selection(population, spec)
    return figures | house(population.sums, spec)


def of_classes(classes: Classes, slice_: Slice, spec: LogSpec) -> Figures:
    """Figures of a model of several classes; ranking and log loss for all rows only."""
    table = classes.confusion[slice_]
    figures = {"row_count": row_count(int(table.sum()))}
    if spec.label is None:
        return figures
    figures["accuracy"] = of_rate(multiclass.accuracy(table[:, :-1]), NO_LABEL)
    if slice_.by is not None:
        return figures
    n = int(table[:, :-1].sum())
    areas = [
        discrimination.roc_auc(each.counts[:, NEGATIVE], each.counts[:, POSITIVE], exact=single(each.bins, each.index))
        for each in classes.one_vs_rest.values()
    ]
    why = "Some class has no rows, or no others; a macro AUC needs both for every class." if n else NO_LABEL
    # Events of a macro figure: the rarest class decides how sure it is.
    rarest = min((each.positives for each in classes.one_vs_rest.values()), default=0)
    figures["roc_auc"] = of_figure(multiclass.macro_auc(areas), n, why, events=rarest)
    return figures | {"log_loss": _mean(classes.sums, "log_loss", n), "brier_score": _mean(classes.sums, "brier", n)}


def house(sums: Sums, spec: LogSpec) -> dict[str, Made]:
    """The model file's own [[metrics]], and the override rate, which is counted like one."""
    figures: dict[str, Made] = {}
    for metric in spec.metrics:
        n, x, xx = (int(sums.value(f"{metric.key}:n")), sums.value(f"{metric.key}:x"), sums.value(f"{metric.key}:xx"))
        why = f"No row of this window has a value for {' and '.join(metric.columns)}."
        figure = calibration.mean(x, xx, n)
        if metric.ratio:
            y, yy, xy = (sums.value(f"{metric.key}:{part}") for part in ("y", "yy", "xy"))
            figure = regression.ratio_of_sums(x, y, xx, yy, xy, n)
        figures[metric.key] = of_figure(figure, n, why)
    if spec.override is not None and "override_rate:n" in sums.names:
        decided, overridden = int(sums.value("override_rate:n")), round(sums.value("override_rate:x"))
        figures["override_rate"] = of_rate(
            share(overridden, decided), "No row of this window says whether it was overridden."
        )
    return figures


def favoured(population: Population, spec: LogSpec) -> tuple[int, int]:
    """(rows with the favourable decision, rows decided)."""
    return int(population.decisions[spec.favourable].sum()), int(population.decisions[:UNKNOWN].sum())


def _mean(sums: Sums, name: str, n: int) -> Made:
    return of_figure(calibration.mean(sums.value(name), sums.value(f"{name}_sq"), n), n, NO_LABEL)


def _mean_score(population: Population) -> Made:
    figure = calibration.mean(population.sums.value("score"), population.sums.value("score_sq"), population.rows)
    return of_figure(figure, population.rows, "There are no rows.")


def _ranking(population: Population, spec: LogSpec) -> dict[str, Made]:
    negatives, positives = population.counts[:, NEGATIVE], population.counts[:, POSITIVE]
    exact = single(population.bins, population.index)
    if spec.score_kind is ScoreKind.POINTS and spec.higher_is == "safer":
        negatives, positives, exact = negatives[::-1], positives[::-1], exact[::-1]
    n, events = population.labelled, population.positives
    why = _one_class(population)
    found = discrimination.ranking(negatives, positives, exact=exact)
    area, gap, precision = (
        (found.roc_auc, found.ks_separation, found.average_precision) if found else (None, None, None)
    )
    auc = of_auc(area, n, events, why)
    return {
        "roc_auc": auc,
        "gini": as_gini(auc),
        "ks_separation": of_separation(gap, n, events, why),
        "average_precision": of_separation(precision, n, events, why),
        "base_rate": of_rate(share(events, n), NO_LABEL),
    }


def _one_class(population: Population) -> str:
    if not population.labelled:
        return NO_LABEL
    return f"Only one outcome is present (every label is {1 if population.positives else 0}); ranking needs both."


def _calibration(population: Population, spec: LogSpec) -> dict[str, Made]:
    n, events, sums = population.labelled, population.positives, population.sums
    if spec.score_kind is not ScoreKind.PROBABILITY:
        why = absent(NEEDS_PROBABILITY, n, events)
        return dict.fromkeys(("log_loss", "brier_score", "ece", "observed_expected"), why)
    loss = calibration.log_loss(sums.value("log_loss"), sums.value("log_loss_sq"), n)
    brier = calibration.brier(sums.value("brier"), sums.value("brier_sq"), n)
    ece = calibration.ece(population.band_rows, population.band_score, population.band_actual)
    expected = sums.value("expected")
    ratio = calibration.observed_expected(events, expected, n)
    p = calibration.miscalibration(events, expected, sums.value("variance"))
    return {
        "log_loss": of_figure(loss, n, NO_LABEL, events=events),
        "brier_score": of_figure(brier, n, NO_LABEL, events=events),
        "ece": of_figure(ece, n, NO_LABEL, events=events),
        "observed_expected": of_figure(ratio, n, NO_LABEL, events=events, p=p),
    }


def _decisions(population: Population, spec: LogSpec) -> dict[str, Made]:
    figures = _selection(population, spec)
    if spec.label is None:
        return figures
    (tn, fn), (fp, tp) = population.decisions[:UNKNOWN, :UNKNOWN].tolist()
    table = Confusion(tp=tp, fp=fp, fn=fn, tn=tn)
    events, negatives = "No row with the event has a decision.", "No row without the event has a decision."
    why = "No row has both a decision and a label."
    recall, specificity = of_rate(table.recall, events), of_rate(table.specificity, negatives)
    return figures | {
        "accuracy": of_rate(table.accuracy, why, events=tp + fn),
        "balanced_accuracy": of_rate(table.balanced_accuracy, why, events=tp + fn),
        "precision": of_rate(table.precision, "No labelled row was decided 1."),
        "recall": recall,
        "specificity": specificity,
        "f1": of_rate(table.f1, why, events=tp + fn),
        "mcc": of_rate(table.mcc, "Only one decision or only one outcome is present.", events=tp + fn),
        "true_positive_rate": recall,
        "true_negative_rate": specificity,
        "false_positive_rate": of_rate(table.false_positive_rate, negatives),
        "false_negative_rate": of_rate(table.false_negative_rate, events),
    }


def _selection(population: Population, spec: LogSpec) -> dict[str, Made]:
    rate = of_rate(share(*favoured(population, spec)), "No row of this window has a decision.")
    return {"selection_rate": rate, "approval_rate": rate}


def _errors(population: Population) -> dict[str, Made]:
    sums, n = population.sums, population.labelled
    value = sums.value
    ratio = regression.actual_expected(value("actual"), value("expected"), value("error"), value("squared"), n)
    p = None if ratio is None else two_values(ratio.value, ratio.variance, 1.0, 0.0)
    fit = regression.r2(value("squared"), value("actual"), value("actual_sq"), n)
    relative = int(value("relative_n"))
    return {
        "rmse": of_figure(regression.rmse(value("squared"), value("squared_sq"), n), n, NO_LABEL),
        "mae": of_figure(regression.mae(value("absolute"), value("squared"), n), n, NO_LABEL),
        "mape": _percentage(calibration.mean(value("relative"), value("relative_sq"), relative), relative),
        "mean_error": of_figure(regression.mean_error(value("error"), value("squared"), n), n, NO_LABEL),
        "r2": of_figure(fit, n, "R squared needs labels that differ." if n else NO_LABEL),
        "actual_expected": of_figure(ratio, n, NO_LABEL if not n else "The predictions do not add up above 0.", p=p),
    }


def _percentage(figure: Figure | None, n: int) -> Made:
    """A mean percentage over 1,000 % comes from actual values next to zero, and says nothing about the model."""
    if figure is not None and figure.value > MEANINGLESS:
        return absent("Actual values stand so near zero that a percentage of them means nothing; read the MAE.", n)
    return of_figure(figure, n, NO_LABEL)


def figures_of(population: Population, spec: LogSpec) -> Figures:
    """All figures of one population, by the model's task."""
    return regressed(population, spec) if spec.task is Task.REGRESSION else binary(population, spec)
