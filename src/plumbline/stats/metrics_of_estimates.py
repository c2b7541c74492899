"""What is said of estimated figures: the registry's entry of the figure itself, and how it is estimated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from plumbline.stats.metric import Metric

PREFIX = "estimated_"
OF_SCORES = ("roc_auc", "gini", "average_precision", "log_loss", "brier_score", "base_rate")
OF_DECISIONS = ("accuracy", "precision", "recall", "specificity", "f1")
NAMES = ("AUC", "Gini", "F1", "Brier score")
DEFINITION = (
    "as {key}, where a row counts as p of an event and 1 - p of none; p from the reference: isotonic regression of its "
    "outcomes on the score, or the score itself where Akaike's criterion prefers it. Limits as of a window of 1 / (1 / "
    "rows + 1 / labelled rows of the reference) rows: the sampling error of both. Assumes that the event comes as "
    "often at each score as on the reference (no concept shift), and scores within the reference's range."
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
            definition=DEFINITION.format(key=metric.key),
            source="Confidence-based performance estimation, NannyML 2022; Ayer and others 1955 for the regression",
        )
        for metric in metrics
        if metric.key in (*OF_SCORES, *OF_DECISIONS)
    )
