"""A run that dies while it writes leaves whole windows or nothing: the run before it stands, and proves itself."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from tests.first_steps import settled, sit_down_as

from plumbline.cli.main import main
from plumbline.domain.people import Role
from plumbline.store.database import Store

MODEL = """
[model]
id = "m"
name = "M"
purpose = "Ranks loans"
owner = "ana.ito"
family = "credit_pd"
task = "binary"
[version]
id = "1"
[log]
id = "id"
timestamp = "when"
score = "score"
label = "label"
reference = { column = "split", equals = "reference" }
numeric = ["income"]
"""
# Killed where it hurts most: profiles and results of the new window are written, the transaction is still open.
KILLED = """
import os, signal, sys
from plumbline.cli.main import main
from plumbline.store import accounts
accounts.insert_account = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
main(sys.argv[1:])
"""


def test_a_killed_second_run_leaves_the_first_intact(
    sound: dict[str, list[object]],
    save: Callable[..., str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    clock: Callable[[], datetime],
) -> None:
    store, model = tmp_path / "store.duckdb", tmp_path / "model.toml"
    model.write_text(MODEL)
    monkeypatch.setenv("PLUMBLINE_STORE", str(store))
    settled(store, {"ana.ito": Role.MODEL_OWNER})
    sit_down_as(monkeypatch, "ana.ito")
    assert main(["register", str(model)]) == 0
    first = ["monitor", str(model), "--log", save(sound, "a.parquet")]
    assert main(first) == 0
    before = held(store, clock)
    later = sound | {"id": [f"x{at}" for at in range(400)], "split": ["production"] * 400}
    later["when"] = ["2026-03-05T10:00:00Z"] * 400
    second = [*first, save(later, "b.parquet")]
    died = subprocess.run([sys.executable, "-c", KILLED, *second], capture_output=True, text=True, check=False)
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert held(store, clock) == before
    assert main(["verify"]) == 0
    assert main(second) == 0
    assert [window for _, window in held(store, clock)][-1] == "2026-03"
    assert main(["verify"]) == 0


def held(path: Path, clock: Callable[[], datetime]) -> list[tuple[str, str]]:
    store = Store.open(path, clock=clock)
    try:
        with store.read() as cursor:
            of = 'select run_id, "window" from'
            return cursor.execute(f"{of} result group by all union {of} profile order by all").fetchall()
    finally:
        store.close()
