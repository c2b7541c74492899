"""Short windows merged into longer ones: days into weeks, months, quarters or years, exactly, since profiles add."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import reduce
from itertools import groupby
from operator import add

from plumbline.domain.errors import LogError
from plumbline.profiling.profile import Profile
from plumbline.profiling.windows import window_of

_EPOCH, _MONDAY = date(1970, 1, 1), date(1, 1, 1)


def merged(profiles: Sequence[Profile], kind: str) -> tuple[Profile, ...]:
    """The profiles of windows of this kind ("month", ...), in order of time.

    Raises:
        LogError: a window is the house's own, or lies in two of the longer ones.
    """
    placed = sorted(((_number(profile, kind), profile) for profile in profiles), key=lambda each: each[0])
    return tuple(
        replace(reduce(add, (profile for _, profile in group)), window=window_of(kind, number))
        for number, group in groupby(placed, key=lambda each: each[0])
    )


def _number(profile: Profile, kind: str) -> int:
    window = profile.window
    if window.start is None or window.end is None:
        raise LogError(
            "Only calendar windows merge", where=f"window {window.label}", remedy="Name its windows in the log itself."
        )
    number = number_of(kind, window.start.date())
    end = window_of(kind, number).end
    if end is not None and window.end > end:
        raise LogError(
            f"The window does not lie within one {kind}",
            where=f"window {window.label}",
            remedy="Days merge into anything; weeks into nothing; months into quarters and years.",
        )
    return number


def number_of(kind: str, day: date) -> int:
    """The window that a day lies in; `window_of` turns it back.

    >>> [window_of(kind, number_of(kind, date(2026, 3, 18))).label for kind in ("day", "week", "quarter", "year")]
    ['2026-03-18', '2026-W12', '2026Q1', '2026']
    """
    if kind == "day":
        return (day - _EPOCH).days
    if kind == "week":
        return (day - _MONDAY).days // 7
    per_year = {"month": 12, "quarter": 4, "year": 1}[kind]
    return day.year * per_year + (day.month - 1) * per_year // 12
