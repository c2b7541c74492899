"""How often a figure is past a limit before it counts: M of N of its own judged windows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.entries import recorded

from plumbline.domain.results import Level, Measurement, Result, Verdict, Window
from plumbline.store import results
from plumbline.store.database import Cursor, Store
from plumbline.store.standing import Gathered, gathered

RED, AMBER, WATCH, GREEN, GREY = Level.RED, Level.AMBER, Level.WATCH, Level.GREEN, Level.GREY


@pytest.fixture
def cursor(clock: Callable[[], datetime]) -> Iterator[Cursor]:
    with Store.open(":memory:", clock=clock).read() as cursor:
        yield cursor


def month(at: int) -> Window:
    return Window(f"2026-{at:02d}", datetime(2026, at, 1, tzinfo=UTC), datetime(2026, at + 1, 1, tzinfo=UTC))


def series(levels: Sequence[Level], *, metric: str = "psi", column: str = "age") -> list[Result]:
    """A figure of one column, judged so in January, February, ..."""
    return [
        Result(
            month(at), Measurement(metric=metric, column=column, estimate=0.1, n=500), Verdict(level, "why", "r", "p")
        )
        for at, level in enumerate(levels, start=1)
    ]


def put(cursor: Cursor, *found: Result, model: str = "m") -> None:
    results.insert_results(cursor, recorded(1, model), run_id=f"of-{model}", version_id="1", results=found)


def counts(found: Sequence[Gathered]) -> list[Level]:
    """What each window's worst figure counts as."""
    return [next(level for level in (RED, AMBER, WATCH, GREEN, GREY) if one.count(level)) for one in found]


@pytest.mark.parametrize(
    ("judged", "counted"),
    [
        ((RED, GREEN, GREEN, RED, RED), (WATCH, GREEN, GREEN, WATCH, RED)),
        ((RED, GREEN, RED, GREEN), (WATCH, GREEN, RED, GREEN)),
        ((AMBER, RED, RED), (WATCH, AMBER, RED)),
        ((RED, GREY, GREY, RED), (WATCH, GREY, GREY, RED)),
        ((WATCH, WATCH, RED), (WATCH, WATCH, WATCH)),
    ],
)
def test_two_of_three_judged_windows(cursor: Cursor, judged: Sequence[Level], counted: Sequence[Level]) -> None:
    put(cursor, *series(judged))
    assert tuple(counts(gathered(cursor, "m", windows=2, of=3))) == counted
    assert tuple(counts(gathered(cursor, "m"))) == judged, "1 of 1: as judged"


def test_what_counts_for_less_says_how_often_it_was_as_bad(cursor: Cursor) -> None:
    put(cursor, *series((AMBER, RED, RED)))
    first, second, third = gathered(cursor, "m", windows=2, of=3)
    assert (first.judged, first.times) == (AMBER, 1)
    assert (second.judged, second.times) == (RED, 1)
    assert third.judged is None


def test_each_figure_counts_its_own_windows(cursor: Cursor) -> None:
    put(cursor, *series((RED, GREEN)), *series((GREEN, RED), column="income"))
    put(cursor, *series((RED, RED)), model="other")
    assert counts(gathered(cursor, "m", windows=2, of=2)) == [WATCH, WATCH]
    assert counts(gathered(cursor, "other", windows=2, of=2)) == [WATCH, RED]


def test_a_silent_failure_counts_at_once(cursor: Cursor) -> None:
    put(cursor, *series((RED,), metric="unit_change"))
    assert counts(gathered(cursor, "m", windows=3, of=3, at_once={"unit_change"})) == [RED]


@given(
    judged=st.lists(st.sampled_from(list(Level)), min_size=1, max_size=9),
    windows=st.integers(1, 4),
    more=st.integers(0, 3),
)
def test_nothing_counts_for_more_than_it_was_judged_nor_hangs_on_later_windows(
    judged: list[Level], windows: int, more: int
) -> None:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    with Store.open(":memory:", clock=lambda: now).read() as cursor:
        put(cursor, *series(judged))
        counted = counts(gathered(cursor, "m", windows=windows, of=windows + more))
        for was, now_counts in zip(judged, counted, strict=True):
            assert now_counts.rank <= was.rank
            assert (now_counts is was) or was in (RED, AMBER)
            assert was not in (RED, AMBER) or now_counts in (RED, AMBER, WATCH), "never worded as well"
        put(cursor, *series(judged[:-1]), model="before")
        assert counts(gathered(cursor, "before", windows=windows, of=windows + more)) == counted[:-1]
