"""A registered model with its owner at the keyboard, and monthly files of its log."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.first_steps import settled, sit_down_as

from plumbline.cli.main import main
from plumbline.domain.people import Role
from plumbline.store.database import Cursor, Store

MODEL = """
[model]
id = "loans"
name = "Loans"
purpose = "Ranks loans"
owner = "ana.ito"
family = "credit_pd"
task = "binary"
[version]
id = "1.0"
[log]
id = "id"
timestamp = "when"
score = "score"
label = "label"
decision = { threshold = 0.5 }
window = "WINDOW"
numeric = ["income"]
segments = ["sector"]
"""
ROWS = 1_500


@dataclass
class Keyboard:
    """Where the owner types: files are written to `folder`, `monitor` runs the verb and answers with its JSON."""

    folder: Path
    model: Path
    store: Path
    capsys: pytest.CaptureFixture[str]
    clock: Callable[..., Any]

    def month(self, number: int, *, seed: int = 0, rows: int = ROWS) -> Path:
        """Month 0 is the reference, December 2025; the others follow."""
        rng = np.random.default_rng(seed or 10 + number)
        days = np.sort(rng.integers(0, 28, rows)).astype("timedelta64[D]")
        score = np.clip(rng.beta(2, 4, rows) + (0.1 if number == 2 else 0.0), 0, 1)
        table = {
            "id": np.arange(rows) + 10_000 * number,
            "when": np.datetime64("2025-12", "M").astype("datetime64[us]") + np.timedelta64(31 * number, "D") + days,
            "score": score,
            "label": (rng.random(rows) < score).astype(int),
            "income": rng.lognormal(10, 1, rows),
            "sector": rng.choice(["farm", "shop"], rows),
        }
        path = self.folder / ("reference.parquet" if number == 0 else f"log/month{number}.parquet")
        path.parent.mkdir(exist_ok=True)
        pq.write_table(pa.table(table), path)
        return path

    @property
    def log(self) -> list[str]:
        return ["--log", str(self.folder / "log"), "--reference", str(self.folder / "reference.parquet")]

    def monitor(self, *words: str, code: int = 0) -> dict[str, Any]:
        assert main(["monitor", str(self.model), "--json", *words]) == code
        answer: dict[str, Any] = json.loads(self.capsys.readouterr().out)
        return answer

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        store = Store.open(self.store, clock=self.clock)
        try:
            with store.read() as cursor:
                return _all(cursor, query)
        finally:
            store.close()

    def holds(self) -> bool:
        code = main(["verify"])
        self.capsys.readouterr()
        return code == 0


def _all(cursor: Cursor, query: str) -> list[tuple[Any, ...]]:
    return cursor.execute(query).fetchall()


@pytest.fixture(scope="session")
def made_once() -> dict[str, bytes]:
    """Stores as they stand before the first run, by window: hashing three passwords takes seconds."""
    return {}


@pytest.fixture
def sit_down(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    clock: Callable[..., Any],
    made_once: dict[str, bytes],
) -> Callable[..., Keyboard]:
    """The store, its people, and the model registered by its verb."""

    def made(window: str = "month") -> Keyboard:
        model, store = tmp_path / "model.toml", tmp_path / "store.duckdb"
        model.write_text(MODEL.replace("WINDOW", window))
        monkeypatch.setenv("PLUMBLINE_STORE", str(store))
        if window in made_once:
            store.write_bytes(made_once[window])
        else:
            settled(store, {"ana.ito": Role.MODEL_OWNER, "bo.lund": Role.MODEL_OWNER})
            set_up(model, monkeypatch, capsys)
            made_once[window] = store.read_bytes()
        sit_down_as(monkeypatch, "ana.ito")
        return Keyboard(tmp_path, model, store, capsys, clock)

    return made


def set_up(model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    sit_down_as(monkeypatch, "ana.ito")
    assert main(["register", str(model)]) == 0
    capsys.readouterr()


@pytest.fixture
def keyboard(sit_down: Callable[..., Keyboard]) -> Keyboard:
    """A desk with a reference and two months."""
    found = sit_down()
    for number in range(3):
        found.month(number)
    return found
