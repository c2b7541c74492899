"""`plumbline monitor --segment`: a segment's own columns, told, kept and proved."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from plumbline.cli.main import main

if TYPE_CHECKING:
    from tests.cli.conftest import Keyboard


@pytest.fixture
def keyboard(sit_down: Callable[[], Keyboard]) -> Keyboard:
    """A reference and two months; nothing is red in either."""
    made = sit_down()
    for number in range(3):
        made.month(number)
    return made


def test_the_columns_of_a_segment_are_counted_and_kept(keyboard: Keyboard, monkeypatch: pytest.MonkeyPatch) -> None:
    keyboard.monitor(*keyboard.log)
    told = keyboard.monitor(*keyboard.log, "--segment", "sector=farm")
    assert [window["window"] for window in told["windows"]] == ["2026-02"], "nothing is red: the newest is kept"
    assert {each["column"] for each in told["windows"][0]["columns"]} == {"income", "score", "label"}
    [(rows,)] = keyboard.rows("select count(*) from event where action = 'segment_drift_recorded'")
    assert rows == 1
    assert keyboard.holds()
    monkeypatch.setenv("PLUMBLINE_USER", "bo.lund")
    assert keyboard.monitor(*keyboard.log, "--segment", "sector=farm", code=2)["error"] == "NotAuthorised"


def test_a_dry_run_tells_it_to_a_person(keyboard: Keyboard, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["monitor", str(keyboard.model), *keyboard.log, "--segment", "sector=shop", "--dry-run"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("loans 1.0, sector = shop: ")
    assert lines[0].endswith(" rows of the reference, 2 windows.")
    assert [line[:7] for line in lines if line.endswith(" rows:")] == ["2026-02", "2026-01"], "the newest first"
    assert sum("  income " in line for line in lines) == 2


@pytest.mark.parametrize("words", [("farm",), ("sector=",), ("sector=farm", "--from-profiles"), ("farming=farm",)])
def test_what_names_no_segment_to_count_is_refused(words: tuple[str, ...], keyboard: Keyboard) -> None:
    log = () if "--from-profiles" in words else keyboard.log
    assert keyboard.monitor(*log, "--segment", *words, code=2)["error"] == "LogError"
