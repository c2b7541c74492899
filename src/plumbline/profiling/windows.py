"""Calendar windows: their numbers in SQL, their labels and bounds for people (UTC, end exclusive)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from plumbline.domain.results import Window

# A whole number that names the window of time t; `window_of` turns it back.
_NUMBER = {
    "day": "date_diff('day', DATE '1970-01-01', CAST({t} AS DATE))",
    "week": "(date_diff('day', DATE '0001-01-01', CAST({t} AS DATE)) // 7)",
    "month": "(year({t}) * 12 + month({t}) - 1)",
    "quarter": "(year({t}) * 4 + quarter({t}) - 1)",
    "year": "year({t})",
}
_EPOCH = date(1970, 1, 1)
_MONDAY = date(1, 1, 1)  # so far back that whole-number division never meets a negative day


def number_sql(window: str, time: str) -> str:
    """SQL for the window's number; `time` is a TIMESTAMP expression."""
    return f"CAST({_NUMBER[window].format(t=time)} AS INTEGER)"


def window_of(window: str, number: int) -> Window:
    """The window behind a number.

    >>> window_of("quarter", 2006 * 4).label, window_of("month", 2006 * 12 + 11).end
    ('2006Q1', datetime.datetime(2007, 1, 1, 0, 0, tzinfo=datetime.timezone.utc))
    >>> window_of("week", 105_670).label
    '2026-W12'
    """
    start, end = _start(window, number), _start(window, number + 1)
    return Window(_label(window, start), _midnight(start), _midnight(end))


def cycle_of(window: str, windows: Sequence[Window]) -> tuple[int, list[int]]:
    """(windows to a cycle: a week of days, a year of others, 0 for none; place of each window on the calendar).

    >>> cycle_of("quarter", [window_of("quarter", 8024), window_of("quarter", 8026)])
    (4, [8024, 8026])
    >>> cycle_of("", [Window("b"), Window("c")])
    (0, [0, 1])
    """
    starts = [each.start for each in windows]
    period = {"day": 7, "week": 52, "month": 12, "quarter": 4}.get(window, 0)
    if not period or None in starts:
        return 0, list(range(len(windows)))
    return period, [_number(window, start.date()) for start in starts if start is not None]


def _number(window: str, day: date) -> int:
    if window == "day":
        return (day - _EPOCH).days
    if window == "week":
        return (day - _MONDAY).days // 7
    return day.year * 12 + day.month - 1 if window == "month" else day.year * 4 + (day.month - 1) // 3


def _start(window: str, number: int) -> date:
    if window == "day":
        return _EPOCH + timedelta(days=number)
    if window == "week":
        return _MONDAY + timedelta(weeks=number)
    per_year = {"month": 12, "quarter": 4, "year": 1}[window]
    return date(number // per_year, number % per_year * (12 // per_year) + 1, 1)


def _label(window: str, start: date) -> str:
    if window == "week":
        iso = start.isocalendar()
        return f"{iso.year}-W{iso.week:02d}"
    if window == "quarter":
        return f"{start.year}Q{start.month // 3 + 1}"
    return start.strftime({"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}[window])


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
