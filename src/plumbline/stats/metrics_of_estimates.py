"""What is said of estimated figures: the registry's entry of the figure itself, and how it is estimated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from plumbline.stats.metric import Metric

PREFIX = "estimated_"
CONFIDENCE_BASED = (
    "Confidence-based performance estimation, NannyML 2022; Cox 1958 and Ayer and others 1955 for the regressions"
)
DIRECT = "Direct loss estimation, NannyML 2023; Tukey 1961 for the regressogram"
OF_SCORES = ("roc_auc", "gini", "average_precision", "log_loss", "brier_score", "base_rate")
OF_DECISIONS = ("accuracy", "precision", "recall", "specificity", "f1")
OF_CHOICES = ("accuracy", "precision", "recall", "f1")  # what of them is estimated for several classes, by the chosen
OF_CLASSES = ("roc_auc", "log_loss", "brier_score", *OF_CHOICES)
OF_ERRORS = ("mae", "rmse", "mean_error", "actual_expected")
OWN_UNIT = ("mae", "rmse", "mean_error")  # figures in the unit of the outcome
NAMES = ("AUC", "Gini", "F1", "Brier score", "RMSE")
DEFINITION = (
    "as {key}, where a row counts as p of an event and 1 - p of none; p from the reference: logistic regression of its "
    "outcomes on the logit of the score, or isotonic regression where Akaike's criterion prefers it. Limits as of a "
    "window of 1 / (1 / rows + 1 / labelled rows of the reference) rows: the sampling error of both; of shares whose "
    "rows are known beforehand by the spread of those rows' own chances. Assumes that the event comes as often at each "
    "score as on the reference (no concept shift), and scores within the reference's range."
)
BY_CLASS = (
    " Several classes: each against the others, isotonic by its own score alone; what depends on the class chosen by "
    "the scores of the rows that it was chosen for."
)
OF_LOSSES = (
    "as {key}, where a row is expected to err as the labelled rows of its band of the prediction (deciles of the "
    "reference) did on the reference, more or less along the line through the bands beside it. Limits: the spread of "
    "such losses over the window's rows, and over the reference's. Assumes that outcomes fall about each prediction as "
    "on the reference (no concept shift), and predictions within the reference's range."
)


def estimated(metrics: Iterable[Metric]) -> tuple[Metric, ...]:
    """An entry for each figure that is estimated too."""
    return tuple(
        replace(
            metric,
            key=f"{PREFIX}{metric.key}",
            title=f"Estimated {metric.title if metric.title in NAMES else metric.title.lower()}",
            needs_labels=False,
            group="Estimated without labels",
            meaning=f"Expected before outcomes are known. {metric.meaning}",
            definition=_definition(metric.key).format(key=metric.key),
            source=DIRECT if metric.key in OF_ERRORS else CONFIDENCE_BASED,
        )
        for metric in metrics
        if metric.key in (*OF_SCORES, *OF_DECISIONS, *OF_ERRORS)
    )


def _definition(key: str) -> str:
    return OF_LOSSES if key in OF_ERRORS else DEFINITION + BY_CLASS if key in OF_CLASSES else DEFINITION
