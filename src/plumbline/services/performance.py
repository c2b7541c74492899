"""Performance: does the model still rank, predict and decide as well as it did on the reference?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from plumbline.domain.results import REFERENCE, Level
from plumbline.services import by_window, stored
from plumbline.services.context import Context
from plumbline.services.score_pictures import calibration, confusion, distribution
from plumbline.services.views import figures
from plumbline.services.views.by_window import Choice, Headline, Trend, row
from plumbline.services.views.performance import PerformanceView
from plumbline.store.measurements import Selection, Stored

LEADING = (
    "roc_auc",
    "gini",
    "ks_separation",
    "observed_expected",
    "ece",
    "brier_score",
    "log_loss",
    "rmse",
    "mae",
    "mean_error",
    "actual_expected",
    "r2",
    "accuracy",
    "balanced_accuracy",
    "precision",
    "recall",
)
VOLUME = ("row_count", "duplicate_rate")
_CONTROLS = 7


def performance_view(
    ctx: Context, model_id: str, version: str, *, window: str = "", metric: str = ""
) -> PerformanceView:
    """The page's view; empty choices mean the latest window and what is worst in it."""
    subject = stored.subject(ctx, model_id, version)
    if not subject.windows:
        return PerformanceView(headline=Headline(stored.NOTHING_MEASURED), windows=(), window="", metrics=())
    chosen = window if window in subject.windows else subject.windows[-1]
    trends = _trends(ctx, subject)
    judged = [trends[key] for key in trends if key not in VOLUME]
    key = metric if metric in trends else _leading(trends)[0]
    _, current = stored.profiles(ctx, subject, chosen)
    return PerformanceView(
        headline=_headline(judged, chosen),
        windows=by_window.window_choices(subject.windows),
        window=chosen,
        metrics=_choices(trends, key, chosen),
        metric=trends[key].metric,
        trend=trends[key],
        status=by_window.status_line(trends[key], chosen),
        calibration=calibration(current, task=subject.task) if current else None,
        distribution=distribution(current, task=subject.task) if current else None,
        confusion=confusion(current, threshold=subject.threshold) if current else None,
        overview=overview(trends, chosen),
    )


def _trends(ctx: Context, subject: stored.Subject) -> dict[str, Trend]:
    """Every figure of all rows through time, the leading ones first."""
    by_metric: dict[str, list[Stored]] = defaultdict(list)
    for one in stored.results(ctx, subject, Selection(segment_by=(None,), columns=(None,))):
        by_metric[one.result.measurement.metric].append(one)
    order = sorted(by_metric, key=lambda key: (LEADING.index(key) if key in LEADING else len(LEADING), key))
    return {
        key: by_window.trend(
            by_metric[key],
            by_window.metric_words(key),
            "all rows",
            limits=stored.limits(ctx, subject, key, by_metric[key]),
        )
        for key in order
    }


def _leading(trends: Mapping[str, Trend]) -> list[str]:
    return [key for key in trends if key not in VOLUME][:_CONTROLS] or list(trends)


def _choices(trends: Mapping[str, Trend], chosen: str, window: str) -> tuple[Choice, ...]:
    keys = _leading(trends)
    shown = keys if chosen in keys else [*keys, chosen]
    return tuple(Choice(key, trends[key].metric.title, _level(trends[key], window)) for key in shown)


def _level(trend: Trend, window: str) -> Level | None:
    now = by_window.at(trend, window)
    return now.level if now else None


def _headline(trends: Sequence[Trend], window: str) -> Headline:
    """The worst figure; when labels are still out, also what the last judged window said."""
    first = by_window.headline(trends, window, f"Nothing was measured in {figures.window_words(window)}.")
    if first.level is not Level.GREY or not trends:
        return first
    waiting = trends[0]
    before = [one.window for one in waiting.points if one.level is not Level.GREY]
    if not before or by_window.at(waiting, window) is None:
        return first
    last = by_window.sentence(waiting, before[-1])
    return Headline(f"{first.sentence} Last judged: {last}", first.level)


def overview(trends: Mapping[str, Trend], window: str) -> tuple[dict[str, str], ...]:
    """Every figure of the window as a line of a table, what needs attention first; house figures stand among them."""
    lines = []
    for trend in trends.values():
        now = by_window.at(trend, window)
        if now is not None and window != REFERENCE:
            lines.append(
                (now.level.rank, {"Measure": trend.metric.title, **_without_window(row(now, trend.metric), trend)})
            )
    lines.sort(key=lambda line: -line[0])
    return tuple(line for _, line in lines)


def _without_window(line: dict[str, str], trend: Trend) -> dict[str, str]:
    now = {"Now": line.pop(trend.metric.title), "Reference": trend.metric.figure(_reference(trend))}
    line.pop("Window")
    return {**now, **line}


def _reference(trend: Trend) -> float | None:
    return trend.reference.estimate if trend.reference else None
