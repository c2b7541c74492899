"""Fairness: do people of different groups get the favourable decision alike, and how sure are we?"""

from __future__ import annotations

from collections.abc import Sequence

from plumbline.domain.results import REFERENCE, Level
from plumbline.services import by_window, stored
from plumbline.services.context import Context
from plumbline.services.views import figures
from plumbline.services.views.by_window import Choice, Headline, Limit, MetricWords, Point
from plumbline.services.views.fairness import FairnessView, GapRow, GroupRow
from plumbline.store.measurements import Selection, Stored

RATIO = "impact_ratio"
RATES = ("approval_rate", "selection_rate")
GAPS = (
    "selection_rate_difference",
    "equal_opportunity_difference",
    "equalized_odds_difference",
    "predictive_parity_difference",
    "calibration_gap",
)
NO_GROUPS = "No protected group is declared for this model, so fairness cannot be measured."


def fairness_view(
    ctx: Context, model_id: str, version: str, *, window: str = "", attribute: str = "", group: str = ""
) -> FairnessView:
    """The page's view; empty choices mean the latest window, the attribute that fares worst, its furthest group."""
    subject = stored.subject(ctx, model_id, version)
    label = f"{stored.fairness_label(ctx, subject)}{_described(subject)}"
    windows = by_window.window_choices(subject.windows)
    if not subject.windows:
        return FairnessView(
            headline=Headline(stored.NOTHING_MEASURED), label=label, windows=(), window="", attributes=()
        )
    chosen = window if window in subject.windows else subject.windows[-1]
    attributes = [name for name in stored.dimensions(ctx, subject) if name in subject.attributes]
    if not attributes:
        return FairnessView(headline=Headline(NO_GROUPS), label=label, windows=windows, window=chosen, attributes=())
    by = attribute if attribute in attributes else _worst(ctx, subject, chosen, attributes)
    found = stored.results(ctx, subject, Selection(metrics=(RATIO, *RATES, *GAPS), segment_by=(by,), columns=(None,)))
    return _measured(ctx, subject, found, chosen, attributes, by, group, label)


def _described(subject: stored.Subject) -> str:
    """Whom the page's figures describe where outcomes exist after one decision alone."""
    if not subject.seen_after:
        return ""
    return (
        " Rates of decisions and their ratios describe all rows. Outcomes exist after "
        f"{subject.seen_after} alone: what needs them describes those rows."
    )


def _measured(
    ctx: Context,
    subject: stored.Subject,
    found: Sequence[Stored],
    window: str,
    attributes: list[str],
    by: str,
    group: str,
    label: str,
) -> FairnessView:
    rate = by_window.metric_words(next((key for key in RATES if _has(found, key)), RATES[-1]))
    ratio = by_window.metric_words(RATIO)
    reference = subject.reference_groups.get(by) or reference_group(found, window, rate.key)
    rows = group_rows(found, window, rate.key, reference, stored.smallest_group(ctx))
    name = group if any(row.group == group for row in rows) else _furthest(rows)
    own = [one for one in found if one.result.measurement.segment == name and one.result.measurement.metric == RATIO]
    trend = by_window.trend(own, ratio, f"{name} against {reference}", limits=stored.limits(ctx, subject, RATIO, own))
    return FairnessView(
        headline=headline(rows, rate, ratio, by, window, reference, trend.limits),
        label=label,
        windows=by_window.window_choices(subject.windows),
        window=window,
        attributes=tuple(Choice(one, one.replace("_", " ").replace("*", " × ")) for one in attributes),
        attribute=by,
        rate=rate,
        ratio=ratio,
        rows=rows,
        reference_group=reference,
        groups=tuple(Choice(row.group, row.group) for row in rows if not row.is_reference),
        group=name,
        trend=trend,
        status=by_window.status_line(trend, window),
        gaps=_gaps(found, window),
        figures=_passports(found, window),
    )


def _worst(ctx: Context, subject: stored.Subject, window: str, attributes: Sequence[str]) -> str:
    """Where the first thing to know is: the gravest verdict, then the smallest ratio; unmeasured ones come last."""
    found = stored.results(ctx, subject, Selection(metrics=(RATIO,), segment_by=tuple(attributes), columns=(None,)))
    ratios = [
        (one.result.verdict.level.rank, -one.result.measurement.estimate, one.result.measurement.segment_by or "")
        for one in found
        if one.result.window.label == window
        and one.result.measurement.estimate is not None
        and one.result.verdict.level is not Level.GREY
    ]
    return max(ratios)[2] if ratios else attributes[0]


