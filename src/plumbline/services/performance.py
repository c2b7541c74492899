"""Performance: does the model still rank, predict and decide as well as it did on the reference?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from plumbline.domain.results import REFERENCE, Level
from plumbline.services import by_window, maturity, stored
from plumbline.services.change_dates import change_sentence
from plumbline.services.class_figures import by_class
from plumbline.services.concept_bands import shift_by_band
from plumbline.services.context import Context
from plumbline.services.divergence import DIVERGENCE
from plumbline.services.drift import OF_ALL
from plumbline.services.score_pictures import absences, calibration, confusion, distribution
from plumbline.services.track_record import estimable, estimated
from plumbline.services.views.by_window import Choice, Headline, Point, Trend, row
from plumbline.services.views.figures import window_words
from plumbline.services.views.performance import PerformanceView
from plumbline.services.views.status import marked
from plumbline.stats.metrics_of_estimates import PREFIX
from plumbline.store.measurements import Selection, Stored

LEADING = (
    "roc_auc",
    "gini",
    "ks_separation",
    "observed_expected",
    "concept_shift",
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
_PAST = (Level.AMBER, Level.RED)


def performance_view(
    ctx: Context, model_id: str, version: str, *, window: str = "", metric: str = ""
) -> PerformanceView:
    """The page's view; empty choices mean the last window whose labels are in, and the worst figure in it."""
    subject = stored.subject(ctx, model_id, version)
    if not subject.windows:
        return PerformanceView(headline=Headline(stored.NOTHING_MEASURED), windows=(), window="", metrics=())
    judged = stored.judged_windows(ctx, subject, LEADING)
    chosen = window if window in subject.windows else (judged or subject.windows)[-1]
    figures_now = _of_window(ctx, subject, chosen)
    worst = _worst(figures_now, chosen)
    key = metric if metric in figures_now else worst
    expected = estimable((key, *figures_now)) or key
    through_time = {one: _through_time(ctx, subject, one) for one in {key, worst, expected}}
    current = stored.profile(ctx, subject, chosen)
    return PerformanceView(
        headline=_headline(figures_now, through_time[worst], chosen, _waiting(subject.windows, judged)),
        windows=by_window.window_choices(subject.windows),
        window=chosen,
        metrics=_choices(figures_now, key, chosen),
        metric=through_time[key].metric,
        trend=through_time[key],
        status=maturity.status_line(ctx, subject, through_time[key], chosen),
        change=change_sentence(through_time[key]),
        estimated=estimated(ctx, subject, through_time[expected]),
        bands=_bands(ctx, subject, chosen) if key == "concept_shift" else (),
        classes=by_class(ctx, subject, chosen),
        calibration=calibration(current, task=subject.task) if current else None,
        distribution=distribution(current, task=subject.task) if current else None,
        confusion=confusion(current, threshold=subject.threshold) if current and not subject.seen_after else None,
        described=_described(subject, figures_now, chosen),
        divergence=_divergence(ctx, subject, chosen),
        absent=absences(current, task=subject.task) if current else (),
        overview=overview(figures_now, chosen),
        figures=passports(figures_now, chosen),
    )


def _bands(ctx: Context, subject: stored.Subject, window: str) -> tuple[dict[str, str], ...]:
    spec = stored.log_spec(ctx, subject)
    return shift_by_band(spec, *stored.profiles(ctx, subject, window)) if spec else ()


def _of_window(ctx: Context, subject: stored.Subject, window: str) -> dict[str, Trend]:
    """Every figure of all rows in one window, beside its reference; the leading ones first."""
    by_metric: dict[str, list[Stored]] = defaultdict(list)
    of_all = Selection(windows=(REFERENCE, window), segment_by=(None,), columns=(None,))
    for one in stored.results(ctx, subject, of_all):
        # A figure of all columns together is told with the columns, on the drift page.
        if one.result.measurement.metric not in OF_ALL:
            by_metric[one.result.measurement.metric].append(one)
    order = sorted(by_metric, key=lambda key: (LEADING.index(key) if key in LEADING else len(LEADING), key))
    return {key: by_window.trend(by_metric[key], by_window.metric_words(key), "all rows") for key in order}


def _through_time(ctx: Context, subject: stored.Subject, key: str) -> Trend:
    of_all = Selection(metrics=(key,), segment_by=(None,), columns=(None,))
    return stored.trend(ctx, subject, of_all, key, "all rows")


def _worst(trends: Mapping[str, Trend], window: str) -> str:
    """The figure to open on: past a limit first; else the leading figure if it is grey; other greys last."""
    keys = [key for key in trends if key not in VOLUME] or list(trends)
    return max(keys, key=lambda key: _attention(_level(trends[key], window), leads=key == keys[0]))


def _attention(level: Level | None, *, leads: bool) -> int:
    if level is None or (level is Level.GREY and not leads):
        return -1
    return level.rank


