"""The figures of each class of a model with several, in one window: a line a figure, what needs attention first."""

from __future__ import annotations

from plumbline.domain.results import Level
from plumbline.profiling.profile import SCORE
from plumbline.services import by_window, stored
from plumbline.services.context import Context
from plumbline.services.views.figures import count
from plumbline.services.views.status import marked
from plumbline.store.measurements import Selection, Stored

FIGURES = ("roc_auc", "precision", "recall", "f1")
OF_CLASS = f"{SCORE}["


def by_class(ctx: Context, subject: stored.Subject, window: str) -> tuple[dict[str, str], ...]:
    """Empty for a model that has no classes, or of which nothing was measured by class."""
    chosen = Selection(metrics=FIGURES, windows=(window,), segment_by=(None,))
    found = [one for one in stored.results(ctx, subject, chosen) if _class(one)]
    order = sorted(found, key=lambda one: (-_rank(one), _class(one), FIGURES.index(one.result.measurement.metric)))
    return tuple(map(_line, order))


def _class(one: Stored) -> str:
    """The class whose score the figure goes by; empty for a figure of something else."""
    name = one.result.measurement.column or ""
    return name.removeprefix(OF_CLASS).removesuffix("]") if name.startswith(OF_CLASS) else ""


def _rank(one: Stored) -> int:
    return one.result.verdict.level.rank


def _line(one: Stored) -> dict[str, str]:
    m, verdict = one.result.measurement, one.result.verdict
    words = by_window.metric_words(m.metric)
    interval = "" if m.estimate is None else f" ({words.span(m.low, m.high)})"
    return {
        "Status": marked(verdict.level),
        "Class": _class(one),
        "Measure": words.title,
        "Now": f"{words.figure(m.estimate)}{interval}",
        "Reference": words.figure(m.reference),
        "Rows": count(m.n),
        # Sixteen times "within its limits" would hide the one reason that is read.
        "Reason": "" if verdict.level is Level.GREEN else verdict.reason,
    }
