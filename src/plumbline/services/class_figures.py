"""The figures of each class of a model with several, in one window: a line a class, what needs attention first."""

from __future__ import annotations

from collections import defaultdict

from plumbline.domain.results import Measurement
from plumbline.profiling.profile import SCORE
from plumbline.services import by_window, stored
from plumbline.services.context import Context
from plumbline.services.views.by_window import MetricWords
from plumbline.services.views.figures import count
from plumbline.services.views.status import marked
from plumbline.store.measurements import Selection, Stored

FIGURES = ("roc_auc", "precision", "recall", "f1")


def by_class(ctx: Context, subject: stored.Subject, window: str) -> tuple[dict[str, str], ...]:
    """Empty for a model that has no classes, or of which nothing was measured by class."""
    found: dict[str, dict[str, Stored]] = defaultdict(dict)
    for one in stored.results(ctx, subject, Selection(metrics=FIGURES, windows=(window,), segment_by=(None,))):
        m = one.result.measurement
        if m.column is not None and m.column.startswith(f"{SCORE}["):
            found[m.column.removeprefix(f"{SCORE}[").removesuffix("]")][m.metric] = one
    lines = [(_rank(of), _line(name, of)) for name, of in found.items()]
    return tuple(line for _, line in sorted(lines, key=lambda line: -line[0]))


def _rank(of: dict[str, Stored]) -> int:
    return max(one.result.verdict.level.rank for one in of.values())


def _line(name: str, of: dict[str, Stored]) -> dict[str, str]:
    worst = max(of.values(), key=lambda one: one.result.verdict.level.rank).result
    told = {key: (by_window.metric_words(key), of[key].result.measurement) for key in FIGURES if key in of}
    return {
        "Status": marked(worst.verdict.level),
        "Class": name,
        "Came in rows": count(told["roc_auc"][1].events),
        **{words.title: _figure(words, m) for words, m in told.values()},
        "Reason": worst.verdict.reason,
    }


def _figure(words: MetricWords, m: Measurement) -> str:
    """With its limits, and what the reference had."""
    if m.estimate is None:
        return words.figure(None)
    before = "" if m.reference is None else f", was {words.figure(m.reference)}"
    return f"{words.figure(m.estimate)} ({words.span(m.low, m.high)}){before}"