def _has(found: Sequence[Stored], key: str) -> bool:
    return any(one.result.measurement.metric == key for one in found)


def _points(found: Sequence[Stored], window: str, key: str) -> dict[str, Point]:
    return {
        one.result.measurement.segment or "": by_window.point(one)
        for one in found
        if one.result.window.label == window and one.result.measurement.metric == key
    }


def reference_group(found: Sequence[Stored], window: str, rate: str) -> str:
    """The group whose own ratio is 1: results name it so; else the highest rate (the rule of four fifths)."""
    rates, ratios = _points(found, window, rate), _points(found, window, RATIO)
    for group in rates:
        if group in ratios and ratios[group].estimate == 1.0 and ratios[group].low in (None, 1.0):
            return group
    judged = {group: one.estimate for group, one in rates.items() if one.estimate is not None and one.n >= 100}
    return max(judged, key=lambda group: judged[group]) if judged else ""


def group_rows(found: Sequence[Stored], window: str, rate: str, reference: str, smallest: int) -> tuple[GroupRow, ...]:
    """Groups in order of name, so that a group keeps its place and hue whatever its figures do."""
    rates, ratios = _points(found, window, rate), _points(found, window, RATIO)
    rows = [
        GroupRow(
            group=group,
            rate=rates.get(group),
            ratio=ratios.get(group),
            n=(rates.get(group) or ratios[group]).n,
            is_reference=group == reference,
            count_only=(rates.get(group) or ratios[group]).n < smallest,
        )
        for group in sorted({*rates, *ratios})
    ]
    return tuple(rows)


def _furthest(rows: Sequence[GroupRow]) -> str:
    compared = [row for row in rows if not row.is_reference and row.ratio is not None]
    if not compared:
        return rows[0].group if rows else ""
    return max(compared, key=lambda row: (_severity(row), -_estimate(row))).group


def _severity(row: GroupRow) -> int:
    return -1 if row.ratio is None or row.ratio.level is Level.GREY else row.ratio.level.rank


def _estimate(row: GroupRow) -> float:
    return 9.0 if row.ratio is None or row.ratio.estimate is None else row.ratio.estimate


def headline(
    rows: Sequence[GroupRow],
    rate: MetricWords,
    ratio: MetricWords,
    by: str,
    window: str,
    reference: str,
    limits: Sequence[Limit],
) -> Headline:
    """The widest gap in the words of a person, not of a statute."""
    when, name = figures.window_words(window), next((row for row in rows if row.group == _furthest(rows)), None)
    if name is None or name.ratio is None or not reference:
        return Headline(f"No two groups by {by} can be compared in {when}: there is too little data.", Level.GREY)
    if name.ratio.estimate is None or name.ratio.level is Level.GREY:
        return Headline(f"No group by {by} can be judged in {when}: {name.ratio.reason.rstrip('.')}.", Level.GREY)
    base = next((row.rate for row in rows if row.is_reference), None)
    own = rate.figure(name.rate.estimate) if name.rate else "not measured"
    theirs = rate.figure(base.estimate) if base else "not measured"
    said = f"{rate.title} is {own} for {name.group} and {theirs} for {reference} in {when}"
    said += f": {ratio.title.lower()} {by_window.evidence(name.ratio, ratio)}"
    past = sum(1 for row in rows if row.ratio and row.ratio.level in (Level.AMBER, Level.RED))
    if past == 0:
        return Headline(f"{said}, the widest gap by {by}; no group is past a limit.", name.ratio.level)
    others = f" {past} groups are past a limit." if past > 1 else ""
    limit = by_window.nearest_limit(name.ratio, limits)
    passed = f"past the {limit.level} limit of {ratio.figure(limit.value)}" if limit else "past a limit"
    return Headline(f"{said}, {passed}.{others}", name.ratio.level)


def _passports(found: Sequence[Stored], window: str) -> tuple[Choice, ...]:
    """Every figure that the page shows of the window, by the id of its result."""
    return tuple(
        Choice(
            one.result_id,
            f"{by_window.metric_words(one.result.measurement.metric).title}, {one.result.measurement.segment}",
            one.result.verdict.level,
        )
        for one in found
        if one.result.window.label == window != REFERENCE
    )


def _gaps(found: Sequence[Stored], window: str) -> tuple[GapRow, ...]:
    return tuple(
        GapRow(
            one.result.measurement.segment or "",
            by_window.metric_words(one.result.measurement.metric),
            by_window.point(one),
        )
        for one in found
        if one.result.window.label == window != REFERENCE and one.result.measurement.metric in GAPS
    )