def _leading(trends: Mapping[str, Trend]) -> list[str]:
    return [key for key in trends if key not in VOLUME][:_CONTROLS] or list(trends)


def _choices(trends: Mapping[str, Trend], chosen: str, window: str) -> tuple[Choice, ...]:
    keys = _leading(trends)
    shown = keys if chosen in keys else [*keys, chosen]
    return tuple(Choice(key, trends[key].metric.title, _level(trends[key], window)) for key in shown)


def _described(subject: stored.Subject, trends: Mapping[str, Trend], window: str) -> str:
    """Whom the page's figures and pictures of outcomes describe; empty for all rows."""
    points = [by_window.at(trend, window) for trend in trends.values()]
    told = next((point.population for point in points if point and point.population), None)
    if told is None:
        return ""
    return (
        f"Outcomes exist after {subject.seen_after} alone: what needs them describes {told}. Each figure has worst and "
        "best bounds over all rows where there are any; decisions against outcomes are not drawn."
    )


def _divergence(ctx: Context, subject: stored.Subject, window: str) -> Headline | None:
    """The gravest divergence of the window, with its cohort, both figures and since when."""
    found = stored.results(ctx, subject, Selection(metrics=(DIVERGENCE,), columns=(None,)))
    here = [one for one in found if one.result.window.label == window and one.result.verdict.level in _PAST]
    if not here:
        return None
    worst = max(here, key=lambda one: (one.result.verdict.level.rank, one.result.measurement.estimate or 0.0)).result
    cohort = (worst.measurement.segment_by, worst.measurement.segment)
    own = [one for one in found if (one.result.measurement.segment_by, one.result.measurement.segment) == cohort]
    since = by_window.out_since(by_window.trend(own, by_window.metric_words(DIVERGENCE), ""), window)
    said = f"Wrong target? {worst.verdict.reason}"
    return Headline(f"{said} Since {window_words(since)}." if since else said, worst.verdict.level)


def _level(trend: Trend, window: str) -> Level | None:
    now = by_window.at(trend, window)
    return now.level if now else None


def _waiting(windows: Sequence[str], judged: Sequence[str]) -> int:
    return len(windows) - 1 - windows.index(judged[-1]) if judged else 0


def _headline(trends: Mapping[str, Trend], worst: Trend, window: str, waiting: int) -> Headline:
    """The worst figure in a sentence, which others are past a limit, and how many windows wait for labels."""
    others = [one for one in trends.values() if one.metric.key != worst.metric.key and _past(one, window)]
    said = by_window.sentence(worst, window)
    if others:
        said += f" {by_window.others(others)}"
    if waiting:
        said += f" {_later(waiting)}"
    return Headline(said, _level(worst, window))


def _past(trend: Trend, window: str) -> bool:
    return _level(trend, window) in _PAST


def _later(waiting: int) -> str:
    return f"The last {waiting} windows wait for labels." if waiting > 1 else "The last window waits for labels."


def passports(trends: Mapping[str, Trend], window: str) -> tuple[Choice, ...]:
    """The figures of the overview, in its order, by the id of their result."""
    points = [(by_window.at(trend, window), trend.metric.title) for trend in trends.values()]
    found = [Choice(now.result_id, title, now.level) for now, title in points if now is not None]
    return tuple(sorted(found, key=lambda one: -(one.level or Level.GREY).rank))


def overview(trends: Mapping[str, Trend], window: str) -> tuple[dict[str, str], ...]:
    """Every figure of the window as a line of a table, what needs attention first; house figures stand among them.

    An estimate stands for what is not known yet: where the figure itself is judged, it is left to its chart.
    """
    lines = []
    for key, trend in trends.items():
        known = trends.get(key.removeprefix(PREFIX)) if key.startswith(PREFIX) else None
        if known and _level(known, window) not in (None, Level.GREY):
            continue
        now = by_window.at(trend, window)
        if now is not None and window != REFERENCE:
            lines.append(
                (
                    now.level.rank,
                    {
                        "Status": marked(now.level),
                        "Measure": trend.metric.title,
                        **_line(now, trend),
                    },
                )
            )
    lines.sort(key=lambda line: -line[0])
    return tuple(line for _, line in lines)


def _line(now: Point, trend: Trend) -> dict[str, str]:
    """The point's row with its reference beside it, without what the table says of all rows at once."""
    # Under a title of its own the measure of rows would take the place of the number of rows.
    cells = row(now, replace(trend.metric, title="Now"))
    found = {"Now": cells["Now"], "Interval": cells["Interval"], "Reference": trend.metric.figure(_reference(trend))}
    return found | {key: words for key, words in cells.items() if key not in ("Window", "Verdict")}


def _reference(trend: Trend) -> float | None:
    return trend.reference.estimate if trend.reference else None
