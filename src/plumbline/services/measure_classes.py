"""Figures of a model with several classes: of all of them together, and of each against the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from plumbline.domain.log_spec import LogSpec
from plumbline.profiling.profile import ALL, SCORE, Classes, Sums
from plumbline.services.measure_compared import Line
from plumbline.services.measure_figures import Figures, Ints, Made, of_figures, of_rates
from plumbline.services.measure_performance import NO_LABEL, row_count, summed, table_of
from plumbline.stats import calibration, classification, discrimination, multiclass

UNRANKED = "Some class has no rows, or no others; an area over all classes needs both for every class."
NEVER_CAME = "Some class never came, so nothing says how much of it is found."
NEVER_CHOSEN = "Some class was never chosen, so nothing says how often it is right when it is."
NOTHING = "Some class was never chosen and never came."
ONE_ALONE = "One class alone was chosen, or came."
SECTION = 6  # behind the columns, in the order of a window's figures


def of_tables(tables: Ints, spec: LogSpec) -> Figures:
    """Figures of slices of a model of several classes; shape (slices, classes, classes and not known yet)."""
    figures = {"row_count": row_count(tables.sum(axis=(-2, -1)))}
    if spec.label is not None:
        figures["accuracy"] = of_rates(multiclass.accuracies(tables[:, :, :-1]), NO_LABEL)
    return figures


def of_classes(classes: Sequence[Classes], labelled: Ints, spec: LogSpec) -> Figures:
    """Ranking, losses and averages over classes, of all rows of several windows."""
    if spec.label is None:
        return {}
    # Events of a macro figure: the rarest class decides how sure it is.
    came = [[one.positives for one in each.one_vs_rest.values()] for each in classes]
    rarest = np.array([min(each, default=0) for each in came])
    areas = _by_window(_areas(classes), len(classes))
    ranked = {
        "roc_auc": [multiclass.macro_auc(each) for each in areas],
        "weighted_roc_auc": [multiclass.weighted_auc(each, rows) for each, rows in zip(areas, came, strict=True)],
    }
    why = np.where(labelled > 0, UNRANKED, NO_LABEL).astype(object)
    sums = [each.sums for each in classes]
    return {
        **{key: of_figures(calibration.stacked(each), labelled, why, events=rarest) for key, each in ranked.items()},
        **_averages(_confusions(classes), rarest),
        "log_loss": _mean(sums, "log_loss", labelled),
        "brier_score": _mean(sums, "brier", labelled),
    }


def each_class(classes: Sequence[Classes]) -> tuple[list[Line], Figures]:
    """(a line for each class of each window, its figures): the class against all others, under its score's name."""
    lines = [
        Line(at, SECTION, place, ALL, f"{SCORE}[{name}]", place)
        for at, each in enumerate(classes)
        for place, name in enumerate(each.names)
    ]
    rows = multiclass.one_by_one(_confusions(classes))
    tp, fp, fn, tn = (side.reshape(-1) for side in (rows.tp, rows.fp, rows.fn, rows.tn))
    flat = classification.Confusions(tp=tp, fp=fp, fn=fn, tn=tn)
    came = flat.tp + flat.fn
    alone = np.where(flat.n > 0, "This class never came, or no other did; ranking needs both.", NO_LABEL).astype(object)
    return lines, {
        "roc_auc": of_figures(_areas(classes), flat.n, alone, events=came),
        "precision": of_rates(flat.precision, "No labelled row had this class chosen."),
        "recall": of_rates(flat.recall, "This class never came."),
        "f1": of_rates(flat.f1, "This class was never chosen and never came.", came),
    }


def _averages(tables: Ints, rarest: Ints) -> Figures:
    """Where a class that counts has no rate there is no average: it would be made up."""
    of = multiclass.Averages(tables)
    return {
        key: of_rates(rates, why, rarest)
        for key, rates, why in (
            ("precision", of.precision, NEVER_CHOSEN),
            ("weighted_precision", of.weighted_precision, NEVER_CHOSEN),
            ("recall", of.recall, NEVER_CAME),
            ("f1", of.f1, NOTHING),
            ("weighted_f1", of.weighted_f1, NOTHING),
            ("mcc", of.mcc, ONE_ALONE),
        )
    }


def _confusions(classes: Sequence[Classes]) -> Ints:
    """By the class chosen and the one that came, labelled rows alone. Shape (windows, classes, classes)."""
    return np.array([each.confusion[ALL][:, :-1] for each in classes])


def _by_window(areas: discrimination.Separations, windows: int) -> list[list[discrimination.Separation | None]]:
    width = len(areas.value) // windows
    return [[areas.at(at * width + place) for place in range(width)] for at in range(windows)]


def _mean(sums: Sequence[Sums], name: str, n: Ints) -> Made:
    figures = calibration.mean_of(summed(sums, name), summed(sums, f"{name}_sq"), n.astype(np.float64))
    return of_figures(figures, n, NO_LABEL)


def _areas(classes: Sequence[Classes]) -> discrimination.Separations:
    """Each class's score against the rest, window by window."""
    return discrimination.rankings(table_of(one) for each in classes for one in each.one_vs_rest.values()).roc_auc
