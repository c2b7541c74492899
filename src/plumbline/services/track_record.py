"""From stored results to estimated against realised: what was expected before outcomes were in, and what came."""

from __future__ import annotations

from collections.abc import Iterable

from plumbline.domain.results import REFERENCE, Level
from plumbline.policy.judge import UNTRIED
from plumbline.services import by_window, stored
from plumbline.services.context import Context
from plumbline.services.views import figures
from plumbline.services.views.by_window import Maturity, MetricWords, Point, Trend
from plumbline.services.views.performance import Estimated
from plumbline.stats.metrics_of_estimates import OF_DECISIONS, OF_ERRORS, OF_SCORES, PREFIX
from plumbline.store.measurements import Selection

ESTIMATED = (*OF_SCORES, *OF_DECISIONS, *OF_ERRORS)


def estimated(ctx: Context, subject: stored.Subject, realised: Trend) -> Estimated | None:
    """The figure's estimates beside what came; None for a figure that is not estimated, or never could be."""
    key = realised.metric.key
    if key not in ESTIMATED:
        return None
    of_all = Selection(metrics=(f"{PREFIX}{key}",), segment_by=(None,), columns=(None,))
    found = [by_window.point(one) for one in stored.results(ctx, subject, of_all)]
    points = tuple(one for one in found if one.window != REFERENCE)
    if not any(one.estimate is not None for one in points):
        return None
    came = tuple(one for one in realised.points if one.maturity is Maturity.MATURE)
    newest = next(one for one in reversed(points) if one.estimate is not None)
    return Estimated(
        metric=realised.metric,
        estimated=points,
        realised=came,
        finding=_finding(newest, realised.metric),
        record=f"{figures.window_words(newest.window)}: {newest.reason}",
    )


def _finding(newest: Point, metric: MetricWords) -> str:
    if newest.rule == UNTRIED:
        tried = "has not been tried often enough yet" if "Not tried" in newest.reason else "has not come true of late"
        return f"The estimate of {metric.title} {tried}: it is shown, and not judged"
    if newest.level is Level.GREY:
        return f"The estimate of {metric.title} cannot be judged"
    return f"{metric.title} is estimated at {metric.figure(newest.estimate)} in {figures.window_words(newest.window)}"


def estimable(keys: Iterable[str]) -> str | None:
    """The first of these figures that is estimated too."""
    return next((key for key in keys if key in ESTIMATED), None)
