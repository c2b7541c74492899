"""From stored results to a figure through time: points, the status beside the chart, and the sentence on top."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from plumbline.domain.results import REFERENCE, Level, Verdict
from plumbline.services.views import figures
from plumbline.services.views.by_window import Choice, Limit, Maturity, MetricWords, Point, StatusLine, Trend, told
from plumbline.services.views.maturity import LabelsIn
from plumbline.stats.registry import METRICS
from plumbline.store.measurements import Stored

IMMATURE = "label-maturity"  # the rule of a figure that is not judged before its labels are in
_VERDICT_WORDS = {
    Level.GREEN: "is within limits",
    Level.WATCH: "has changed, by too little to matter yet,",
    Level.AMBER: "is past a limit",
    Level.RED: "is in breach",
    Level.GREY: "cannot be judged",
}


def metric_words(key: str) -> MetricWords:
    """The registry's words for a metric; a house metric, which the registry does not hold, is named by its key."""
    known = METRICS.get(key)
    if known is None:
        return MetricWords(key=key, title=key.replace("_", " ").capitalize(), definition="Declared in the model file.")
    return MetricWords(
        key=key,
        title=known.title,
        unit=known.unit,
        direction=known.direction,
        definition=known.definition,
        meaning=known.meaning,
        needs_labels=known.needs_labels,
    )


def point(stored: Stored) -> Point:
    window, m, v = stored.result.window, stored.result.measurement, stored.result.verdict
    return Point(
        window=window.label,
        start=window.start,
        estimate=m.estimate,
        low=m.low,
        high=m.high,
        confidence=m.confidence,
        method=m.method,
        n=m.n,
        events=m.events,
        label_share=m.label_share,
        reference=m.reference,
        effect=m.effect,
        error_bound=m.error_bound,
        population=m.population,
        lowest=m.lowest,
        highest=m.highest,
        level=v.level,
        reason=v.reason,
        rule=v.rule,
        policy=v.policy,
        maturity=_maturity(v, m.estimate),
        result_id=stored.result_id,
    )


def _maturity(verdict: Verdict, estimate: float | None) -> Maturity:
    """A grey window with an estimate is shown, hollow, so that nobody reads it as a verdict."""
    if estimate is None:
        return Maturity.ABSENT
    if verdict.level is not Level.GREY:
        return Maturity.MATURE
    return Maturity.PROVISIONAL if verdict.rule == IMMATURE else Maturity.THIN


def trend(
    stored: Iterable[Stored],
    metric: MetricWords,
    subject: str,
    *,
    limits: tuple[Limit, ...] = (),
    noise_floor: float | None = None,
    rows: Mapping[str, int] | None = None,
) -> Trend:
    """Results of one metric and one subject through time; `rows` that have or await an outcome, by window."""
    points = [_beside(point(one), rows or {}) for one in stored]
    return Trend(
        metric=metric,
        subject=subject,
        points=tuple(one for one in points if one.window != REFERENCE),
        reference=next((one for one in points if one.window == REFERENCE), None),
        limits=limits,
        noise_floor=noise_floor,
    )


def _beside(one: Point, rows: Mapping[str, int]) -> Point:
    """The point with how many of its subject's rows still have no outcome."""
    if one.window not in rows or one.label_share is None or one.label_share >= 1:
        return one
    return replace(one, unlabelled=round(rows[one.window] * (1 - one.label_share)))


def at(trend: Trend, window: str) -> Point | None:
    return next((one for one in trend.points if one.window == window), None)


def out_since(trend: Trend, window: str) -> str | None:
    """First window of the unbroken run of amber or red that ends at `window`; grey neither starts nor ends it."""
    labels = [one.window for one in trend.points]
    if window not in labels:
        return None
    since = None
    for one in reversed(trend.points[: labels.index(window) + 1]):
        if one.level in (Level.AMBER, Level.RED):
            since = one.window
        elif one.level is not Level.GREY:
            break
    return since


def nearest_limit(point: Point, limits: Sequence[Limit]) -> Limit | None:
    """The limit that a reader should hold the figure against: its own rule's, of its own colour, nearest by."""
    if point.estimate is None or not limits:
        return None
    value, colour = point.estimate, Level.RED if point.level is Level.RED else Level.AMBER
    by_rule = [limit for limit in limits if limit.clause == point.rule] or list(limits)
    candidates = [limit for limit in by_rule if limit.level is colour] or by_rule
    return min(candidates, key=lambda limit: abs(limit.value - value))


def _to_be_green(limits: Sequence[Limit], past: Limit) -> float:
    """The strictest amber limit on the side that was passed: green must clear them all."""
    same = [limit.value for limit in limits if limit.below is past.below and limit.level is Level.AMBER]
    return (max if past.below else min)(same, default=past.value)


def _verdict_words(point: Point) -> str:
    if point.unlimited and point.level is Level.GREEN:
        return "shows no change beyond chance"
    unproven = point.level is Level.AMBER and point.reason.lower().startswith("unproven")
    return "is past a limit, though not yet beyond chance," if unproven else _VERDICT_WORDS[point.level]


def evidence(point: Point, metric: MetricWords) -> str:
    """The figure with what makes it believable: interval, rows, events.

    >>> found = Point(window="2026-10", estimate=0.2, low=0.1, high=0.3, n=50, level=Level.GREEN)
    >>> evidence(found, MetricWords(key="x", title="X"))
    '0.200 (0.100 to 0.300, n 50)'
    """
    parts = [] if point.low is None else [metric.span(point.low, point.high)]
    parts.append(f"n {figures.count(point.n)}")
    return f"{metric.figure(point.estimate)} ({', '.join(parts)})"


