"""Windows: numbers in SQL and labels in Python agree, over year ends, leap days and ISO weeks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.profiling.windows import number_sql, window_of

WINDOWS = ("day", "week", "month", "quarter", "year")


@given(seconds=st.integers(0, 150 * 365 * 86_400), window=st.sampled_from(WINDOWS))
def test_a_moment_lies_in_its_window(seconds: int, window: str) -> None:
    moment = datetime(1950, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    sql = number_sql(window, f"TIMESTAMP '{moment:%Y-%m-%d %H:%M:%S}'")
    found = duckdb.connect().execute(f"SELECT {sql}").fetchone()
    assert found is not None
    held = window_of(window, found[0])
    assert held.start is not None
    assert held.end is not None
    assert held.start <= moment < held.end


@pytest.mark.parametrize(
    ("window", "day", "label"),
    [
        ("week", "2027-01-01", "2026-W53"),
        ("week", "2026-01-04", "2026-W01"),
        ("day", "2024-02-29", "2024-02-29"),
        ("month", "1969-12-31", "1969-12"),
        ("quarter", "2006-03-31", "2006Q1"),
        ("year", "2006-12-31", "2006"),
    ],
)
def test_labels_are_those_of_the_format(window: str, day: str, label: str) -> None:
    found = duckdb.connect().execute(f"SELECT {number_sql(window, f'DATE {day!r}')}").fetchone()
    assert found is not None
    assert window_of(window, found[0]).label == label


@given(number=st.integers(12, 3_000), window=st.sampled_from(WINDOWS))
def test_windows_follow_without_gap(number: int, window: str) -> None:
    assert window_of(window, number).end == window_of(window, number + 1).start


def test_a_week_is_seven_days() -> None:
    week = window_of("week", 105_700)
    assert week.start is not None
    assert week.end == week.start + timedelta(days=7)
