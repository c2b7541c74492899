"""Segments: where does the model stand less true than on the whole?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from plumbline.domain.results import REFERENCE, Level
from plumbline.services import by_window, maturity, stored
from plumbline.services.context import Context
from plumbline.services.own_columns import own_columns
from plumbline.services.views import figures
from plumbline.services.views.by_window import Choice, Headline, Limit, MetricWords, Point
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
    """The page's view; empty choices mean the last window with a verdict, first dimension, its leading metric."""
    subject = stored.subject(ctx, model_id, version)
    if not subject.windows:
        return SegmentsView(headline=Headline(stored.NOTHING_MEASURED), windows=(), window="", dimensions=())
    dimensions = [name for name in stored.dimensions(ctx, subject) if name not in subject.attributes]
    if not dimensions:
        return SegmentsView(headline=Headline(stored.NO_SEGMENTS), windows=(), window="", dimensions=())
    by = dimension if dimension in dimensions else dimensions[0]
    keys = stored.metrics_by(ctx, subject, by)
    key = metric if metric in keys else _leading(keys)
    return _measured(ctx, subject, window, dimensions, by, tuple(keys), key, segment)


def _leading(keys: Mapping[str, bool]) -> str:
    """The first figure of the house's order that can be judged here; segments are often too small for ranking."""
    ordered = sorted(keys, key=lambda key: (PREFERRED.index(key) if key in PREFERRED else len(PREFERRED), key))
    return next((key for key in ordered if keys[key] and key != "row_count"), ordered[0])


def _measured(
    ctx: Context,
    subject: stored.Subject,
    asked: str,
    dimensions: list[str],
    by: str,
    keys: Sequence[str],
    key: str,
    segment: str,
) -> SegmentsView:
    words = by_window.metric_words(key)
    found = stored.results(ctx, subject, Selection(metrics=(key,), segment_by=(by,), columns=(None,)))
    window = asked if asked in subject.windows else _last_judged(found, subject.windows)
    whole = stored.trend(ctx, subject, Selection(metrics=(key,), segment_by=(None,), columns=(None,)), key, "all rows")
    rows = forest(found, window)
    name = segment if any(row.segment == segment for row in rows) else (rows[0].segment if rows else "")
    own = [one for one in found if one.result.measurement.segment == name]
    limits = stored.limits(ctx, subject, key, own)
    of_segment = Selection(segment_by=(by,), segments=(name,))
    rows_of = stored.rows_with_outcomes(ctx, subject, of_segment) if words.needs_labels else None
    trend = by_window.trend(own, words, f"{_title(by)} {name}", limits=limits, rows=rows_of)
    return SegmentsView(
        headline=headline(
            rows, words, by, window, by_window.at(whole, window), _limits_of_worst(ctx, subject, key, found, rows)
        ),
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
        status=maturity.status_line(ctx, subject, trend, window),
        own=own_columns(ctx, subject, window, by, name),
        left_out=f"{len(rows) - _MOST_ROWS} segments with better verdicts are not drawn."
        if len(rows) > _MOST_ROWS
        else "",
    )


def _limits_of_worst(
    ctx: Context, subject: stored.Subject, key: str, found: Sequence[Stored], rows: Sequence[SegmentRow]
) -> tuple[Limit, ...]:
    """Limits on a change lie around a segment's own reference, so each segment has its own."""
    worst = rows[0].segment if rows else ""
    return stored.limits(ctx, subject, key, [one for one in found if one.result.measurement.segment == worst])


def _last_judged(found: Sequence[Stored], windows: Sequence[str]) -> str:
    judged = {one.result.window.label for one in found if one.result.verdict.level is not Level.GREY}
    return next((window for window in reversed(windows) if window in judged), windows[-1])


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


def _unjudged(grey: int, total: int) -> str:
    if not grey:
        return ""
    return f" {grey} of {total} {'has' if grey == 1 else 'have'} too little data to judge."


def _all(judged: int) -> str:
    return "the one segment" if judged == 1 else f"all {judged} segments"


def headline(
    rows: Sequence[SegmentRow], words: MetricWords, by: str, window: str, overall: Point | None, limits: Sequence[Limit]
) -> Headline:
    """How many segments are past a limit, the worst with its figure, and how many nobody can judge."""
    when, past = figures.window_words(window), [row for row in rows if row.point.level in _PAST]
    grey = [row for row in rows if row.point.level is Level.GREY]
    if not rows:
        return Headline(f"{words.title} was not measured by {_title(by)} in {when}.")
    tail = _unjudged(len(grey), len(rows))
    if not past:
        return _nothing_past(rows, words, by, when, tail, limited=bool(limits))
    first = past[0]
    limit = by_window.nearest_limit(first.point, limits)
    against = f"; all rows {words.figure(overall.estimate)}" if overall and overall.estimate is not None else ""
    against += f"; {limit.level} limit {words.figure(limit.value)}" if limit else ""
    number = "1 segment is" if len(past) == 1 else f"{len(past)} segments are"
    named = f"{first.segment}, {by_window.evidence(first.point, words)}{against}"
    said = f"{number} past a limit on {words.title} in {when}: {named}"
    return Headline(f"{said}.{tail}", first.point.level)


def _nothing_past(
    rows: Sequence[SegmentRow], words: MetricWords, by: str, when: str, tail: str, *, limited: bool
) -> Headline:
    """Within limits where the policy has any; else how far the segments lie apart."""
    judged = [row.point for row in rows if row.point.level is not Level.GREY and row.point.estimate is not None]
    if not judged:
        why = "labels are still to come" if any(row.point.waits for row in rows) else "too little data"
        return Headline(f"No segment by {_title(by)} can be judged on {words.title} in {when}: {why}.", Level.GREY)
    worst = max((point.level for point in judged), key=lambda level: level.rank)
    if limited:
        judgeable = f"{_all(len(judged))} by {_title(by)} that can be judged"
        return Headline(f"{words.title} is within limits in {judgeable} in {when}.{tail}", worst)
    seen = [point.estimate for point in judged if point.estimate is not None]
    reach = f"{words.figure(min(seen))} to {words.figure(max(seen))}"
    return Headline(
        f"{words.title} runs from {reach} across {len(judged)} segments by {_title(by)} in {when}; "
        f"the policy sets no limit on it.{tail}",
        worst,
    )
