"""The tables behind the analytics charts: what a chart draws, as rows in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, wraps
from typing import ParamSpec, cast

import pyarrow as pa

from plumbline.services.views import figures
from plumbline.services.views.by_window import MetricWords, Point, Trend, row
from plumbline.services.views.cut_off import CutOffView
from plumbline.services.views.decomposition import Split
from plumbline.services.views.drift import Distribution, DriftView
from plumbline.services.views.explanations import Importance, Swarm, Waterfall
from plumbline.services.views.fairness import FairnessView
from plumbline.services.views.performance import Calibration, ConfusionView, Estimated, ScoreDistribution
from plumbline.services.views.scenario import ScenarioView
from plumbline.services.views.segments import SegmentCells, SegmentsView
from plumbline.services.views.status import marked

Rows = list[dict[str, str]]
P = ParamSpec("P")


def made_once(rows: Callable[P, Rows]) -> Callable[P, pa.Table]:
    """A table is a pure function of its frozen view, and a swarm's takes 10 ms: made once a process, never changed."""

    def frame(*args: P.args, **kwargs: P.kwargs) -> pa.Table:
        return pa.Table.from_pylist(rows(*args, **kwargs))

    return cast(Callable[P, pa.Table], lru_cache(maxsize=256)(wraps(rows)(frame)))


@made_once
def trend(view: Trend) -> Rows:
    """Newest first."""
    return [row(point, view.metric) for point in reversed(view.points)]


@made_once
def estimated(view: Estimated) -> Rows:
    """Newest first."""
    came = {point.window: point for point in view.realised}
    return [
        {
            "Window": figures.window_words(one.window),
            "Estimated": view.metric.figure(one.estimate),
            "Interval": view.metric.span(one.low, one.high),
            "Realised": view.metric.figure(came[one.window].estimate) if one.window in came else "not known yet",
            "Rows": figures.count(one.n),
            "Verdict on the estimate": marked(one.level),
        }
        for one in reversed(view.estimated)
    ]


@made_once
def calibration(view: Calibration) -> Rows:
    return [
        {
            "Predicted": figures.figure(one.predicted, view.unit),
            "Observed": figures.figure(one.observed, view.unit),
            "Interval": figures.span(one.low, one.high, view.unit),
            "Rows": figures.count(one.n),
        }
        for one in view.bins
    ]


@made_once
def scores(view: ScoreDistribution) -> Rows:
    bars = zip(view.edges, view.edges[1:], strict=False)
    return [
        {"Score": figures.span(low, high)}
        | {words: figures.figure(shares[at], "share") for words, shares in view.shares}
        for at, (low, high) in enumerate(bars)
    ]


@made_once
def rates_at(view: CutOffView, in_use: float | None) -> Rows:
    """Figures at the cut-off, and at the one in use where the model file declares one."""
    return [
        {"Measure": one.metric.title, "At this cut-off": one.metric.figure(one.value)}
        | {"Interval": one.metric.span(one.low, one.high) if one.value is not None else ""}
        | ({} if in_use is None else {f"At {figures.significant(in_use)}, in use": one.metric.figure(one.in_use)})
        | {"Of": f"{figures.count(one.n)} {one.rows}"}
        for one in view.rates
    ]


@made_once
def expected(view: ScenarioView) -> Rows:
    return [
        {
            "Measure": one.metric.title,
            "Now": one.metric.figure(one.now),
            "In the scenario": one.metric.figure(one.then),
            "Interval": one.metric.span(one.low, one.high),
            "What the mix moves": one.metric.change(one.change),
            "Limits": "no interval"
            if one.change_low is None
            else f"{one.metric.change(one.change_low).removesuffix(' points')} to {one.metric.change(one.change_high)}",
            "Of": f"{figures.count(one.n)} {one.rows}",
        }
        for one in view.expected
    ]


@made_once
def mix(view: ScenarioView) -> Rows:
    return [
        {
            "Segment": one.segment,
            view.ranked_by: figures.figure(one.rate, view.ranked_unit),
            "Share now": figures.figure(one.now, "share"),
            "In the scenario": figures.figure(one.then, "share"),
            "Rows": figures.count(one.n),
        }
        for one in view.mix
    ]


def confusion(view: ConfusionView) -> Rows:
    return [
        {"Decision": "flagged", "Outcome yes": figures.count(view.tp), "Outcome no": figures.count(view.fp)},
        {"Decision": "not flagged", "Outcome yes": figures.count(view.fn), "Outcome no": figures.count(view.tn)},
    ]


