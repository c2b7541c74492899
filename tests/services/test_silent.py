"""Each silent failure, planted in a real log, is found and named; its quiet twin is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.services.silent_log import CATEGORICAL, MODEL, NUMERIC, findings, log, monitored, told

from plumbline.domain.errors import LogError
from plumbline.domain.results import Level, Result
from plumbline.services.monitoring import MonitoringRun

Change = Callable[[pd.DataFrame], pd.DataFrame]
MARCH = "2026-03"
PER_MONTH = 1_500


@pytest.fixture(scope="module")
def quiet() -> pd.DataFrame:
    return log(np.random.default_rng(4), windows=3, per_window=PER_MONTH, reference=4_000)


@pytest.fixture
def with_march(quiet: pd.DataFrame, tmp_path: Path) -> Callable[[Change], MonitoringRun]:
    """The run over the quiet log whose March went through a change."""

    def run(change: Change) -> MonitoringRun:
        march = quiet["time"] >= "2026-03-01"
        changed = change(quiet[march].copy())
        return monitored(tmp_path, pd.concat([quiet[~march], changed], ignore_index=True))

    return run


def changed_by_month(changes: Mapping[str, Change], folder: Path) -> MonitoringRun:
    """One run over a log of which every second month goes through one of the changes."""
    given = log(np.random.default_rng(7), windows=2 * len(changes), per_window=PER_MONTH, reference=4_000)
    live = given["split"] == "live"
    months = [month for _, month in given[live].groupby(given.loc[live, "time"].dt.to_period("M"))]
    for at, change in enumerate(changes.values()):
        months[2 * at + 1] = change(months[2 * at + 1].copy())
    after = datetime(2030, 1, 1, tzinfo=UTC)  # none of these months lies ahead
    return monitored(folder, pd.concat([given[~live], *months], ignore_index=True), now=after)


def month_of(name: str, changes: Mapping[str, Change]) -> tuple[str, str]:
    """(the month that was changed, the quiet one after it; of the last, before it)."""
    at = 2 * list(changes).index(name) + 1
    beside = at + 1 if at + 1 < 2 * len(changes) else at - 1
    first, other = (str(pd.Period("2026-01") + each) for each in (at, beside))
    return first, other


def number(done: MonitoringRun, window: str = MARCH) -> Result:
    found = [each for each in done.results if each.measurement.metric == "silent_failures"]
    return next(each for each in found if each.window.label == window)


def columns(**made: Callable[[pd.DataFrame], Any]) -> Change:
    """New values for some columns, all made from the month as it was."""
    return lambda month: month.assign(**{name: make(month) for name, make in made.items()})


def test_a_quiet_log_has_none_and_says_what_was_looked_for(quiet: pd.DataFrame, tmp_path: Path) -> None:
    done = monitored(tmp_path, quiet)
    assert findings(done) == []
    assert (number(done).verdict.level, number(done).measurement.estimate) == (Level.GREEN, 0.0)
    assert "frozen column" in number(done).verdict.reason


PLANTED: dict[str, tuple[Change, list[tuple[str, str]], str]] = {
    "money in cents": (
        columns(amount=lambda m: m["amount"] * 100), [("unit_change", "amount")], "multiplied by 100",
    ),
    "seconds for minutes": (
        columns(wait=lambda m: m["wait"] * 60), [("unit_change", "wait")], "multiplied by 60",
    ),
    "millions": (
        columns(amount=lambda m: m["amount"] / 1e6), [("unit_change", "amount")], "divided by 1,000,000",
    ),
    "whole numbers": (
        columns(age=lambda m: m["age"] * 12), [("unit_change", "age")], "multiplied by 12",
    ),
    "many zeros": (
        columns(hours=lambda m: m["hours"] / 24), [("unit_change", "hours")], "divided by 24",
    ),
    "fahrenheit": (
        columns(temperature=lambda m: m["temperature"] * 1.8 + 32), [("unit_change", "temperature")],
        "degrees Fahrenheit instead of Celsius",
    ),
    "heavy tails": (
        columns(balance=lambda m: m["balance"] / 1_000), [("unit_change", "balance")], "divided by 1,000",
    ),
    "a number that stands": (
        columns(amount=lambda _: 413.5), [("frozen_column", "amount")], "100 % of 1,500 rows hold 414",
    ),
    "nearly all stand": (
        columns(wait=lambda m: m["wait"].where(np.arange(len(m)) % 400 == 0, 21.0)), [("frozen_column", "wait")],
        "99.7 % of 1,500 rows hold about 21",
    ),
    "a sentinel": (
        columns(balance=lambda _: -999_999.0), [("frozen_column", "balance")], "-999,999",
    ),
    "the score": (columns(score=lambda _: 0.31), [("frozen_column", "score")], "hold 0.31"),
    "a level for all": (columns(region=lambda _: "region 3"), [("frozen_column", "region")], "'region 3'"),
    "numbers exchanged": (
        columns(amount=lambda m: m["wait"], wait=lambda m: m["amount"]),
        [("swapped_columns", "amount"), ("swapped_columns", "wait")], "amount and wait are exchanged",
    ),
    "a few values and many": (
        columns(age=lambda m: m["balance"], balance=lambda m: m["age"].astype(float)),
        [("swapped_columns", "balance"), ("swapped_columns", "age")], "balance and age are exchanged",
    ),
    "categories exchanged": (
        columns(channel=lambda m: m["code"], code=lambda m: m["channel"]),
        [("swapped_columns", "channel"), ("swapped_columns", "code")], "channel and code are exchanged",
    ),
    "another case": (
        columns(channel=lambda m: m["channel"].str.upper() + " "), [("schema_change", "channel")],
        "'BRANCH ' for 'branch' and 2 more",
    ),
    "numbers as text": (
        columns(code=lambda m: m["code"] + ".0"), [("schema_change", "code")], "'1.0' for '1'",
    ),
    "other codes": (
        columns(region=lambda m: "R-" + m["region"].str[7:]), [("schema_change", "region")],
        "comes in other codes",
    ),
    "no value": (columns(amount=lambda _: np.nan), [("no_data", "amount")], "no value in any of 1,500 rows"),
    "no level": (columns(channel=lambda _: None), [("no_data", "channel")], "no value in any of 1,500 rows"),
}  # fmt: skip


CHANGES = {name: change for name, (change, _, _) in PLANTED.items()}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> MonitoringRun:
    return changed_by_month(CHANGES, tmp_path_factory.mktemp("planted"))


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_planted_is_found_in_its_month_alone(name: str, planted: MonitoringRun) -> None:
    _, expected, words = PLANTED[name]
    month, quiet_month = month_of(name, CHANGES)
    found = [each for each in findings(planted) if each.window.label == month]
    assert sorted(told(found)) == sorted((month, *each) for each in expected)
    assert {each.verdict.level for each in found} == {Level.RED}
    assert words in found[0].verdict.reason
    assert number(planted, month).verdict.level is Level.RED
    assert number(planted, month).measurement.estimate == len(expected)
    assert number(planted, quiet_month).verdict.level is Level.GREEN


QUIET: dict[str, Change] = {
    "prices that rose by half": columns(amount=lambda m: m["amount"] * 1.5),
    "prices that fell by nearly half": columns(amount=lambda m: m["amount"] / 1.85),
    "waits that doubled": columns(wait=lambda m: m["wait"] * 2),
    "colder by two spreads": columns(temperature=lambda m: m["temperature"] - 12),
    "most rows with one value": columns(visits=lambda m: m["visits"].where(m["visits"] > 1, 0)),
    "one channel leads": columns(channel=lambda m: np.where(np.arange(len(m)) % 20 == 0, m["channel"], "web")),
    "a new level": columns(channel=lambda m: np.where(np.arange(len(m)) % 3 == 0, "partner", m["channel"])),
    "some values lost": columns(amount=lambda m: m["amount"].where(np.arange(len(m)) % 3 == 0)),
    "a constant no more": columns(
        since=lambda m: m["since"].where(np.arange(len(m)) % 3 > 0, 1 + np.arange(len(m)) % 28)
    ),
    "far out": columns(amount=lambda m: m["amount"] + 1e5),
}


@pytest.fixture(scope="module")
def drifted(tmp_path_factory: pytest.TempPathFactory) -> MonitoringRun:
    return changed_by_month(QUIET, tmp_path_factory.mktemp("drifted"))


@pytest.mark.parametrize("name", QUIET)
def test_a_change_of_the_world_is_no_fault_of_the_data(name: str, drifted: MonitoringRun) -> None:
    month, _ = month_of(name, QUIET)
    assert number(drifted, month).verdict.level is Level.GREEN
    levels = {each.verdict.level for each in drifted.results if each.window.label == month}
    assert levels & {Level.AMBER, Level.RED}, "it is drift all the same"


def test_twelve_rows_prove_nothing(with_march: Callable[[Change], MonitoringRun]) -> None:
    done = with_march(lambda month: month.head(12).assign(amount=413.5, channel="web", balance=0.0))
    assert findings(done) == []
    assert number(done).verdict.level is Level.GREY
    assert "100 rows are needed, 12 are here" in number(done).verdict.reason


def test_a_month_without_rows_is_found_and_a_season_without_is_not(quiet: pd.DataFrame, tmp_path: Path) -> None:
    done = monitored(tmp_path, quiet[quiet["time"].dt.month != 2])
    assert told(findings(done)) == [("2026-02", "no_data", None)]
    assert "1,500 were due" in findings(done)[0].verdict.reason


def test_a_month_of_unusable_rows_says_why(with_march: Callable[[Change], MonitoringRun]) -> None:
    done = with_march(columns(score=lambda m: m["score"] + 1))
    assert told(findings(done)) == [(MARCH, "no_data", None)]
    assert "every row was set aside (1,500 probability outside [0, 1])" in findings(done)[0].verdict.reason


def test_days_off_are_no_days_without_data(tmp_path: Path) -> None:
    days = log(np.random.default_rng(5), windows=40, per_window=150, reference=2_000, window="day")
    weekend = (days["split"] == "live") & (days["time"].dt.day_of_week >= 5)
    days = days[~weekend]
    assert findings(monitored(tmp_path, days, window="day")) == []
    gone = days["time"].dt.strftime("%Y-%m-%d") == "2026-02-03"
    assert told(findings(monitored(tmp_path, days[~gone], window="day"))) == [("2026-02-03", "no_data", None)]


def test_a_copy_of_another_month_is_found_whatever_its_ids(quiet: pd.DataFrame, tmp_path: Path) -> None:
    copy = quiet[(quiet["split"] == "live") & (quiet["time"].dt.month == 1)].copy()
    copy["id"], copy["label"] = copy["id"] + 1_000_000, np.nan
    copy["time"] += pd.Timedelta(days=59)
    done = monitored(tmp_path, pd.concat([quiet[quiet["time"].dt.month < 3], copy]))
    assert told(findings(done)) == [(MARCH, "duplicated_batch", None)]
    assert "March 2026 is January 2026 again" in findings(done)[0].verdict.reason


def test_few_flags_agree_by_chance(tmp_path: Path) -> None:
    """Two windows of two flags agree to the row now and then: that proves no copy."""
    text = MODEL.format(window="month", numeric=["flag"], categorical=[]).replace("{{", "{").replace("}}", "}")
    given = log(np.random.default_rng(6), windows=2, per_window=200, reference=400)
    given["flag"], given["score"] = np.arange(len(given)) % 2, np.arange(len(given)) % 2
    assert findings(monitored(tmp_path, given, text=text)) == []


def test_a_column_that_stops_moving_in_a_steady_population(quiet: pd.DataFrame, tmp_path: Path) -> None:
    """The same people every month: their region never moves, their balance did until the feed stopped."""
    months = [quiet[(quiet["split"] == "live") & (quiet["time"].dt.month == at)].copy() for at in (1, 2, 3)]
    for month in months[1:]:
        month["region"] = months[0]["region"].to_numpy()
    still = [*months[:2], months[2].assign(balance=months[1]["balance"].to_numpy())]
    reference = quiet[quiet["split"] == "reference"]
    assert findings(monitored(tmp_path, pd.concat([reference, *months]))) == []
    found = findings(monitored(tmp_path, pd.concat([reference, *still])))
    assert told(found) == [(MARCH, "frozen_column", "balance")]
    assert "its counts are those of February 2026 to the last bin" in found[0].verdict.reason


@pytest.mark.parametrize(("windows", "per_window", "reference"), [(60, 120, 400), (40, 600, 3_000)])
def test_nothing_is_found_where_nothing_happens(windows: int, per_window: int, reference: int, tmp_path: Path) -> None:
    """100 windows of 14 columns: no finding at all."""
    given = log(
        np.random.default_rng(per_window), windows=windows, per_window=per_window, reference=reference, window="day"
    )
    done = monitored(tmp_path, given, window="day")
    assert findings(done) == []
    looked = [each.verdict.level for each in done.results if each.measurement.metric == "silent_failures"]
    assert looked == [Level.GREEN] * windows
    assert len(NUMERIC) + len(CATEGORICAL) == 13


def test_rows_from_the_future_are_set_aside_and_make_no_window(quiet: pd.DataFrame, tmp_path: Path) -> None:
    """The clock says 1 November 2026: the 2nd may be, somewhere on Earth; the 3rd may not."""
    given = quiet.copy()
    for at, moment in ((-1, "2026-11-02 23:59"), (-2, "2026-11-03 00:00"), (-3, "2062-03-01 00:00")):
        given.loc[given.index[at], "time"] = pd.Timestamp(moment)
    done = monitored(tmp_path, given)
    assert done.run["quarantine"] == {"time in the future": 2}
    assert done.run["rows_in"] == len(given)
    assert [each["window"] for each in done.run["windows"]][-1] == "2026-11"
    found = [each for each in findings(done) if each.measurement.metric == "future_time"]
    assert [(each.window.label, each.verdict.level) for each in found] == [("2026-11", Level.AMBER)]
    assert "2 of 4,500 rows of the log have a time in the future" in found[0].verdict.reason


def test_a_file_of_one_month_in_the_future_is_no_log(quiet: pd.DataFrame, tmp_path: Path) -> None:
    given = quiet.copy()
    given.loc[given["split"] == "live", "time"] += pd.Timedelta(days=365)
    with pytest.raises(LogError, match="no usable row: 4500 time in the future; row 4001 has time = '2027-01-01"):
        monitored(tmp_path, given)
