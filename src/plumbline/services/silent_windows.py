"""Silent failures of whole windows: nothing came, or what had come before came again."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np

from plumbline.domain.silent import Found, SilentFailure
from plumbline.policy.reasons import figure
from plumbline.policy.silent import Silent
from plumbline.profiling.profile import LABEL, Column, NumericColumn, Profile
from plumbline.services.views.figures import window_words
from plumbline.stats.silent import coincidence

LAST = 3  # windows whose rows say how many are due
# By kind of window: after so many windows the calendar comes round.
ROUND = {"day": 7, "week": 52, "month": 12, "quarter": 4, "year": 1}


def no_rows(window: str, current: Profile, earlier: Sequence[Profile], limits: Silent) -> Found | None:
    """A window without a row where some were due; `earlier` are the windows before it, in order."""
    due = [profile.rows for profile in earlier if profile.rows][-LAST:]
    if current.rows or not due:
        return None
    aside = sum(current.quarantine.values())
    if not aside and not _usual(window, earlier):
        return None
    mean = sum(due) / len(due)
    chance = math.exp(-mean)
    if chance > limits.chance:
        return None
    reasons = ", ".join(f"{rows:,} {reason}" for reason, rows in current.quarantine.items())
    came = f"every row was set aside ({reasons})" if aside else "no row came"
    return Found(
        failure=SilentFailure.NO_DATA,
        estimate=1.0,
        n=0,
        chance=chance,
        method="no row; chance: Poisson with the mean of the last windows",
        says=f"No data in {window_words(current.window.label)}: {came}, where {round(mean):,} were due by "
        f"the {'window' if len(due) == 1 else f'{len(due)} windows'} before.",
    )


def _usual(window: str, earlier: Sequence[Profile]) -> bool:
    """Whether rows were usual at this place of the calendar, as far as earlier windows know."""
    back = ROUND.get(window, 0)
    if len(earlier) < back:
        return window != "day"  # before a week has passed nobody knows which days are days off
    return not back or earlier[-back].rows > 0


def from_the_future(ahead: int, rows: int) -> Found:
    """`ahead` rows of the log were set aside since their time has not come; `rows` were counted."""
    share = ahead / (ahead + rows)
    return Found(
        failure=SilentFailure.FUTURE_TIME,
        estimate=share,
        n=ahead + rows,
        chance=0.0,
        method="count of rows",
        says=f"{ahead:,} of {ahead + rows:,} rows of the log have a time in the future, later than the day after the "
        "run; they were set aside and count in no window.",
    )


def no_values(reference: Profile, current: Profile, limits: Silent) -> Iterator[Found]:
    """Columns without a single value where the reference had some."""
    if current.rows < limits.n:
        return
    for name, column in current.columns.items():
        before = reference.columns.get(name)
        if name == LABEL or column.n or before is None or not before.n:
            continue
        missing = 1 - before.n / before.rows
        chance = missing**current.rows
        if chance > limits.chance:
            continue
        yield Found(
            failure=SilentFailure.NO_DATA,
            column=name,
            estimate=1.0,
            reference=missing,
            n=current.rows,
            n_reference=before.rows,
            chance=chance,
            method="no value; chance: the reference's missing share in every row",
            says=f"{name} has no value in any of {current.rows:,} rows; in the reference "
            f"{figure(missing, 'share')} were missing.",
        )


def repeated(current: Profile, earlier: Sequence[Profile], limits: Silent) -> Found | None:
    """The window whose counts are those of an earlier one; the nearest such."""
    for other in reversed(earlier):
        if not current.rows or not _same_batch(current, other):
            continue
        chance = min((coincidence(_counts(column)) for column in _inputs(current).values()), default=1.0)
        if chance > limits.chance:
            return None
        return Found(
            failure=SilentFailure.DUPLICATED_BATCH,
            estimate=1.0,
            n=current.rows,
            n_reference=other.rows,
            chance=chance,
            method="equal counts in every column; chance: of the most telling column",
            says=f"{window_words(current.window.label)} is {window_words(other.window.label)} again: the same "
            f"{current.rows:,} rows by count in all {len(_inputs(current))} columns, to the last bin.",
        )
    return None


def standing_still(current: Profile, earlier: Sequence[Profile], limits: Silent) -> Iterator[Found]:
    """Columns with the counts of the window before, in a population of as many rows in which they used to move."""
    if not earlier or current.rows < limits.n or current.rows != earlier[-1].rows or _same_batch(current, earlier[-1]):
        return
    before = [(one, two) for one, two in pairwise(earlier) if one.rows == two.rows == current.rows]
    for name, column in _inputs(current).items():
        moved = any(not _alike(one.columns[name], two.columns[name]) for one, two in before)
        if not moved or not column.n or not _alike(column, earlier[-1].columns[name]):
            continue
        chance = coincidence(_counts(column))
        if chance > limits.chance:
            continue
        yield Found(
            failure=SilentFailure.FROZEN_COLUMN,
            column=name,
            estimate=1.0,
            n=current.rows,
            n_reference=earlier[-1].rows,
            chance=chance,
            method="counts equal to those of the window before; chance: of agreement in every bin",
            says=f"{name} is frozen: its counts are those of {window_words(earlier[-1].window.label)} to the last bin "
            f"({current.rows:,} rows), while other columns moved.",
        )


def after_changes(windows: Sequence[Profile], before: Mapping[str, Profile]) -> frozenset[str]:
    """Windows after the first whose inputs are others than `before` has under its name: a copy of it may now be one
    no more, or have become one.
    """
    known = (before.get(each.window.label) for each in windows)
    same = [
        old is not None and (old is each or _same_batch(each, old)) for each, old in zip(windows, known, strict=True)
    ]
    first = same.index(False) if False in same else len(windows)
    return frozenset(each.window.label for each in windows[first + 1 :])


def _same_batch(one: Profile, two: Profile) -> bool:
    mine, its = _inputs(one), _inputs(two)
    return one.rows == two.rows and mine.keys() == its.keys() and all(_alike(mine[name], its[name]) for name in mine)


def _inputs(profile: Profile) -> dict[str, Column]:
    """All columns but the outcome, which comes later for the same rows."""
    return {name: column for name, column in profile.columns.items() if name != LABEL}


def _alike(one: Column, two: Column) -> bool:
    if isinstance(one, NumericColumn) and isinstance(two, NumericColumn):
        # Exact sums differ nearly always, and cost nothing to compare.
        return (
            (one.total, one.total_sq, one.missing, one.non_finite)
            == (two.total, two.total_sq, two.missing, two.non_finite)
            and np.array_equal(one.index, two.index)
            and np.array_equal(one.count, two.count)
        )
    if isinstance(one, NumericColumn) or isinstance(two, NumericColumn):
        return False
    rare = (one.missing, one.unseen_rest, one.unseen) == (two.missing, two.unseen_rest, two.unseen)
    return rare and np.array_equal(one.count, two.count)


def _counts(column: Column) -> list[int]:
    if isinstance(column, NumericColumn):
        return [*column.count.tolist(), column.missing, column.non_finite]
    return [*column.count.tolist(), *column.unseen.values(), column.unseen_rest, column.missing]