def sentence(trend: Trend, window: str) -> str:
    """One figure in one window, in plain words: verdict, value, interval, n, reference, limit, since when."""
    now, metric = at(trend, window), trend.metric
    subject = metric.title if trend.subject in ("", "all rows") else f"{metric.title}, {trend.subject},"
    if now is None:
        return f"{subject} was not measured in {figures.window_words(window)}."
    said = f"{subject} {_verdict_words(now)} in {figures.window_words(window)}"
    if now.estimate is None or now.level is Level.GREY:
        return f"{said}: {_lower(now.reason) or 'no figure could be made'}."
    said += f": {evidence(now, metric)}"
    if now.reference is not None:
        said += f", reference {metric.figure(now.reference)}"
    if limit := nearest_limit(now, trend.limits):
        said += f"; {limit.level} limit {metric.figure(limit.value)}"
    since = out_since(trend, window)
    return said + (f". Out of limits since {figures.window_words(since)}." if since and since != window else ".")


def _lower(reason: str) -> str:
    text = reason.rstrip(".")
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def status_line(trend: Trend, window: str, labels: LabelsIn | None = None) -> StatusLine | None:
    """What stands beside the main chart for the chosen window; `labels` where they are still to come."""
    now, metric = at(trend, window), trend.metric
    if now is None:
        return None
    limit = nearest_limit(now, trend.limits)
    return StatusLine(
        level=now.level,
        window=figures.window_words(window),
        now=told(now, metric),
        reference="" if now.reference is None else metric.figure(now.reference),
        change="" if now.reference is None else metric.change(now.effect),
        interval=_interval_words(now, metric),
        n=_rows_words(now),
        limit=_limit_words(limit, now, metric),
        reason=now.reason,
        remedy=labels.awaited if labels else remedy(now, metric, trend.limits),
        labels=labels.words if labels else "",
        rule=now.rule,
        policy=now.policy[:12],
        result_id=now.result_id,
        population=population_words(now, metric),
    )


def population_words(point: Point, metric: MetricWords) -> str:
    """Whom a figure describes, and what it may be over all rows; empty where it describes all of them.

    >>> found = Point(window="2026-10", population="the 71 % of rows: those approved", lowest=0.4, highest=0.8,
    ...               estimate=0.7, level=Level.GREEN)
    >>> population_words(found, MetricWords(key="x", title="X"))
    "The 71 % of rows: those approved. Over all rows the truth is 0.400 to 0.800, whatever the others' outcomes."
    """
    if point.population is None:
        return ""
    said = "" if point.estimate is None else f"{point.population[:1].upper()}{point.population[1:]}. "
    if point.lowest is None or point.highest is None:
        return f"{said}What it is over all rows has no bounds here."
    within = metric.span(point.lowest, point.highest)
    return f"{said}Over all rows the truth is {within}, whatever the others' outcomes."


def _limit_words(limit: Limit | None, now: Point, metric: MetricWords) -> str:
    """The limit with its clause, unless that is the rule that stands at the foot."""
    if limit is None:
        past = now.level in (Level.AMBER, Level.RED)
        return "none in figures: the rule says what is past it" if past else "no limit in the policy"
    clause = "" if limit.clause == now.rule else f", {limit.clause}"
    return f"{metric.figure(limit.value)} ({limit.level}{clause})"


def _interval_words(point: Point, metric: MetricWords) -> str:
    if point.low is None:
        return "no interval"
    confidence = "" if point.confidence is None else f", {100 * point.confidence:.0f} % {point.method}"
    return metric.span(point.low, point.high) + confidence


def _rows_words(point: Point) -> str:
    parts = [f"{figures.count(point.n)} rows"]
    if point.events is not None:
        parts.append(f"{figures.count(point.events)} events")
    if point.label_share is not None:
        parts.append(f"labels in for {figures.figure(point.label_share, 'rate')}")
    return ", ".join(parts)


def remedy(point: Point, metric: MetricWords, limits: Sequence[Limit]) -> str:
    """What would turn the verdict green, from the limits and the reason alone."""
    if point.level is Level.GREEN:
        return "It is within limits."
    if point.level is Level.GREY:
        if point.estimate is None and point.n and not point.waits and "settle it" not in point.reason:
            return "No more data would: it takes what the reason names."
        return "The labels still to come." if point.waits else "More data: the reason says how much."
    if point.level is Level.WATCH:
        known = "under the amber limit" if limits else "the policy sets no limit on it"
        return f"Nothing to do: the change is real, and {known}."
    past = nearest_limit(point, limits)
    if past is None:
        return "A figure back within the policy's limits."
    side = "at least" if past.below else "at most"
    return f"{metric.title} of {side} {metric.figure(_to_be_green(limits, past))}."


def others(trends: Sequence[Trend]) -> str:
    """Which other figures are past a limit."""
    titles = ", ".join(one.metric.title for one in trends[:3])
    rest = f" and {len(trends) - 3} more" if len(trends) > 3 else ""
    return f"Also past a limit: {titles}{rest}."


def window_choices(windows: Sequence[str]) -> tuple[Choice, ...]:
    """Newest first, because that is the one most often wanted."""
    return tuple(Choice(window, figures.window_words(window)) for window in reversed(windows))
