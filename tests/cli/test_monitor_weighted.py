"""`monitor` where rows count by weight: naming one counts anew, and what is stored is judged and taken over with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.cli.test_monitor_again import results

if TYPE_CHECKING:
    from tests.cli.conftest import Keyboard


def weigh(keyboard: Keyboard) -> None:
    text = keyboard.model.read_text()
    keyboard.model.write_text(text.replace('window = "', 'weight = "income"\nwindow = "'))


def figure(answer: dict[str, Any], metric: str) -> dict[str, Any]:
    [found] = [
        each for each in answer["results"]
        if (each["window"], each["metric"], each["column"], each["segment"]) == ("2026-01", metric, None, None)
    ]  # fmt: skip
    return dict(found)


def test_a_weight_counts_anew_and_is_kept_with_the_profiles(keyboard: Keyboard) -> None:
    plain = keyboard.monitor(*keyboard.log)
    weigh(keyboard)
    first = keyboard.monitor(*keyboard.log)
    assert first["run"]["taken_over"] == {}
    assert "Figures are by weight (income); numbers of rows count every row once." in first["run"]["notes"]
    assert figure(first, "base_rate")["n"] == figure(plain, "base_rate")["n"] == 1_500
    assert figure(first, "base_rate")["estimate"] != figure(plain, "base_rate")["estimate"]
    assert figure(first, "row_count")["estimate"] == 1_500
    again = keyboard.monitor("--from-profiles")
    assert results(again) == results(first)
    keyboard.month(3)
    second = keyboard.monitor(*keyboard.log)
    assert sorted(second["run"]["taken_over"]) == ["2026-01", "2026-02", "reference"]
    full = keyboard.monitor(*keyboard.log, "--dry-run")
    assert (results(second), second["profile"]) == (results(full), full["profile"])
    assert keyboard.holds()


def test_stored_months_are_merged_by_weight(keyboard: Keyboard) -> None:
    weigh(keyboard)
    keyboard.monitor(*keyboard.log)
    merged = keyboard.monitor("--from-profiles", "--window", "year", "--dry-run")
    keyboard.model.write_text(keyboard.model.read_text().replace('window = "month"', 'window = "year"'))
    counted = keyboard.monitor(*keyboard.log, "--dry-run")
    assert merged["profile"]["windows"]["2026"]["rows"] == 3_000
    assert results(merged) == results(counted)
