"""A small loan log with known faults of its own making, written where a test wants it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from plumbline.domain.log_spec import LogSpec, Task, parse_log
from plumbline.domain.toml_table import Table

Columns = dict[str, Any]
START = np.datetime64("2026-01-01T00:00:00", "us")


@pytest.fixture
def loans() -> Callable[..., Columns]:
    """Columns of `rows` loans; the first tenth is the reference, the rest spreads over `days` days."""

    def make(rows: int = 2_000, *, seed: int = 7, days: int = 90, first_id: int = 0) -> Columns:
        rng = np.random.default_rng(seed)
        score = rng.beta(2, 6, rows)
        label = (rng.random(rows) < score).astype(np.float64)
        label[rng.random(rows) < 0.1] = np.nan
        seconds = np.sort(rng.integers(0, days * 86_400, rows))
        return {
            "id": np.array([f"L{first_id + at:06d}" for at in range(rows)]),
            "event_time": START + seconds.astype("timedelta64[s]"),
            "score": score,
            "label": label,
            "split": np.where(np.arange(rows) < rows // 4, "reference", "production"),
            "income": np.where(rng.random(rows) < 0.05, np.nan, rng.lognormal(10, 1, rows)),
            "dependants": rng.poisson(2, rows),
            "sector": rng.choice(["farm", "shop", "office"], rows, p=[0.5, 0.3, 0.2]),
            "sex": rng.choice(["F", "M"], rows),
            "approved": rng.integers(0, 2, rows),
        }

    return make


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., str]:
    """Write columns as Parquet (NaN in a label stays NaN, None becomes null); the path comes back."""

    def save(columns: Columns, name: str = "log.parquet") -> str:
        path = tmp_path / name
        pq.write_table(pa.table({key: pa.array(values) for key, values in columns.items()}), path)
        return str(path)

    return save


@pytest.fixture
def spec() -> Callable[..., LogSpec]:
    """`[log]` of the small loan log, with changes; a key set to None is left out."""

    def make(task: Task = Task.BINARY, **changes: Any) -> LogSpec:
        raw: dict[str, Any] = {
            "id": "id",
            "timestamp": "event_time",
            "score": "score",
            "label": "label",
            "decision": {"threshold": 0.3},
            "window": "month",
            "reference": {"column": "split", "equals": "reference"},
            "numeric": ["income", "dependants"],
            "categorical": ["sector"],
            "segments": ["sector"],
            "groups": ["sex"],
        } | changes
        kept = {key: value for key, value in raw.items() if value is not None}
        return parse_log(Table(kept, file="model.toml", path="[log]"), task, ())

    return make