@made_once
def parts(view: Split) -> Rows:
    """All rows first, then the segments, largest first; parts with their limits."""
    total = {
        "Segment": "all rows",
        "Rows": f"{figures.count(view.n_before)} to {figures.count(view.n_after)}",
        "Share": "",
        view.metric.title: f"{view.metric.figure(view.before)} to {view.metric.figure(view.after)}",
        "From mix": f"{view.part(view.mix.value)} ({view.span(view.mix)})",
        "Within": f"{view.part(view.within.value)} ({view.span(view.within)})",
        "Together": f"{view.part(view.change.value)} ({view.span(view.change)})",
    }
    return [
        total,
        *(
            {
                "Segment": one.segment,
                "Rows": f"{figures.count(one.n_before)} to {figures.count(one.n_after)}",
                "Share": f"{figures.figure(one.share_before, 'share')} to {figures.figure(one.share_after, 'share')}",
                view.metric.title: f"{view.metric.figure(one.before)} to {view.metric.figure(one.after)}",
                "From mix": f"{view.part(one.mix.value)} ({view.span(one.mix)})",
                "Within": f"{view.part(one.within.value)} ({view.span(one.within)})",
                "Together": f"{view.part(one.both.value)} ({view.span(one.both)})",
            }
            for one in view.segments
        ),
    ]


@made_once
def bins(view: Distribution) -> Rows:
    columns = zip(view.labels, view.reference, view.current, view.contributions, strict=True)
    return [
        {
            "Bin": label,
            "Reference": figures.figure(before, "share"),
            "Current": figures.figure(after, "share"),
            "Change": figures.change(after - before, "share"),
            "Part of PSI": figures.figure(part),
        }
        for label, before, after, part in columns
    ]


def ranked(view: DriftView) -> Rows:
    """Columns as they are ranked; importance where it is known."""
    return [
        {
            "Status": marked(one.level),
            "Column": one.column,
            "Importance": _share(one.importance) if view.explained else "",
            "What happened": one.finding,
            "PSI": figures.figure(one.psi),
            "n": figures.count(one.n),
        }
        | {"Missing": _share(one.missing_rate), "Change": _points(one.missing_change)}
        | {"Unseen": _share(one.unseen_rate)}
        for one in view.ranked
    ]


def _share(value: float | None) -> str:
    """Empty where the figure does not apply: a number has no unseen levels, a score no importance of its own."""
    return "" if value is None else figures.figure(value, "share")


def _points(value: float | None) -> str:
    return "" if value is None else figures.change(value, "share")


def segments(view: SegmentsView) -> Rows:
    metric = view.metric
    return [_population(line.segment, line.point, metric) for line in view.rows] if metric else []


def _population(name: str, point: Point, metric: MetricWords) -> dict[str, str]:
    return {
        "Status": marked(point.level),
        "Segment": name,
        metric.title: metric.figure(point.estimate),
        "Interval": metric.span(point.low, point.high),
        "Its reference": metric.figure(point.reference),
        "Rows": figures.count(point.n),
        "Reason": point.reason,
    }


@made_once
def cells(view: SegmentCells, metric: MetricWords | None) -> Rows:
    """Segments down, windows across."""
    words = metric or MetricWords(key="", title="")
    return [
        {"Segment": segment}
        | {
            figures.window_short(window): f"{marked(point.level, words.figure(point.estimate))}" if point else ""
            for window, point in zip(view.windows, points, strict=True)
        }
        for segment, points in zip(view.segments, view.points, strict=True)
    ]


def groups(view: FairnessView) -> Rows:
    return [
        {
            "Group": f"{line.group} (reference)" if line.is_reference else line.group,
            "Rows": figures.count(line.n),
            "Rate": "count only" if line.count_only or line.rate is None else _figure(line.rate, view.rate),
            "Ratio": "count only" if line.count_only or line.ratio is None else _figure(line.ratio, view.ratio),
            "Verdict": marked(line.ratio.level) if line.ratio else "",
            "Reason": line.ratio.reason if line.ratio else "",
        }
        for line in view.rows
    ]


def _figure(point: Point, metric: MetricWords | None) -> str:
    words = metric or MetricWords(key="", title="")
    return f"{words.figure(point.estimate)} ({words.span(point.low, point.high)})"


def gaps(view: FairnessView) -> Rows:
    return [
        {
            "Status": marked(line.point.level),
            "Group": line.group,
            "Measure": line.metric.title,
            "Gap": line.metric.change(line.point.estimate),
            "Interval": f"{line.metric.change(line.point.low)} to {line.metric.change(line.point.high)}",
            "Rows": figures.count(line.point.n),
        }
        for line in view.gaps
        if line.group != view.reference_group
    ]


@made_once
def importances(view: Sequence[Importance]) -> Rows:
    return [
        {
            "Column": one.column,
            "Mean absolute attribution": figures.figure(one.value),
            "Interval": figures.span(one.low, one.high),
            "Share of all": figures.figure(one.share, "share"),
        }
        for one in view
    ]


@made_once
def swarms(view: Sequence[Swarm]) -> Rows:
    return [
        {"Column": one.column, "Row": row_id, "Value": value, "Attribution": figures.change(phi)}
        for one in view
        for row_id, value, phi in zip(one.rows, one.values, one.attributions, strict=True)
    ]


@made_once
def steps(view: Waterfall) -> Rows:
    return [
        {"Column": one.column, "Value": one.value, "Attribution": figures.change(one.attribution)} for one in view.steps
    ]
