"""The titles of charts: what is to be seen in them, said as a finding."""

from __future__ import annotations

from plumbline.domain.results import Level
from plumbline.services.views import figures
from plumbline.services.views.by_window import Point, Trend

_OUT = (Level.AMBER, Level.RED)


def trend_title(trend: Trend) -> str:
    """What happened to a figure over the windows.

    >>> from plumbline.services.views.by_window import MetricWords
    >>> def point(window, level): return Point(window=window, level=level, estimate=0.7)
    >>> auc = MetricWords(key="roc_auc", title="AUC")
    >>> months = [point("2026-04", Level.GREEN), point("2026-05", Level.RED), point("2026-06", Level.AMBER)]
    >>> trend_title(Trend(metric=auc, subject="all rows", points=tuple(months)))
    'AUC left its limits in May 2026 and has not come back'
    """
    name = trend.metric.title if trend.subject == "all rows" else f"{trend.metric.title}, {trend.subject},"
    judged = [point for point in trend.points if point.level is not Level.GREY]
    if not trend.points:
        return f"{name} has not been measured"
    if not judged:
        return f"{name} cannot be judged in any window yet"
    return f"{name} {_story(judged) if trend.limits or _out(judged) else _without_limit(judged)}"


def _story(judged: list[Point]) -> str:
    out = _out(judged)
    if not out:
        watched = sum(1 for point in judged if point.level is Level.WATCH)
        return "stayed within its limits in every window judged" + ("" if not watched else ", though it has moved")
    if judged[-1].level not in _OUT:
        back = next(p.window for p, before in zip(judged[::-1], judged[::-1][1:], strict=False) if before.level in _OUT)
        return f"left its limits in {_times(len(out))} and came back in {figures.window_words(back)}"
    since = _since(judged)
    if since is judged[0]:
        return f"has been out of its limits in every window since {figures.window_words(since.window)}"
    if since is judged[-1]:
        return f"left its limits in {figures.window_words(since.window)}"
    return f"left its limits in {figures.window_words(since.window)} and has not come back"


def _out(judged: list[Point]) -> list[Point]:
    return [point for point in judged if point.level in _OUT]


def _without_limit(judged: list[Point]) -> str:
    """No limit can be kept where the policy sets none."""
    if any(point.level is Level.WATCH for point in judged):
        return "has moved by more than chance; the policy sets no limit on it"
    return "has not moved beyond chance; the policy sets no limit on it"


def _since(judged: list[Point]) -> Point:
    since = judged[-1]
    for point in reversed(judged):
        if point.level not in _OUT:
            break
        since = point
    return since


def _times(number: int) -> str:
    return "one window" if number == 1 else f"{number} windows"
