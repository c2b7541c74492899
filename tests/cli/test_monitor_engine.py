"""`monitor --engine URL`: tables of a warehouse give the results that files give, and are read every time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    from tests.cli.conftest import Keyboard


def figures(answer: dict[str, Any]) -> list[tuple[Any, ...]]:
    keys = ("window", "metric", "column", "segment", "estimate", "n", "verdict")
    return sorted(tuple(str(each[key]) for key in keys) for each in answer["results"])


def test_a_warehouse_gives_what_files_give(keyboard: Keyboard) -> None:
    base = keyboard.folder / "warehouse.duckdb"
    with duckdb.connect(str(base)) as connection:
        for name, files in (("log", "log/*.parquet"), ("first", "reference.parquet")):
            connection.execute(f"create table {name} as from read_parquet('{keyboard.folder / files}')")
    words = ["--engine", f"duckdb://{base}", "--log", "log", "--reference", "first"]
    counted = keyboard.monitor(*words)
    assert counted["run"]["engine"] == "duckdb"
    assert figures(counted) == figures(keyboard.monitor(*keyboard.log, "--dry-run"))
    again = keyboard.monitor(*words)
    assert again["run"]["taken_over"] == {}
    assert keyboard.holds()
    assert figures(keyboard.monitor("--from-profiles")) == figures(counted)


def test_a_warehouse_is_asked_for_one_table_a_side(keyboard: Keyboard) -> None:
    refused = keyboard.monitor("--engine", "duckdb://x", "--log", "one", "two", "--dry-run", code=2)
    assert "one table a side" in refused["what"]
    assert "There is no engine" in keyboard.monitor("--engine", "abacus", "--log", "one", code=2)["what"]
