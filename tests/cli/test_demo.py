"""`plumbline demo`: its progress bar and its refusal; what it builds is held by tests/demo."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from plumbline.cli.demo import bar
from plumbline.cli.main import main
from plumbline.policy.load import load_policy
from plumbline.services import governance
from plumbline.services.context import Context
from plumbline.store.database import Store
from plumbline.workflow import commands as c
from plumbline.workflow.people import SYSTEM


def test_bar_fills_and_ends_its_line_when_done(capsys: pytest.CaptureFixture[str]) -> None:
    bar(1, 4, "prepared retail-pd")
    bar(4, 4, "done")
    half, whole = capsys.readouterr().err.split("\r")[1:]
    assert "25 %" in half
    assert not half.endswith("\n")
    assert whole.endswith("\n")
    assert "." not in whole.split("]")[0]


def test_store_with_people_is_refused(
    tmp_path: Path, clock: Callable[[], datetime], capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "own.duckdb"
    store = Store.open(path, clock=clock)
    ctx = Context(store, clock, lambda: "1", load_policy())
    governance.handle(ctx, c.AddPerson(user_id="a.b", name="A B", password_hash="x"), SYSTEM)
    store.close()
    assert main(["demo", "--store", str(path)]) == 2
    assert "already holds" in capsys.readouterr().err
