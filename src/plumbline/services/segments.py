"""Segments: where does the model stand less true than on the whole?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from plumbline.domain.results import REFERENCE, Level
from plumbline.services import by_window, stored
from plumbline.services.context import Context
from plumbline.services.views import figures
from plumbline.services.views.by_window import Choice, Headline, MetricWords, Point
from plumbline.services.views.segments import SegmentCells, SegmentRow, SegmentsView
from plumbline.store.measurements import Selection, Stored

PREFERRED = (
    "roc_auc",
    "rmse",
    "observed_expected",
    "actual_expected",
    "accuracy",
    "brier_score",
    "base_rate",
    "row_count",
)
_MOST_ROWS = 40
_PAST = (Level.AMBER, Level.RED)


def segments_view(
    ctx: Context,
    model_id: str,
    version: str,
    *,
    window: str = "",
    dimension: str = "",
    metric: str = "",
    segment: str = "",
) -> SegmentsView:
    """The page's view; empty choices mean the latest window, the first dimension, the leading metric, the worst."""
    subject = stored.subject(ctx, model_id, version)
    if not subject.windows:
        return SegmentsView(headline=Headline(stored.NOTHING_MEASURED), windows=(), window="", dimensions=())
    chosen = window if window in subject.windows else subject.windows[-1]
    dimensions = [name for name in stored.dimensions(ctx, subject) if name not in subject.attributes]
    windows = by_window.window_choices(subject.windows)
    if not dimensions:
        return SegmentsView(headline=Headline(stored.NO_SEGMENTS), windows=windows, window=chosen, dimensions=())
    by = dimension if dimension in dimensions else dimensions[0]
    keys = stored.metrics_by(ctx, subject, by)
    key = metric if metric in keys else next((one for one in PREFERRED if one in keys), keys[0])
    return _measured(ctx, subject, chosen, dimensions, by, keys, key, segment)


def _measured(
    ctx: Context,
    subject: stored.Subject,
    window: str,
    dimensions: list[str],
    by: str,
    keys: Sequence[str],
    key: str,
    segment: str,
) -> SegmentsView:
    words = by_window.metric_words(key)
    found = stored.results(ctx, subject, Selection(metrics=(key,), segment_by=(by,), columns=(None,)))
    whole = stored.trend(ctx, subject, Selection(metrics=(key,), segment_by=(None,), columns=(None,)), key, "all rows")
    rows = forest(found, window)
    name = segment if any(row.segment == segment for row in rows) else (rows[0].segment if rows else "")
    own = [one for one in found if one.result.measurement.segment == name]
    limits = stored.limits(ctx, subject, key, own)
    trend = by_window.trend(own, words, f"{_title(by)} {name}", limits=limits)
    return SegmentsView(
        headline=headline(rows, words, by, window),
        windows=by_window.window_choices(subject.windows),
        window=window,
        dimensions=tuple(Choice(one, _title(one)) for one in dimensions),
        dimension=by,
        metrics=tuple(Choice(one, by_window.metric_words(one).title) for one in keys),
        metric=words,
        rows=rows[:_MOST_ROWS],
        overall=by_window.at(whole, window),
        limits=whole.limits,
        cells=cells(found, [row.segment for row in rows[:_MOST_ROWS]]),
        segments=tuple(Choice(row.segment, row.segment, row.point.level) for row in rows),
        segment=name,
        trend=trend,
        status=by_window.status_line(trend, window),
        left_out=f"{len(rows) - _MOST_ROWS} segments with better verdicts are not drawn."
        if len(rows) > _MOST_ROWS
        else "",
    )


def _title(dimension: str) -> str:
    return dimension.replace("_", " ").replace("*", " × ")


def forest(found: Sequence[Stored], window: str) -> tuple[SegmentRow, ...]:
    """Segments of one window, those that need attention first, then the weakest evidence last."""
    rows = [
        SegmentRow(one.result.measurement.segment or "", by_window.point(one))
        for one in found
        if one.result.window.label == window
    ]
    return tuple(sorted(rows, key=lambda row: (-_attention(row.point), -row.point.n, row.segment)))


def _attention(point: Point) -> int:
    """Grey stands last here: a segment too small to judge is listed, not put forward."""
    return -1 if point.level is Level.GREY else point.level.rank


def cells(found: Sequence[Stored], segments: Sequence[str]) -> SegmentCells:
    grid: dict[str, dict[str, Point]] = defaultdict(dict)
    windows: list[str] = []
    for one in found:
        label = one.result.window.label
        if label == REFERENCE:
            continue
        if label not in windows:
            windows.append(label)
        grid[one.result.measurement.segment or ""][label] = by_window.point(one)
    points = tuple(tuple(grid[segment].get(window) for window in windows) for segment in segments)
    return SegmentCells(tuple(segments), tuple(windows), points)


def headline(rows: Sequence[SegmentRow], words: MetricWords, by: str, window: str) -> Headline:
    """How many segments are past a limit, the worst with its figure, and how many nobody can judge."""
    when, past = figures.window_words(window), [row for row in rows if row.point.level in _PAST]
    grey = [row for row in rows if row.point.level is Level.GREY]
    if not rows:
        return Headline(f"{words.title} was not measured by {_title(by)} in {when}.")
    tail = f" {len(grey)} of {len(rows)} have too little data to judge." if grey else ""
    if not past:
        judged = len(rows) - len(grey)
        if not judged:
            return Headline(f"No {_title(by)} segment can be judged on {words.title} in {when}.{tail}", Level.GREY)
        worst = max(
            (row.point.level for row in rows if row.point.level is not Level.GREY), key=lambda level: level.rank
        )
        return Headline(
            f"{words.title} is within limits in all {judged} {_title(by)} segments that can be judged in {when}.{tail}",
            worst,
        )
    first = past[0]
    against = f", reference {words.figure(first.point.reference)}" if first.point.reference is not None else ""
    number = "1 segment is" if len(past) == 1 else f"{len(past)} segments are"
    named = f"{first.segment}, {by_window.evidence(first.point, words)}{against}"
    said = f"{number} past a limit on {words.title} in {when}: {named}"
    return Headline(f"{said}.{tail}", first.point.level)
